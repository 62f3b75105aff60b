#include "routing/fanout.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>

#include "resp/encoder.hpp"

#include <valkeyxx/slot.hpp>

namespace valkeyxx::routing {
namespace {

// What these do or tell concerns the connection they run on, which nobody but the client itself has a name for.
bool is_bound_to_connection(command_id id) noexcept {
    return id == command_id::client_setname || id == command_id::client_setinfo || id == command_id::wait ||
           id == command_id::waitaof;
}

// Reads the header ("*3\r\n", "$5\r\n") that starts at `at`, and moves `at` behind it.
std::size_t read_count(std::string_view request, std::size_t& at) {
    std::size_t count = 0;
    const char* const digits = request.data() + at + 1;
    const auto [end, problem] = std::from_chars(digits, request.data() + request.size(), count);
    at = static_cast<std::size_t>(end - request.data()) + 2;
    return count;
}

// A key with what belongs to it, as it stands in the request: "$1\r\nk\r\n", for MSET "$1\r\nk\r\n$5\r\nvalue\r\n".
struct entry {
    std::string_view bytes;
    std::uint16_t fragment;
};

}  // namespace

spread spread_without_slot(const command_facts& facts) noexcept {
    const listed_command& info = *facts.info;
    if (facts.route == key_route::cross_slot) {
        return facts.split && info.request == request_policy::multi_shard ? spread::slots : spread::one;
    }
    if (info.response == response_policy::special || is_bound_to_connection(info.id)) return spread::one;
    switch (info.request) {
        case request_policy::all_shards:
            return spread::primaries;
        case request_policy::all_nodes:
            return spread::nodes;
        case request_policy::none:
        case request_policy::multi_shard:
        case request_policy::special:
            break;
    }
    return spread::one;
}

std::vector<std::string_view> words_of(std::string_view request) {
    std::size_t at = 0;
    std::vector<std::string_view> words(read_count(request, at));
    for (std::string_view& word : words) {
        const std::size_t length = read_count(request, at);
        word = request.substr(at, length);
        at += length + 2;
    }
    return words;
}

std::vector<fragment> split_by_slot(std::string_view request, const command_facts& facts) {
    constexpr std::uint16_t none = 0xFFFF;
    static_assert(slot_count < none, "there are at most as many fragments as slots");
    // All commands of this kind have their keys from here to the end, evenly spaced.
    const key_spec& spec = facts.info->keys[0];
    const auto first = static_cast<std::size_t>(spec.begin.from);
    const auto step = static_cast<std::size_t>(spec.extent.step);

    const std::vector<std::string_view> words = words_of(request);
    std::vector<fragment> fragments;
    std::vector<entry> entries;
    entries.reserve((words.size() - first) / step + 1);
    struct extent {
        std::size_t words;
        std::size_t bytes;
    };
    std::vector<extent> extents;  // by fragment: of its entries
    std::vector<std::uint16_t> fragment_of(slot_count, none);
    for (std::size_t i = first; i < words.size(); i += step) {
        const std::uint16_t slot = key_slot(words[i]);
        if (fragment_of[slot] == none) {
            fragment_of[slot] = static_cast<std::uint16_t>(fragments.size());
            fragment& added = fragments.emplace_back();
            added.facts = facts;
            added.facts.slot = slot;
            added.facts.route = key_route::slot;
            added.facts.split = false;
            extents.push_back({.words = 0, .bytes = 0});
        }
        const std::uint16_t index = fragment_of[slot];
        // A word is followed by a line end, so the entry lies between the ends of two words.
        const std::string_view before = words[i - 1];
        const std::size_t next = std::min(i + step, words.size());  // the last key may lack its value
        const std::string_view last = words[next - 1];
        const char* const begin = before.data() + before.size() + 2;
        const char* const end = last.data() + last.size() + 2;
        fragments[index].places.push_back(static_cast<std::uint32_t>(entries.size()));
        entries.push_back({{begin, static_cast<std::size_t>(end - begin)}, index});
        extents[index].words += next - i;
        extents[index].bytes += static_cast<std::size_t>(end - begin);
    }

    for (std::size_t i = 0; i < fragments.size(); ++i) {
        const std::size_t count = facts.info->words + extents[i].words;
        std::string& bytes = fragments[i].bytes;
        bytes.reserve(resp::count_size(count) + facts.info->head.size() + extents[i].bytes);
        bytes.resize(resp::count_size(count));
        resp::put_count(bytes.data(), '*', count);
        bytes += facts.info->head;
    }
    for (const entry& e : entries) fragments[e.fragment].bytes += e.bytes;
    return fragments;
}

}  // namespace valkeyxx::routing
