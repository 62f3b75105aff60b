// Bytes to replies: an incremental RESP2 and RESP3 parser that copies nothing and trusts no announced size.
//
//   switch (decoder.parse(unread)) {
//       case decoder::status::ready: use(decoder.reply()); unread.remove_prefix(decoder.consumed()); break;
//       case decoder::status::need_more: read_at_least(decoder.missing()); break;   // then parse() again
//       case decoder::status::bad: drop_connection(decoder.problem()); break;
//   }
//
// Scalars, the replies of most commands, take a short inline path without touching the tape. Attributes ("|") are
// checked and then dropped, wherever they stand: they are hints about the value behind them, and that value is what
// counts. Streamed replies ("$?", "*?", ...), which no server sends, are refused.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <valkeyxx/value.hpp>

namespace valkeyxx::resp {

/// What one reply may be at most. A header that announces more is refused before anything behind it arrives.
struct limits {
    std::uint32_t max_depth = 128;               ///< aggregates inside each other, the outermost included
    std::uint32_t max_bulk_bytes = 512U << 20U;  ///< one bulk string; the servers' own default limit
    std::uint32_t max_elements = 1U << 24U;      ///< values in all, at every level; 16 bytes of memory each
    std::uint32_t max_reply_bytes = 1U << 30U;   ///< the reply on the wire, with its attributes
    std::uint32_t max_line_bytes = 64U << 10U;   ///< the text of a simple string, simple error or big number
};

/// Parses one reply after the other. Allocates only for aggregates, and keeps that memory for the next one. If an
/// allocation fails, the exception passes through and the decoder needs a `reset`.
class decoder {
  public:
    enum class status : std::uint8_t {
        ready,      ///< a whole reply: see reply() and consumed()
        need_more,  ///< so far all is well: see missing()
        bad,        ///< these bytes are no reply, or one above the limits: see problem(); stays so until reset()
    };

    explicit decoder(limits l = {}) noexcept : limits_{l} {}

    /// `unread` starts at the first byte of a reply, and until `ready` at the first byte of the same reply, with at
    /// least the bytes of the call before; they may have moved. What was parsed is not looked at again.
    status parse(std::string_view unread) {
        if (phase_ == phase::fresh) {
            const std::size_t next = quick_scalar(unread.data(), 0, within_limit(unread), root_);
            if (next != 0) {
                bytes_ = unread.data();
                at_ = next;
                return status::ready;
            }
        }
        return resume(unread);
    }

    /// After `ready`: the reply. Valid until the next `parse` and as long as the bytes given to the last one stay put.
    [[nodiscard]] reply_view reply() const noexcept { return {bytes_, root_.span == 1 ? &root_ : tape_.data()}; }
    /// After `ready`: bytes of the reply, attributes before it included.
    [[nodiscard]] std::size_t consumed() const noexcept { return at_; }
    /// After `need_more`: at least so many bytes are still to come; 1 if that is all that is known. Announced by the
    /// server and bounded by the limits only: do not reserve it blindly.
    [[nodiscard]] std::size_t missing() const noexcept { return wanted_ - seen_; }
    /// After `bad`: one sentence that says what is wrong at which byte.
    [[nodiscard]] const std::string& problem() const noexcept { return problem_; }
    /// Forgets everything, memory included: the next `parse` starts a new reply.
    void reset() noexcept { *this = decoder{limits_}; }

  private:
    enum class phase : std::uint8_t { fresh, inside, broken };
    /// What became of one value of the reply.
    enum class step : std::uint8_t { complete, opened, incomplete, refused };

    [[nodiscard]] std::size_t within_limit(std::string_view unread) const noexcept {
        return std::min<std::size_t>(unread.size(), limits_.max_reply_bytes);
    }

    std::size_t quick_scalar(const char* bytes, std::size_t at, std::size_t end, node& out) const noexcept;
    std::size_t quick_bulk(const char* bytes, std::size_t at, std::size_t end, node& out) const noexcept;
    std::size_t quick_line(const char* bytes, std::size_t at, std::size_t end, value_kind kind,
                           node& out) const noexcept;
    static std::size_t quick_integer(const char* bytes, std::size_t at, std::size_t end, node& out) noexcept;
    static std::size_t quick_real(const char* bytes, std::size_t at, std::size_t end, node& out) noexcept;
    static node scalar(value_kind kind, std::size_t at, std::size_t size) noexcept {
        return {
            .at = static_cast<std::uint32_t>(at), .size = static_cast<std::uint32_t>(size), .span = 1, .kind = kind};
    }
    static std::size_t skip_digits(const char* bytes, std::size_t at, std::size_t end) noexcept {
        while (at < end && bytes[at] >= '0' && bytes[at] <= '9') ++at;
        return at;
    }
    static bool is_line_end(const char* at) noexcept { return std::memcmp(at, "\r\n", 2) == 0; }

    status resume(std::string_view unread);
    void begin();
    bool count_complete_value() noexcept;

