#include "request_reader.hpp"

#include <charconv>
#include <cstdio>
#include <cstdlib>

namespace valkeyxx::simulation {

bool request_reader::header(char type, std::size_t& at, std::size_t& number) const {
    const auto end = bytes_.find("\r\n", at);
    if (end == std::string_view::npos) return false;
    const auto [last, failure] = std::from_chars(bytes_.data() + at + 1, bytes_.data() + end, number);
    if (bytes_[at] != type || failure != std::errc{} || last != bytes_.data() + end) {
        std::fprintf(stderr, "the client sent bytes that are no request: %.*s\n", static_cast<int>(bytes_.size() - at),
                     bytes_.data() + at);
        std::abort();
    }
    at = end + 2;
    return true;
}

const std::vector<std::string_view>* request_reader::next() {
    std::size_t at = consumed_;
    std::size_t count = 0;
    if (at == bytes_.size() || !header('*', at, count)) return nullptr;
    words_.clear();
    for (std::size_t i = 0; i < count; ++i) {
        std::size_t size = 0;
        if (at == bytes_.size() || !header('$', at, size)) return nullptr;
        if (bytes_.size() - at < size + 2) return nullptr;
        words_.push_back(bytes_.substr(at, size));
        at += size + 2;
    }
    consumed_ = at;
    return &words_;
}

}  // namespace valkeyxx::simulation
