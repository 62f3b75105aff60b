// Makes a reply that no server sent, out of values of other replies.
//
//   reply_builder b;
//   b.open(value_kind::array);
//   b.copy(first.view());
//   b.integer(7);
//   result<reply_view> both = b.finish();
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <valkeyxx/value.hpp>

namespace valkeyxx::routing {

/// One reply under construction: a single value, or an aggregate of values. Writes the tape that a decoder would, so
/// whatever can be read can be copied as it is.
class reply_builder {
  public:
    /// What a reply's tape can point at.
    static constexpr std::size_t limit = std::numeric_limits<std::uint32_t>::max();

    /// @param max_bytes  all texts together, at most `limit`
    explicit reply_builder(std::size_t max_bytes = limit) noexcept : max_bytes_{max_bytes} {}

    /// Everything that follows is inside this aggregate: only as the first call. A map takes keys and values in turn.
    void open(value_kind kind);
    /// Any value, with all that is inside it.
    void copy(reply_view value);
    void integer(std::int64_t n);
    void boolean(bool b);

    /// The reply. Valid until this object is changed or moved. Error `unexpected_reply`: it grew above `max_bytes`.
    result<reply_view> finish();

  private:
    bool fits(std::size_t bytes, std::size_t nodes);
    void scalar(value_kind kind, std::string_view text);

    std::size_t max_bytes_;
    std::string bytes_;
    std::vector<resp::node> nodes_;
    std::uint32_t children_ = 0;  // values of the outermost level
    bool opened_ = false;
    bool too_large_ = false;
};

}  // namespace valkeyxx::routing
