// Replies in RESP, as servers write them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace valkeyxx::simulation::reply {

inline void simple(std::string& out, std::string_view text) {
    out.append("+").append(text).append("\r\n");
}
inline void error(std::string& out, std::string_view text) {
    out.append("-").append(text).append("\r\n");
}
inline void integer(std::string& out, std::int64_t n) {
    out.append(":").append(std::to_string(n)).append("\r\n");
}
inline void bulk(std::string& out, std::string_view text) {
    out.append("$").append(std::to_string(text.size())).append("\r\n").append(text).append("\r\n");
}
inline void array(std::string& out, std::size_t size) {
    out.append("*").append(std::to_string(size)).append("\r\n");
}
/// With `size` pairs; in RESP2 an array of twice as many.
inline void map(std::string& out, std::size_t size, int protocol) {
    if (protocol == 3) {
        out.append("%").append(std::to_string(size)).append("\r\n");
    } else {
        array(out, 2 * size);
    }
}
inline void null(std::string& out, int protocol) {
    out.append(protocol == 3 ? "_\r\n" : "$-1\r\n");
}

}  // namespace valkeyxx::simulation::reply
