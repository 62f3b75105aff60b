// The command table and the way from a command's name to its entry.
#include "command/table.hpp"

#include <algorithm>
#include <cassert>

namespace valkeyxx {

namespace {

// The short names of table.gen.inc.
using flag = command_flags;
using key = key_flags;
constexpr auto at = key_begin::at;
constexpr auto after = key_begin::after;
constexpr auto range = key_extent::range;
constexpr auto counted = key_extent::counted;

#include "command/table.gen.inc"

constexpr std::size_t entry_count = std::size(entries);

constexpr bool in_order_of_id() {
    for (std::size_t i = 0; i < entry_count; ++i) {
        if (static_cast<std::size_t>(entries[i].id) != i) return false;
    }
    return true;
}
static_assert(in_order_of_id(), "info_of() takes the id for the index");

constexpr std::size_t longest_word() {
    std::size_t longest = 0;
    for (const listed_command& entry : entries) longest = std::max(longest, entry.name.size());
    return longest;
}

constexpr char upper(char c) noexcept {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
}

/// FNV-1a over the upper-case word; start from a first word's hash for the second.
constexpr std::uint32_t hash(std::string_view word, std::uint32_t start = 2166136261u) noexcept {
    for (const char c : word) start = (start ^ static_cast<unsigned char>(upper(c))) * 16777619u;
    return start;
}

constexpr std::string_view first_word(const listed_command& entry) {
    return entry.name.substr(0, std::min(entry.name.find(' '), entry.name.size()));
}

constexpr std::string_view second_word(const listed_command& entry) {
    return entry.words == 2 ? entry.name.substr(first_word(entry).size() + 1) : std::string_view{};
}

/// Open addressing: an entry's index stands in the first free place from its hash on. Index 0, `raw`, marks a free
/// place.
constexpr std::size_t index_size = 1024;
static_assert(entry_count < index_size / 2, "a fuller index makes the searches long; double it");

constexpr std::size_t place_of(std::uint32_t hash) {
    return (hash ^ (hash >> 16)) % index_size;
}

constexpr auto index = [] {
    std::array<std::uint16_t, index_size> places{};
    for (std::size_t i = 1; i < entry_count; ++i) {
        std::size_t place = place_of(hash(second_word(entries[i]), hash(first_word(entries[i]))));
        while (places[place] != 0) place = (place + 1) % index_size;
        places[place] = static_cast<std::uint16_t>(i);
    }
    return places;
}();

const listed_command* search(std::uint32_t hash, std::string_view first, std::string_view second) noexcept {
    for (std::size_t place = place_of(hash); index[place] != 0; place = (place + 1) % index_size) {
        const listed_command& entry = entries[index[place]];
        if (same_word(first_word(entry), first) && same_word(second_word(entry), second)) return &entry;
    }
    return nullptr;
}

}  // namespace

bool same_word(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return upper(x) == upper(y); });
}

constinit const listed_command* const detail::command_entries = entries;

const listed_command* find_command(std::string_view name, std::string_view first_arg) noexcept {
    constexpr std::size_t longest = longest_word();
    if (name.empty() || name.size() > longest) return nullptr;
    const std::uint32_t name_hash = hash(name);
    const listed_command* found = search(name_hash, name, {});
    if (found == nullptr || !found->has_subcommands || first_arg.empty()) return found;
    if (first_arg.size() > longest) return nullptr;
    return search(hash(first_arg, name_hash), name, first_arg);
}

std::span<const listed_command> command_table() noexcept {
    return std::span{entries}.subspan(1);
}

std::string_view table_version() noexcept {
    return server_version;
}

std::string_view newer_table_version() noexcept {
    return newer_server_version;
}

bool reads_only_its_keys(const listed_command& command) noexcept {
    // The time that is left, of which the tips do not tell; and TOUCH, which is sent for what it does.
    switch (command.id) {
        case command_id::httl:
        case command_id::hpttl:
        case command_id::touch:
            return false;
        default:
            break;
    }
    const bool all_told = std::all_of(command.keys.begin(), command.keys.end(), [](const key_spec& spec) {
        return spec.begin.how != key_begin::kind::unknown && !has(spec.flags, key_flags::incomplete);
    });
    return command.has(command_flags::readonly) && !command.has(command_flags::no_mandatory_keys) &&
           !command.has(command_tips::nondeterministic_output) && !command.keys.empty() && all_told;
}

std::string request_name(const listed_command& command, std::string_view bytes) {
    if (&command != &info_of(command_id::raw)) return std::string{command.name};
    // *N\r\n$L\r\nNAME\r\n
    const auto start = bytes.find("\r\n", bytes.find('$')) + 2;
    return std::string{bytes.substr(start, bytes.find("\r\n", start) - start)};
}

repeatable repeat_class(const listed_command& command, std::span<const std::string_view> args) noexcept {
    for (std::size_t i = command.stricter.from; i < args.size(); ++i) {
        std::string_view words = command.stricter.words;
        while (!words.empty()) {
            const std::size_t end = std::min(words.find(' '), words.size());
            if (same_word(words.substr(0, end), args[i])) return command.stricter.repeat;
            words.remove_prefix(std::min(end + 1, words.size()));
        }
    }
    return command.repeat;
}

}  // namespace valkeyxx
