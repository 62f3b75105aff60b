#include "routing/slot_tag.hpp"

#include <vector>

#include <valkeyxx/slot.hpp>

namespace valkeyxx::routing {
namespace {

std::vector<std::uint32_t> find_tags() {
    constexpr std::uint32_t none = 0xFFFF'FFFF;
    std::vector<std::uint32_t> tags(slot_count, none);
    std::size_t missing = tags.size();
    for (std::uint32_t n = 0; missing > 0; ++n) {
        auto& tag = tags[key_slot(std::to_string(n))];
        if (tag != none) continue;
        tag = n;
        --missing;
    }
    return tags;
}

}  // namespace

std::string slot_tag(std::uint16_t slot) {
    static const std::vector<std::uint32_t> tags = find_tags();
    return std::to_string(tags[slot]);
}

}  // namespace valkeyxx::routing
