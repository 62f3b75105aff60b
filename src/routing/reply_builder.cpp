#include "routing/reply_builder.hpp"

#include "resp/number.hpp"

namespace valkeyxx::routing {

void reply_builder::open(value_kind kind) {
    nodes_.push_back({.at = 0, .size = 0, .span = 1, .kind = kind});
    opened_ = true;
}

void reply_builder::copy(reply_view value) {
    const resp::node* const first = value.node();
    const resp::node* const last = first + first->span;
    std::size_t total = 0;
    for (const resp::node* n = first; n != last; ++n) total += reply_view{value.bytes(), n}.text().size();
    if (!fits(total, first->span)) return;
    for (const resp::node* n = first; n != last; ++n) {
        const std::string_view text = reply_view{value.bytes(), n}.text();
        resp::node& added = nodes_.emplace_back(*n);
        added.at = text.empty() ? 0 : static_cast<std::uint32_t>(bytes_.size());
        bytes_ += text;
    }
    ++children_;
}

void reply_builder::integer(std::int64_t n) {
    scalar(value_kind::integer, resp::format(n));
}

void reply_builder::boolean(bool b) {
    scalar(value_kind::boolean, b ? "t" : "f");
}

result<reply_view> reply_builder::finish() {
    if (too_large_) {
        return error{{.code = errc::unexpected_reply,
                      .text = "the replies together have more than " + std::to_string(max_bytes_) + " bytes",
                      .executed = executed::yes}};
    }
    if (opened_) {
        nodes_[0].size = children_;
        nodes_[0].span = static_cast<std::uint32_t>(nodes_.size());
    }
    return reply_view{bytes_.data(), nodes_.data()};
}

// Once something did not fit, nothing does: the reply would lack it.
bool reply_builder::fits(std::size_t bytes, std::size_t nodes) {
    too_large_ = too_large_ || bytes > max_bytes_ - bytes_.size() || nodes > limit - nodes_.size();
    return !too_large_;
}

void reply_builder::scalar(value_kind kind, std::string_view text) {
    const resp::node node{.at = 0, .size = static_cast<std::uint32_t>(text.size()), .span = 1, .kind = kind};
    copy(reply_view{text.data(), &node});
}

}  // namespace valkeyxx::routing
