#include "routing/key_pattern.hpp"

#include <valkeyxx/slot.hpp>

namespace valkeyxx::routing {

std::optional<std::uint16_t> slot_of_pattern(std::string_view glob) noexcept {
    const std::string_view literal = glob.substr(0, glob.find_first_of("*?[\\"));
    if (literal.size() == glob.size()) return key_slot(glob);
    // A tag that is whole before the first special character is the tag of every key that matches.
    const auto open = literal.find('{');
    if (open == std::string_view::npos) return std::nullopt;
    const auto close = literal.find('}', open + 1);
    if (close == std::string_view::npos || close == open + 1) return std::nullopt;
    return key_slot(literal);
}

}  // namespace valkeyxx::routing
