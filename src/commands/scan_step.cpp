// Reading cursors.
#include <valkeyxx/commands/scan_step.hpp>

#include <charconv>

namespace valkeyxx::detail {

result<std::uint64_t> decode_cursor(reply_view v) {
    const std::string_view text = has_text(v) ? v.text() : std::string_view{};
    std::uint64_t cursor = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), cursor);
    if (failure != std::errc{} || end != text.data() + text.size()) return shape_error("a cursor", v);
    return cursor;
}

}  // namespace valkeyxx::detail
