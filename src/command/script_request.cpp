#include "command/script_request.hpp"

#include <charconv>

namespace valkeyxx {
namespace {

// Past the next line's end.
std::size_t line_end(std::string_view bytes, std::size_t from) {
    return bytes.find("\r\n", from) + 2;
}

}  // namespace

// *N\r\n $4\r\nEVAL\r\n (or $7\r\nEVAL_RO\r\n) $L\r\nscript\r\n ...
script_request::script_request(std::string_view bytes)
    : whole_{bytes.substr(0, bytes.size() - digest_size)}, digest_{bytes.substr(bytes.size() - digest_size)} {
    const auto count_end = line_end(bytes, 0);
    const auto name_at = line_end(bytes, count_end);
    const auto name_end = line_end(bytes, name_at);
    const auto script_at = line_end(bytes, name_end);
    std::size_t length = 0;
    std::from_chars(bytes.data() + name_end + 1, bytes.data() + script_at - 2, length);
    const bool reads_only = name_end - name_at == std::string_view{"EVAL_RO\r\n"}.size();
    head_ = bytes.substr(0, count_end);
    head_ += reads_only ? "$10\r\nEVALSHA_RO\r\n$40\r\n" : "$7\r\nEVALSHA\r\n$40\r\n";
    tail_ = whole_.substr(script_at + length);
}

}  // namespace valkeyxx
