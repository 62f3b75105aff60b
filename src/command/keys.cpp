// Finds keys by the table's key specs, and by hand where the specs are known to fall short.
#include "command/keys.hpp"

#include <charconv>
#include <optional>

namespace valkeyxx {

namespace {

using words = std::span<const std::string_view>;
using positions_list = std::vector<std::uint32_t>;

void add(positions_list& positions, std::size_t at) {
    positions.push_back(static_cast<std::uint32_t>(at));
}

/// As strict as the server: no blank, plus sign, or leading zero. Negative numbers are none.
std::optional<std::size_t> count_from(std::string_view text) noexcept {
    if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
    std::size_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

// --- one key spec ----------------------------------------------------------------------------------------------------

/// The index right after the keyword; 0 if it is not there. A keyword with nothing behind it does not count.
std::size_t index_after(const key_begin& begin, words args) noexcept {
    const auto size = static_cast<std::ptrdiff_t>(args.size());
    const bool forward = begin.from > 0;
    for (std::ptrdiff_t i = forward ? begin.from : size + begin.from; forward ? i < size - 1 : i > 0;
         forward ? ++i : --i) {
        const auto here = static_cast<std::size_t>(i);
        if (here + 1 < args.size() && same_word(args[here], begin.keyword)) return here + 1;
    }
    return 0;
}

key_search add_range(const key_extent& extent, std::size_t first, std::size_t size, positions_list& positions) {
    std::size_t end = first + static_cast<std::size_t>(extent.last) + 1;
    if (extent.last < 0) {
        const std::size_t rest = size - first;
        const std::size_t share = extent.limit > 1 ? rest / static_cast<std::size_t>(extent.limit) : rest;
        const auto behind = static_cast<std::size_t>(-(extent.last + 1));  // arguments after the last key
        if (share <= behind) return key_search::malformed;
        // MSET k v k: a key whose value is missing. XREAD: a stream without its id.
        const auto group = static_cast<std::size_t>(extent.limit > 1 ? extent.limit : extent.step);
        if (behind == 0 && rest % group != 0) return key_search::malformed;
        end = first + share - behind;
    }
    if (end > size) return key_search::malformed;
    for (std::size_t i = first; i < end; i += static_cast<std::size_t>(extent.step)) add(positions, i);
    return key_search::found;
}

key_search add_counted(const key_extent& extent, std::size_t begin, words args, bool may_be_none,
                       positions_list& positions) {
    const std::size_t where = begin + static_cast<std::size_t>(extent.count);
    if (where >= args.size()) return key_search::malformed;
    const std::optional<std::size_t> count = count_from(args[where]);
    if (!count) return key_search::malformed;
    if (*count == 0) return may_be_none ? key_search::none : key_search::malformed;

    const std::size_t first = begin + static_cast<std::size_t>(extent.first);
    const auto step = static_cast<std::size_t>(extent.step);
    // Divided, not multiplied: the number is the caller's, and may be as big as it likes.
    if (first >= args.size() || (*count - 1) > (args.size() - 1 - first) / step) return key_search::malformed;
    for (std::size_t i = 0; i < *count; ++i) add(positions, first + i * step);
    return key_search::found;
}

key_search add_spec(const listed_command& command, const key_spec& spec, words args, positions_list& positions) {
    if (spec.begin.how == key_begin::kind::unknown || spec.extent.how == key_extent::kind::unknown ||
        has(spec.flags, key_flags::incomplete)) {
        return key_search::not_known;
    }
    const bool keyword = spec.begin.how == key_begin::kind::keyword;
    const std::size_t first = keyword ? index_after(spec.begin, args) : static_cast<std::size_t>(spec.begin.from);
    if (keyword && first == 0) return key_search::none;
    // SUNSUBSCRIBE alone means every channel. For keys, the arity has made sure that there is one.
    if (first >= args.size()) return has(spec.flags, key_flags::not_key) ? key_search::none : key_search::malformed;
    if (spec.extent.how == key_extent::kind::range) return add_range(spec.extent, first, args.size(), positions);
    return add_counted(spec.extent, first, args, command.has(command_flags::no_mandatory_keys), positions);
}

key_search by_specs(const listed_command& command, words args, positions_list& positions) {
    for (const key_spec& spec : command.keys) {
        const key_search one = add_spec(command, spec, args, positions);
        if (one == key_search::malformed || one == key_search::not_known) return one;
    }
    return positions.empty() ? key_search::none : key_search::found;
}

// --- by hand ---------------------------------------------------------------------------------------------------------

/// One option of a command with the number of arguments it has.
struct option {
    std::string_view word;
    std::size_t arguments;
};

/// The index after the option at `i`: a value that spells like another option is not taken for one.
std::size_t next_option(words args, std::size_t i, std::span<const option> options) noexcept {
    for (const option& o : options) {
        if (same_word(args[i], o.word)) return i + 1 + o.arguments;
    }
    return i + 1;
}

/// SORT key [BY pattern] [LIMIT offset count] [GET pattern ...] [ASC | DESC] [ALPHA] [STORE destination].
/// The specs call the destination unknown, as the options come in any order. The last STORE is the one obeyed.
key_search sort_keys(words args, positions_list& positions) {
    static constexpr option options[] = {{"BY", 1}, {"LIMIT", 2}, {"GET", 1}, {"STORE", 1}};
    std::size_t destination = 0;
    for (std::size_t i = 2; i < args.size(); i = next_option(args, i, options)) {
        if (!same_word(args[i], "STORE")) continue;
        if (i + 1 == args.size()) return key_search::malformed;
        destination = i + 1;
    }
    add(positions, 1);
    if (destination != 0) add(positions, destination);
    return key_search::found;
}

/// SORT_RO's specs call unknown what BY and GET derive from the data; the sorted key itself is where it always is.
key_search sort_ro_keys(words, positions_list& positions) {
    add(positions, 1);
    return key_search::found;
}

/// GEORADIUS ... [COUNT n [ANY]] [STORE key | STOREDIST key]. The specs find the first STORE and the first STOREDIST,
/// also if one is the other's argument or both are given; the server obeys the last.
key_search georadius_keys(words args, std::size_t options_from, positions_list& positions) {
    static constexpr option options[] = {{"COUNT", 1}, {"STORE", 1}, {"STOREDIST", 1}};
    std::size_t destination = 0;
    for (std::size_t i = options_from; i < args.size(); i = next_option(args, i, options)) {
        if (!same_word(args[i], "STORE") && !same_word(args[i], "STOREDIST")) continue;
        if (i + 1 == args.size()) return key_search::malformed;
        destination = i + 1;
    }
    add(positions, 1);
    if (destination != 0) add(positions, destination);
    return key_search::found;
}

/// MIGRATE host port key|"" db timeout [COPY] [REPLACE] [AUTH password | AUTH2 user password] [KEYS key ...].
/// The spec of the KEYS form is incomplete: a password may be "KEYS".
key_search migrate_keys(words args, positions_list& positions) {
    static constexpr option options[] = {{"AUTH", 1}, {"AUTH2", 2}};
    for (std::size_t i = 6; i < args.size(); i = next_option(args, i, options)) {
        if (!same_word(args[i], "KEYS")) continue;
        // KEYS takes all the rest, and goes with an empty single key only.
        if (!args[3].empty()) return key_search::malformed;
        if (i + 1 == args.size()) return key_search::none;
        for (std::size_t k = i + 1; k < args.size(); ++k) add(positions, k);
        return key_search::found;
    }
    add(positions, 3);
    return key_search::found;
}

/// XREAD and XREADGROUP ... STREAMS key ... id ... The specs look for the first "STREAMS", which may also be the name
/// of a group, of a consumer or of the stream itself.
key_search stream_keys(words args, positions_list& positions) {
    static constexpr option options[] = {{"BLOCK", 1}, {"COUNT", 1}, {"GROUP", 2}};
    std::size_t i = 1;
    while (i < args.size() && !same_word(args[i], "STREAMS")) i = next_option(args, i, options);
    const std::size_t first = i + 1;
    if (first >= args.size() || (args.size() - first) % 2 != 0) return key_search::malformed;
    const std::size_t count = (args.size() - first) / 2;
    for (std::size_t k = 0; k < count; ++k) add(positions, first + k);
    return key_search::found;
}

key_search search(const listed_command& command, words args, positions_list& positions) {
    switch (command.id) {
        case command_id::raw:  // nothing is known of it, or what a server has said
            return &command == &info_of(command_id::raw) ? key_search::not_known : by_specs(command, args, positions);
        case command_id::sort:
            return sort_keys(args, positions);
        case command_id::sort_ro:
            return sort_ro_keys(args, positions);
        case command_id::georadius:
            return georadius_keys(args, 6, positions);
        case command_id::georadiusbymember:
            return georadius_keys(args, 5, positions);
        case command_id::migrate:
            return migrate_keys(args, positions);
        case command_id::xread:
        case command_id::xreadgroup:
            return stream_keys(args, positions);
        default:
            return by_specs(command, args, positions);
    }
}

}  // namespace

key_search find_keys(const listed_command& command, words args, positions_list& positions) {
    positions.clear();
    // Without keys any node can say what is wrong with the request; with keys there may be none where they should be.
    if (!command.keys.empty() && !command.takes(args.size())) return key_search::malformed;
    const key_search result = search(command, args, positions);
    if (result != key_search::found) positions.clear();
    return result;
}

}  // namespace valkeyxx
