// Parser of requests. It starts anew with each try, which is fine for a test's few bytes.
#include "support/request_reader.hpp"

#include <charconv>
#include <stdexcept>

namespace valkeyxx::testing {

std::optional<std::vector<std::string>> request_reader::next() {
    std::size_t at = 0;
    const auto count = read_count('*', at);
    if (!count) return std::nullopt;
    std::vector<std::string> words;
    while (words.size() < *count) {
        const auto size = read_count('$', at);
        if (!size || buffer_.size() < at + *size + 2) return std::nullopt;
        words.push_back(buffer_.substr(at, *size));
        at += *size + 2;
    }
    buffer_.erase(0, at);
    return words;
}

// "*3\r\n" or "$5\r\n" at `at`, which moves behind it.
std::optional<std::size_t> request_reader::read_count(char mark, std::size_t& at) const {
    const auto end = buffer_.find("\r\n", at);
    if (end == std::string::npos) return std::nullopt;
    std::size_t count = 0;
    const char* const last = buffer_.data() + end;
    const auto parsed = std::from_chars(buffer_.data() + at + 1, last, count);
    if (buffer_[at] != mark || parsed.ptr != last || parsed.ec != std::errc()) {
        throw std::runtime_error("not a request: " + buffer_.substr(at, 40));
    }
    at = end + 2;
    return count;
}

}  // namespace valkeyxx::testing
