#include "command/blocking.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace valkeyxx {
namespace {

using milliseconds = std::chrono::milliseconds;

constexpr double longest_ms = 1e12;  // some thirty years: more is as good as for ever

std::optional<milliseconds> from_number(std::string_view text, double in_ms) noexcept {
    double number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc{} || end != text.data() + text.size() || !(number >= 0)) return std::nullopt;
    if (number == 0 || number * in_ms > longest_ms) return milliseconds::max();
    return milliseconds{static_cast<milliseconds::rep>(std::ceil(number * in_ms))};
}

}  // namespace

std::optional<milliseconds> blocking_time(const listed_command& command,
                                          std::span<const std::string_view> words) noexcept {
    if (command.how != handling::blocks || !command.takes(words.size())) return std::nullopt;
    switch (command.id) {
        case command_id::blpop:
        case command_id::brpop:
        case command_id::blmove:
        case command_id::brpoplpush:
        case command_id::bzpopmin:
        case command_id::bzpopmax:
            return from_number(words.back(), 1000);
        case command_id::blmpop:
        case command_id::bzmpop:
            return from_number(words[1], 1000);
        case command_id::xread:
        case command_id::xreadgroup: {
            // An option, before STREAMS; after that come keys, which may be called BLOCK.
            const auto streams = std::find_if(words.begin(), words.end(),
                                              [](std::string_view word) { return same_word(word, "STREAMS"); });
            // XREADGROUP GROUP group consumer: the names may be called BLOCK, too.
            const auto from =
                std::min<std::ptrdiff_t>(command.id == command_id::xreadgroup ? 4 : 1, streams - words.begin());
            const auto block = std::find_if(words.begin() + from, streams,
                                            [](std::string_view word) { return same_word(word, "BLOCK"); });
            if (streams - block < 2) return std::nullopt;
            return from_number(*(block + 1), 1);
        }
        default:
            return milliseconds::max();
    }
}

handling handling_of(const listed_command& command, std::span<const std::string_view> words) noexcept {
    const bool waits_not = command.how == handling::blocks && !blocking_time(command, words);
    const bool only_tells = command.id == command_id::hello && words.size() == 1;
    return waits_not || only_tells ? handling::ordinary : command.how;
}

}  // namespace valkeyxx
