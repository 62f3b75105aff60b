// Reading single values, and flat copies of whole replies.
#include <valkeyxx/value.hpp>

#include <algorithm>

#include "resp/number.hpp"

namespace valkeyxx {

namespace {

constexpr resp::node null_node{.at = 0, .size = 0, .span = 1, .kind = value_kind::null};

// Names the kind only: the text may be a secret.
error unexpected(std::string_view wanted, const reply_view& got) {
    const std::string_view kind = to_string(got.kind());
    const bool vowel = kind.front() == 'a' || kind.front() == 'e' || kind.front() == 'i';
    std::string text = "expected " + std::string{wanted} + ", got ";
    if (!got.is_null()) text += vowel ? "an " : "a ";
    text += kind;
    if (got.is_string()) text += " that holds none";
    // Whatever it looks like, a reply proves that the command has run.
    return error{{.code = errc::unexpected_reply, .text = std::move(text), .executed = executed::yes}};
}

}  // namespace

std::string_view to_string(value_kind kind) noexcept {
    switch (kind) {
        case value_kind::null:
            return "null";
        case value_kind::simple_string:
            return "simple string";
        case value_kind::bulk_string:
            return "bulk string";
        case value_kind::verbatim_string:
            return "verbatim string";
        case value_kind::integer:
            return "integer";
        case value_kind::real:
            return "real";
        case value_kind::boolean:
            return "boolean";
        case value_kind::big_number:
            return "big number";
        case value_kind::error:
            return "error";
        case value_kind::array:
            return "array";
        case value_kind::map:
            return "map";
        case value_kind::set:
            return "set";
        case value_kind::push:
            return "push";
    }
    return "unknown";
}

reply_view::reply_view() noexcept : reply_view{"", &null_node} {}

result<std::int64_t> reply_view::as_integer() const {
    if (kind() == value_kind::integer || is_string()) {
        if (const auto n = resp::parse_integer(text())) return *n;
    }
    return unexpected("an integer", *this);
}

result<double> reply_view::as_real() const {
    if (kind() == value_kind::real || kind() == value_kind::integer || is_string()) {
        if (const auto number = resp::parse_real(text())) return *number;
    }
    return unexpected("a real number", *this);
}

result<bool> reply_view::as_boolean() const {
    switch (kind()) {
        case value_kind::boolean:
            return text() == "t";
        case value_kind::null:
            return false;
        case value_kind::integer:
            if (const auto n = resp::parse_integer(text())) return *n != 0;
            break;
        case value_kind::simple_string:
            if (text() == "OK") return true;
            break;
        default:
            break;
    }
    return unexpected("a boolean", *this);
}

reply_view reply_view::operator[](std::size_t i) const noexcept {
    iterator child = begin();
    while (i-- > 0) ++child;
    return *child;
}

value::value(reply_view view) : nodes_{view.node(), view.node() + view.node()->span} {
    std::size_t total = 0;
    for (const resp::node& n : nodes_) total += reply_view{view.bytes(), &n}.text().size();
    bytes_.reserve(total);
    // The texts move together: what lies between them on the wire (headers, attributes) is left behind.
    for (resp::node& n : nodes_) {
        const std::string_view text = reply_view{view.bytes(), &n}.text();
        n.at = text.empty() ? 0 : static_cast<std::uint32_t>(bytes_.size());
        bytes_ += text;
    }
}

bool operator==(const reply_view& a, const reply_view& b) noexcept {
    if (a.node()->span != b.node()->span) return false;
    // Kinds and sizes in pre-order determine the tree, so one pass over both tapes compares the whole.
    return std::equal(a.node(), a.node() + a.node()->span, b.node(), [&](const resp::node& x, const resp::node& y) {
        return x.kind == y.kind && x.size == y.size &&
               reply_view{a.bytes(), &x}.text() == reply_view{b.bytes(), &y}.text();
    });
}

}  // namespace valkeyxx
