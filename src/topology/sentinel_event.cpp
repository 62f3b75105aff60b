#include "topology/sentinel_event.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

namespace valkeyxx::topology {
namespace {

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    while (!text.empty() && words.size() < 16) {
        const auto end = std::min(text.find(' '), text.size());
        if (end > 0) words.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

// "+switch-master": NAME OLD-HOST OLD-PORT HOST PORT. All others: TYPE NAME HOST PORT, and, unless it is about the
// primary itself, "@ NAME HOST PORT" of its primary.
std::string_view service_of(std::string_view channel, const std::vector<std::string_view>& words) {
    if (channel == "+switch-master") return words.empty() ? std::string_view{} : words[0];
    const auto at = std::find(words.begin(), words.end(), "@");
    if (at != words.end()) return at + 1 != words.end() ? *(at + 1) : std::string_view{};
    return words.size() > 1 && words[0] == "master" ? words[1] : std::string_view{};
}

std::optional<endpoint> address_at(const std::vector<std::string_view>& words, std::size_t host) {
    if (words.size() < host + 2) return std::nullopt;
    std::uint16_t port = 0;
    const std::string_view digits = words[host + 1];
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (failure != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return endpoint{.host = std::string{words[host]}, .port = port};
}

}  // namespace

sentinel_event read_sentinel_event(reply_view push, std::string_view service) {
    using kind = enum sentinel_event::kind;
    if (!push.is_aggregate() || push.size() != 3 || push[0].text() != "message") return {};
    const auto channel = push[1].text();
    const auto words = words_of(push[2].text());
    if (service_of(channel, words) != service) return {};
    if (channel == "+switch-master") return {.kind = kind::switched, .primary = address_at(words, 3)};
    if (channel == "+promoted-slave") return {.kind = kind::switched, .primary = address_at(words, 2)};
    return {.kind = channel == "+config-update-from" ? kind::switched : kind::changed};
}

}  // namespace valkeyxx::topology
