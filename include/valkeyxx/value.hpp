// Any RESP2 or RESP3 reply, without copies (reply_view) or owning its bytes (value).
//
//   vk::value v = cluster.execute(raw<vk::value>("CONFIG", "GET", "max*"));
//   for (vk::reply_view item : v.view()) std::cout << item.text() << '\n';
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <valkeyxx/result.hpp>

namespace valkeyxx {

/// What a reply is. Names follow the RESP3 specification; both spellings of null ($-1, *-1) and of an error (-, !) are
/// one.
enum class value_kind : std::uint8_t {
    null,
    simple_string,
    bulk_string,
    verbatim_string,
    integer,
    real,  ///< RESP3 double
    boolean,
    big_number,
    error,
    array,
    map,
    set,
    push,
};

/// "array", "integer", ... for messages.
std::string_view to_string(value_kind kind) noexcept;

namespace resp {

/// One value in a reply's tape: the values of a reply in the order of the wire, each aggregate before its children.
struct node {
    std::uint32_t at;    ///< scalars: where the text starts, from the first byte of the reply; aggregates: 0
    std::uint32_t size;  ///< scalars: length of the text; aggregates: direct children (a map counts keys and values)
    std::uint32_t span;  ///< nodes of this value, itself and all below: the next sibling is `this + span`
    value_kind kind;
};

}  // namespace resp

/// One value inside a reply that somebody else owns. Cheap to copy; valid only as long as its owner says (a `value`, or
/// a decoder for the length of one call).
class reply_view {
  public:
    /// A null that belongs to nobody.
    reply_view() noexcept;
    reply_view(const char* bytes, const resp::node* node) noexcept : bytes_{bytes}, node_{node} {}

    [[nodiscard]] value_kind kind() const noexcept { return node_->kind; }
    [[nodiscard]] bool is_null() const noexcept { return kind() == value_kind::null; }
    [[nodiscard]] bool is_error() const noexcept { return kind() == value_kind::error; }
    [[nodiscard]] bool is_string() const noexcept {
        return kind() == value_kind::bulk_string || kind() == value_kind::simple_string ||
               kind() == value_kind::verbatim_string;
    }
    [[nodiscard]] bool is_aggregate() const noexcept { return kind() >= value_kind::array; }

    /// The text of a scalar as it stood on the wire: a string's bytes, a number's digits, "t" or "f", an error's
    /// message. Empty for null and for aggregates. A verbatim string's format prefix is not part of it.
    [[nodiscard]] std::string_view text() const noexcept { return is_aggregate() ? std::string_view{} : raw_text(); }

    /// An integer from an integer, or from a string that holds exactly one. Error: `unexpected_reply`.
    [[nodiscard]] result<std::int64_t> as_integer() const;
    /// A double from a real, an integer, or a string that holds one; "inf", "-inf" and "nan" as RESP3 spells them.
    [[nodiscard]] result<double> as_real() const;
    /// A truth value from a boolean, an integer (not 0), null (false) or the status "OK" (true).
    [[nodiscard]] result<bool> as_boolean() const;

    /// Direct children of an aggregate; a map counts keys and values separately. 0 for scalars.
    [[nodiscard]] std::size_t size() const noexcept { return is_aggregate() ? node_->size : 0; }
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    /// The i-th child, in O(i) sibling steps; requires i < size().
    [[nodiscard]] reply_view operator[](std::size_t i) const noexcept;

    /// Visits the direct children in order.
    class iterator {
      public:
        using iterator_category = std::forward_iterator_tag;
        using value_type = reply_view;
        using difference_type = std::ptrdiff_t;
        using pointer = const reply_view*;
        using reference = reply_view;

        iterator() noexcept = default;
        iterator(const char* bytes, const resp::node* at) noexcept : bytes_{bytes}, at_{at} {}
        reply_view operator*() const noexcept { return {bytes_, at_}; }
        iterator& operator++() noexcept {
            at_ += at_->span;
            return *this;
        }
        iterator operator++(int) noexcept {
            auto old = *this;
            ++*this;
            return old;
        }
        bool operator==(const iterator& other) const noexcept { return at_ == other.at_; }

      private:
        const char* bytes_ = nullptr;
        const resp::node* at_ = nullptr;
    };
    [[nodiscard]] iterator begin() const noexcept { return {bytes_, is_aggregate() ? node_ + 1 : node_ + node_->span}; }
    [[nodiscard]] iterator end() const noexcept { return {bytes_, node_ + node_->span}; }

    /// The parts behind the view, for those who copy it.
    [[nodiscard]] const char* bytes() const noexcept { return bytes_; }
    [[nodiscard]] const resp::node* node() const noexcept { return node_; }

  private:
    [[nodiscard]] std::string_view raw_text() const noexcept { return {bytes_ + node_->at, node_->size}; }

    const char* bytes_;
    const resp::node* node_;
};

/// A reply that owns its bytes: a flat copy, whatever its nesting (two allocations at most). A value: copies, compares;
/// any number of threads may read it.
class value {
  public:
    /// Null; what a moved-from value is, too.
    value() noexcept = default;
    /// Copies what the view shows.
    explicit value(reply_view view);

    [[nodiscard]] reply_view view() const noexcept {
        return nodes_.empty() ? reply_view{} : reply_view{bytes_.data(), nodes_.data()};
    }
    operator reply_view() const noexcept { return view(); }

    [[nodiscard]] value_kind kind() const noexcept { return view().kind(); }
    [[nodiscard]] std::string_view text() const noexcept { return view().text(); }
    [[nodiscard]] std::size_t size() const noexcept { return view().size(); }
    [[nodiscard]] reply_view operator[](std::size_t i) const noexcept { return view()[i]; }

  private:
    std::string bytes_;
    std::vector<resp::node> nodes_;
};

/// Same kinds, same texts, same order. Two reals compare by their text.
bool operator==(const reply_view& a, const reply_view& b) noexcept;
inline bool operator==(const value& a, const value& b) noexcept {
    return a.view() == b.view();
}

}  // namespace valkeyxx
