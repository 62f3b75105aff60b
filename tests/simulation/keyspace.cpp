#include "keyspace.hpp"

#include <algorithm>
#include <set>

namespace valkeyxx::simulation {
namespace {

// For each slot a text whose hash is in it, found once for all runs.
const std::vector<std::string>& tags() {
    static const std::vector<std::string> all = [] {
        std::vector<std::string> found(slot_count);
        std::size_t missing = slot_count;
        for (std::uint32_t n = 0; missing != 0; ++n) {
            std::string text = std::to_string(n);
            std::string& place = found[key_slot(text)];
            if (place.empty()) {
                place = std::move(text);
                --missing;
            }
        }
        return found;
    }();
    return all;
}

}  // namespace

keyspace::keyspace(dice& random, std::size_t chunks, std::size_t keys) {
    std::set<std::uint16_t> firsts{0};
    while (firsts.size() < chunks) {
        const auto slot = random.between<std::uint16_t>(0, slot_count - 2);
        firsts.insert(slot);
        if (random.percent(25)) firsts.insert(static_cast<std::uint16_t>(slot + 1));  // a chunk of a single slot
    }
    for (auto it = firsts.begin(); it != firsts.end(); ++it) {
        const auto next = std::next(it);
        const auto last = static_cast<std::uint16_t>((next == firsts.end() ? slot_count : *next) - 1);
        std::fill(chunk_of_.begin() + *it, chunk_of_.begin() + last + 1, static_cast<chunk_index>(chunks_.size()));
        chunks_.push_back({*it, last, {}});
    }
    keys_.reserve(std::max(keys, chunks_.size()));
    const auto some_content = [&] { return static_cast<content>(random.below(3)); };
    for (const chunk& c : chunks_) add_key(random.between(c.first, c.last), some_content());
    while (keys_.size() < keys) {
        // Some share a slot with another one.
        const std::uint16_t slot =
            random.percent(50) ? random.one_of(keys_).slot : random.between<std::uint16_t>(0, slot_count - 1);
        add_key(slot, some_content());
    }
    for (std::size_t i = 0; i < keys_.size(); ++i) by_name_[keys_[i].name] = i;
}

void keyspace::add_key(std::uint16_t slot, content holds) {
    static constexpr std::array<const char*, 3> prefix{"text", "list", "count"};
    std::string tag = "{" + tags()[slot] + "}";
    const std::size_t number = keys_.size();
    keys_.push_back({.name = prefix[static_cast<std::size_t>(holds)] + tag + std::to_string(number),
                     .tag = std::move(tag),
                     .holds = holds,
                     .slot = slot,
                     .chunk = chunk_of_[slot]});
    chunks_[chunk_of_[slot]].keys.push_back(number);
}

std::size_t keyspace::find(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? none : found->second;
}

}  // namespace valkeyxx::simulation
