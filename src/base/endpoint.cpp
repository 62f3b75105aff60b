#include <valkeyxx/endpoint.hpp>

#include <charconv>

namespace valkeyxx {

std::string endpoint::text() const {
    const bool bare_v6 = host.find(':') != std::string::npos;
    return (bare_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::optional<endpoint> parse_endpoint(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    auto host = text.substr(0, colon);
    const auto digits = text.substr(colon + 1);
    std::uint16_t port = 0;
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (failure != std::errc{} || end != digits.data() + digits.size() || port == 0) return std::nullopt;
    if (host.size() >= 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    return endpoint{.host = std::string{host}, .port = port};
}

}  // namespace valkeyxx
