// The thorough half of the decoder: aggregates, the rarer types, unfinished input, and what is wrong with bad input.
#include "resp/decoder.hpp"

#include <limits>

#include "resp/number.hpp"

namespace valkeyxx::resp {

namespace {

constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

// An attribute lies in the tape like an aggregate until its last value; then both are cut off.
constexpr auto attribute = static_cast<value_kind>(0xff);

// Longer than any integer or double that a server prints, and short enough to refuse junk early.
constexpr std::size_t max_integer_text = 32;
constexpr std::size_t max_real_text = 512;

// A tape above this size is freed once replies no longer need a good part of it.
constexpr std::size_t kept_nodes = 64 * 1024;

std::string_view name_of(value_kind kind) noexcept {
    return kind == attribute ? "attribute" : to_string(kind);
}

std::string quoted(char byte) {
    constexpr std::string_view hex = "0123456789abcdef";
    if (byte == '\r') return "CR";
    if (byte == '\n') return "LF";
    const auto code = static_cast<unsigned char>(byte);
    if (code > ' ' && code < 0x7f) return {'\'', byte, '\''};
    return {'0', 'x', hex[code >> 4U], hex[code & 15U]};
}

// "a header announces 5 values of one reply, more than the limit of 3"
std::string excess(std::string_view what, std::size_t count, std::string_view unit, std::size_t limit) {
    std::string text = "a header announces ";
    text += std::to_string(count);
    text += ' ';
    text += unit;
    text += " of ";
    text += what;
    text += ", more than the limit of ";
    text += std::to_string(limit);
    return text;
}

}  // namespace

decoder::status decoder::resume(std::string_view unread) {
    if (phase_ == phase::broken) return status::bad;
    if (phase_ == phase::fresh) begin();
    bytes_ = unread.data();
    seen_ = unread.size();
    end_ = within_limit(unread);
    if (end_ < wanted_) return status::need_more;

    for (;;) {
        node quick;
        step outcome = step::complete;
        // An unfinished line is not scanned from its start again.
        const std::size_t next = scanned_ == 0 ? quick_scalar(bytes_, at_, end_, quick) : 0;
        if (next != 0) {
            tape_.push_back(quick);
            at_ = next;
        } else {
            outcome = next_value();
        }
        if (outcome == step::refused) return status::bad;
        if (outcome == step::incomplete) return status::need_more;
        if (outcome == step::complete && count_complete_value()) break;
    }
    phase_ = phase::fresh;
    root_ = tape_.front();
    return status::ready;
}

void decoder::begin() {
    if (tape_.capacity() > kept_nodes && tape_.size() < tape_.capacity() / 4) tape_ = std::vector<node>{};
    tape_.clear();
    phase_ = phase::inside;
    at_ = 0;
    wanted_ = 1;
    scanned_ = 0;
    announced_ = 1;
    open_ = none;
    depth_ = 0;
}

// Closes every aggregate whose last value this was; true if the reply itself is complete.
bool decoder::count_complete_value() noexcept {
    while (open_ != none) {
        node& aggregate = tape_[open_];
        if (--aggregate.at > 0) return false;
        const std::uint32_t index = open_;
        open_ = aggregate.span;
        --depth_;
        if (aggregate.kind == attribute) {
            tape_.resize(index);
            return false;  // the value it belongs to is still to come
        }
        aggregate.span = static_cast<std::uint32_t>(tape_.size()) - index;
    }
    return true;
}

decoder::step decoder::next_value() {
    if (at_ == end_) return need(at_ + 1);
    switch (bytes_[at_]) {
        case '$':
            return next_bulk(value_kind::bulk_string);
        case '!':
            return next_bulk(value_kind::error);
        case '=':
            return next_bulk(value_kind::verbatim_string);
        case '*':
            return next_aggregate(value_kind::array);
        case '%':
            return next_aggregate(value_kind::map);
        case '~':
            return next_aggregate(value_kind::set);
        case '>':
            return next_aggregate(value_kind::push);
        case '|':
            return next_aggregate(attribute);
        case '+':
            return next_line(value_kind::simple_string);
        case '-':
            return next_line(value_kind::error);
        case ':':
            return next_line(value_kind::integer);
        case ',':
            return next_line(value_kind::real);
        case '(':
            return next_line(value_kind::big_number);
        case '#':
            return next_boolean();
        case '_':
            return next_null("\r\n");
        case ';':
        case '.':
            return refuse(at_, "streamed replies are not supported");
        default:
            return refuse(at_, "no reply type starts with " + quoted(bytes_[at_]));
    }
}

decoder::step decoder::next_bulk(value_kind kind) {
    if (kind == value_kind::bulk_string && at_ + 1 < end_ && bytes_[at_ + 1] == '-') return next_null("-1\r\n");
    std::size_t length = 0;
    std::size_t body = 0;
    if (const step s = read_count(length, body); s != step::complete) return s;
    if (length > limits_.max_bulk_bytes) {
        return refuse(at_, excess("one " + std::string{name_of(kind)}, length, "bytes", limits_.max_bulk_bytes));
    }
    constexpr std::size_t prefix = 4;  // of a verbatim string: three characters that name the format, and ':'
    const bool verbatim = kind == value_kind::verbatim_string;
    if (verbatim && length < prefix) return refuse(at_, "a verbatim string is too short for its format prefix");
    const std::size_t text_end = body + length;
    if (end_ < text_end + 2) return need(text_end + 2);
    if (const step s = expect(text_end, "\r\n"); s != step::complete) return s;
    if (!verbatim) return add_scalar(kind, body, length, text_end + 2);
    if (bytes_[body + 3] != ':')
        return refuse(body, "a verbatim string's format prefix is not three characters and ':'");
    return add_scalar(kind, body + prefix, length - prefix, text_end + 2);
}

decoder::step decoder::next_aggregate(value_kind kind) {
    if (kind == value_kind::array && at_ + 1 < end_ && bytes_[at_ + 1] == '-') return next_null("-1\r\n");
    std::size_t count = 0;
    std::size_t next = 0;
    if (const step s = read_count(count, next); s != step::complete) return s;
    // Neither can overflow: read_count returns at most 19 digits.
    const std::size_t children = kind == value_kind::map || kind == attribute ? 2 * count : count;
    announced_ += children + (kind == attribute ? 1 : 0);
    if (announced_ > limits_.max_elements) {
        return refuse(at_, excess("one reply", announced_, "values", limits_.max_elements));
    }
    if (children > 0 && depth_ == limits_.max_depth) {
        return refuse(at_, "aggregates are nested deeper than the limit of " + std::to_string(limits_.max_depth));
    }
    at_ = next;
    const bool is_attribute = kind == attribute;
    if (children == 0 && is_attribute) return step::opened;
    const auto size = static_cast<std::uint32_t>(children);
    if (children == 0) {
        tape_.push_back({.at = 0, .size = 0, .span = 1, .kind = kind});
        return step::complete;
    }
    tape_.push_back({.at = size, .size = size, .span = open_, .kind = kind});
    open_ = static_cast<std::uint32_t>(tape_.size() - 1);
    ++depth_;
    return step::opened;
}

decoder::step decoder::next_line(value_kind kind) {
    const std::size_t from = at_ + 1;
    std::size_t limit = limits_.max_line_bytes;
    if (kind == value_kind::integer) limit = std::min(limit, max_integer_text);
    if (kind == value_kind::real) limit = std::min(limit, max_real_text);

    std::size_t p = from + scanned_;
    while (p < end_ && bytes_[p] != '\r' && bytes_[p] != '\n') ++p;
    const std::size_t size = p - from;
    if (size > limit) {
        return refuse(at_, "the line of one " + std::string{name_of(kind)} + " is longer than the limit of " +
                               std::to_string(limit) + " bytes");
    }
    scanned_ = size;
    if (const step s = expect(p, "\r\n"); s != step::complete) return s;

    const std::string_view text{bytes_ + from, size};
    if (kind == value_kind::integer && !parse_integer(text)) return refuse(from, "an integer is not one of 64 bits");
    if (kind == value_kind::real && !parse_real(text)) return refuse(from, "a real is not a number");
    if (kind == value_kind::big_number) {
        const std::size_t sign = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
        const bool digits = text.find_first_not_of("0123456789", sign) == text.npos;
        if (text.size() == sign || !digits) return refuse(from, "a big number is not all digits");
    }
    return add_scalar(kind, from, size, p + 2);
}

decoder::step decoder::next_boolean() {
    const std::size_t from = at_ + 1;
    if (from == end_) return need(from + 3);
    if (bytes_[from] != 't' && bytes_[from] != 'f') return refuse(from, "a boolean is neither 't' nor 'f'");
    if (const step s = expect(from + 1, "\r\n"); s != step::complete) return s;
    return add_scalar(value_kind::boolean, from, 1, from + 3);
}

// One of the three nulls; `rest` is all of it behind the type byte.
decoder::step decoder::next_null(std::string_view rest) {
    if (const step s = expect(at_ + 1, rest); s != step::complete) return s;
    return add_scalar(value_kind::null, at_ + 1, 0, at_ + 1 + rest.size());
}

// A header's number: digits up to the line end. `next` is the offset behind it.
decoder::step decoder::read_count(std::size_t& count, std::size_t& next) {
    constexpr std::size_t max_digits = 18;
    const std::size_t from = at_ + 1;
    std::size_t p = from;
    std::size_t n = 0;
    for (; p < end_ && bytes_[p] >= '0' && bytes_[p] <= '9'; ++p) {
        if (p - from == max_digits) return refuse(from, "an announced size has too many digits");
        n = n * 10 + static_cast<std::size_t>(bytes_[p] - '0');
    }
    if (p == end_) return need(p + (p == from ? 3 : 2));
    if (p == from && bytes_[p] == '?') return refuse(p, "streamed replies are not supported");
    if (p == from) return refuse(p, "expected the digits of a size, got " + quoted(bytes_[p]));
    count = n;
    next = p + 2;
    return expect(p, "\r\n");
}

decoder::step decoder::expect(std::size_t from, std::string_view literal) {
    for (std::size_t i = 0; i < literal.size(); ++i) {
        if (from + i == end_) return need(from + literal.size());
        if (bytes_[from + i] != literal[i]) {
            return refuse(from + i, "expected " + quoted(literal[i]) + ", got " + quoted(bytes_[from + i]));
        }
    }
    return step::complete;
}

decoder::step decoder::add_scalar(value_kind kind, std::size_t from, std::size_t size, std::size_t next) {
    tape_.push_back(scalar(kind, from, size));
    at_ = next;
    scanned_ = 0;
    return step::complete;
}

decoder::step decoder::need(std::size_t total) {
    if (total > limits_.max_reply_bytes) {
        return refuse(at_,
                      "the reply is longer than the limit of " + std::to_string(limits_.max_reply_bytes) + " bytes");
    }
    wanted_ = total;
    return step::incomplete;
}

decoder::step decoder::refuse(std::size_t where, std::string_view what) {
    phase_ = phase::broken;
    problem_ = "byte " + std::to_string(where) + " of the reply: ";
    problem_ += what;
    return step::refused;
}

}  // namespace valkeyxx::resp
