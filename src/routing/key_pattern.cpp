#include "routing/key_pattern.hpp"

#include <valkeyxx/slot.hpp>

namespace valkeyxx::routing {
namespace {

// What is in front of the first special character.
std::string_view literal_part(std::string_view glob) noexcept {
    return glob.substr(0, glob.find_first_of("*?[\\"));
}

}  // namespace

std::optional<std::uint16_t> slot_of_pattern(std::string_view glob) noexcept {
    const std::string_view literal = literal_part(glob);
    if (literal.size() == glob.size()) return key_slot(glob);
    // A tag that is whole before the first special character is the tag of every key that matches.
    const auto open = literal.find('{');
    if (open == std::string_view::npos) return std::nullopt;
    const auto close = literal.find('}', open + 1);
    if (close == std::string_view::npos || close == open + 1) return std::nullopt;
    return key_slot(literal);
}

bool may_match_notifications(std::string_view glob) noexcept {
    const std::string_view literal = literal_part(glob);
    const auto may_begin = [&](std::string_view prefix) {
        return literal.starts_with(prefix) || (literal.size() < glob.size() && prefix.starts_with(literal));
    };
    return may_begin("__keyspace@") || may_begin("__keyevent@");
}

}  // namespace valkeyxx::routing
