// Replies for tests of the pure rooms: written out as RESP, read by the real decoder.
//
//   value v = reply_from(array({integer(0), integer(99), array({bulk("10.0.0.1"), integer(7000)})}));
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>

#include "resp/decoder.hpp"

#include <valkeyxx/value.hpp>

namespace valkeyxx::testing {

inline std::string bulk(std::string_view text) {
    return "$" + std::to_string(text.size()) + "\r\n" + std::string{text} + "\r\n";
}

inline std::string integer(std::int64_t n) {
    return ":" + std::to_string(n) + "\r\n";
}

inline std::string null() {
    return "$-1\r\n";
}

inline std::string array(std::initializer_list<std::string> items) {
    std::string all = "*" + std::to_string(items.size()) + "\r\n";
    for (const std::string& item : items) all += item;
    return all;
}

/// The request that these words make on the wire.
inline std::string request(std::initializer_list<std::string_view> words) {
    std::string all = "*" + std::to_string(words.size()) + "\r\n";
    for (const std::string_view word : words) all += bulk(word);
    return all;
}

/// The one reply that `wire` holds, owning its bytes.
inline value reply_from(std::string_view wire) {
    // Bytes of its own: nothing of the reply may depend on the caller's text once it is copied.
    const std::string bytes{wire};
    resp::decoder decoder;
    EXPECT_EQ(decoder.parse(bytes), resp::decoder::status::ready) << wire << decoder.problem();
    EXPECT_EQ(decoder.consumed(), bytes.size()) << wire;
    return value{decoder.reply()};
}

}  // namespace valkeyxx::testing