    step next_value();
    step next_bulk(value_kind kind);
    step next_aggregate(value_kind kind);
    step next_line(value_kind kind);
    step next_boolean();
    step next_null(std::string_view rest);
    step read_count(std::size_t& count, std::size_t& next);
    step expect(std::size_t from, std::string_view literal);
    step add_scalar(value_kind kind, std::size_t from, std::size_t size, std::size_t next);
    step need(std::size_t total);
    step refuse(std::size_t where, std::string_view what);

    limits limits_;
    phase phase_ = phase::fresh;
    // The reply if it is one node, else a copy of its tape's first.
    node root_{.at = 0, .size = 0, .span = 1, .kind = value_kind::null};
    const char* bytes_ = "";  // the reply's first byte, as last given
    std::size_t at_ = 0;      // the value to parse next; when ready, the end

    // Of an unfinished reply only:
    std::size_t end_ = 0;        // usable bytes behind bytes_
    std::size_t seen_ = 0;       // bytes given to the last call
    std::size_t wanted_ = 1;     // with fewer bytes than this there is nothing new to learn
    std::size_t scanned_ = 0;    // bytes of an unfinished line, after its type, known to hold no line end
    std::size_t announced_ = 0;  // values in all, parsed or promised by headers
    std::uint32_t open_ = 0;     // tape index of the innermost unfinished aggregate
    std::uint32_t depth_ = 0;    // how many aggregates are unfinished
    // While an aggregate is unfinished, its `at` counts the children to come and its `span` is the next outer one's
    // index: the tape is its own stack.
    std::vector<node> tape_;
    std::string problem_;
};

// The quick functions know complete, well-formed, ordinary scalars and give up (0) on anything else, which the thorough
// next_ functions then judge. They return the offset behind the scalar.

// Inlined by force: the call would cost a third of the work, and there are two callers.
[[gnu::always_inline]] inline std::size_t decoder::quick_scalar(const char* bytes, std::size_t at, std::size_t end,
                                                                node& out) const noexcept {
    if (end - at < 4) return 0;
    switch (bytes[at]) {
        case '$':
            return quick_bulk(bytes, at + 1, end, out);
        case '+':
            return quick_line(bytes, at + 1, end, value_kind::simple_string, out);
        case '-':
            return quick_line(bytes, at + 1, end, value_kind::error, out);
        case ':':
            return quick_integer(bytes, at + 1, end, out);
        case ',':
            return quick_real(bytes, at + 1, end, out);
        default:
            return 0;
    }
}

inline std::size_t decoder::quick_bulk(const char* bytes, std::size_t at, std::size_t end, node& out) const noexcept {
    std::size_t p = at;
    std::size_t length = 0;
    for (unsigned digit = 0; (digit = static_cast<unsigned char>(bytes[p]) - unsigned{'0'}) <= 9;) {
        length = length * 10 + digit;
        if (++p == end) return 0;
    }
    // More than nine digits may have overflowed; none is for the thorough path to name.
    if (p == at || p - at > 9 || length > limits_.max_bulk_bytes || end - p < length + 4) return 0;
    const std::size_t body = p + 2;
    if (!is_line_end(bytes + p) || !is_line_end(bytes + body + length)) return 0;
    out = scalar(value_kind::bulk_string, body, length);
    return body + length + 2;
}

inline std::size_t decoder::quick_line(const char* bytes, std::size_t at, std::size_t end, value_kind kind,
                                       node& out) const noexcept {
    // Every text byte is above '\r' but for the odd tab, so one comparison per byte finds the end.
    std::size_t p = at;
    while (static_cast<unsigned char>(bytes[p]) > '\r') {
        if (++p == end) return 0;
    }
    if (end - p < 2 || !is_line_end(bytes + p) || p - at > limits_.max_line_bytes) return 0;
    out = scalar(kind, at, p - at);
    return p + 2;
}

inline std::size_t decoder::quick_integer(const char* bytes, std::size_t at, std::size_t end, node& out) noexcept {
    const std::size_t digits = at + (bytes[at] == '-' ? 1 : 0);
    const std::size_t p = skip_digits(bytes, digits, end);
    // Up to 18 digits fit whatever they are.
    if (p == digits || p - digits > 18 || end - p < 2 || !is_line_end(bytes + p)) return 0;
    out = scalar(value_kind::integer, at, p - at);
    return p + 2;
}

inline std::size_t decoder::quick_real(const char* bytes, std::size_t at, std::size_t end, node& out) noexcept {
    const std::size_t digits = at + (bytes[at] == '-' ? 1 : 0);
    std::size_t p = skip_digits(bytes, digits, end);
    if (p == digits) return 0;
    if (p < end && bytes[p] == '.') p = skip_digits(bytes, p + 1, end);
    // Without an exponent, so few digits are in range whatever they are.
    if (p - digits > 24 || end - p < 2 || !is_line_end(bytes + p)) return 0;
    out = scalar(value_kind::real, at, p - at);
    return p + 2;
}

}  // namespace valkeyxx::resp
