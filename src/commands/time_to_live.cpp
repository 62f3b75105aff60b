// What the server tells of the life of keys and fields.
#include <valkeyxx/commands/time_to_live.hpp>

namespace valkeyxx::detail {

result<std::optional<std::int64_t>> decode_life(reply_view v, bool& exists) {
    const auto number = v.as_integer();
    if (!number) return number.error();
    exists = *number != -2;
    if (*number < -2) return shape_error("a time to live", v);
    return *number < 0 ? std::optional<std::int64_t>{} : std::optional<std::int64_t>{*number};
}

}  // namespace valkeyxx::detail
