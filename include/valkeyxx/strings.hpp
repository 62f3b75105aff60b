// Many strings as one argument: what commands take that act on any number of keys, members or fields.
//
//   del({"a", "b"})                                   // a braced list
//   std::vector<std::string> keys = ...; del(keys)    // any range of what is like a string
//   std::map<std::string, std::string> all = ...; mset(all)
#pragma once

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace valkeyxx {

namespace detail {

// <ranges> would double what a translation unit pays for this header.
template <class Range>
using element_of = decltype(*std::begin(std::declval<Range&>()));

template <class Range>
concept range = requires(Range& r) {
    std::begin(r) != std::end(r);
    ++std::declval<decltype(std::begin(r))&>();
};

/// What a string_view can be made of and stays alive while a range of it is passed on: no range that makes strings as
/// it goes.
template <class T>
concept lasting_text = std::convertible_to<T, std::string_view> &&
                       (std::is_lvalue_reference_v<T> || std::same_as<std::remove_cvref_t<T>, std::string_view> ||
                        std::is_pointer_v<std::remove_cvref_t<T>>);

template <class T>
concept pair_of_texts = requires(const T& pair) {
    { pair.first } -> std::convertible_to<std::string_view>;
    { pair.second } -> std::convertible_to<std::string_view>;
};

}  // namespace detail

/// Refers to the strings, which must outlive the call that it is an argument of; commands copy what they need.
/// (In a `co_await` expression GCC 12 miscompiles braced lists: name the command first, or pass a container.)
class strings {
  public:
    strings(std::initializer_list<std::string_view> list) : held_{list}, all_{held_} {}
    strings(std::span<const std::string_view> list) noexcept : all_{list} {}
    template <detail::range Range>
        requires detail::lasting_text<detail::element_of<const Range>>
    strings(const Range& range) {
        if constexpr (std::convertible_to<const Range&, std::span<const std::string_view>>) {
            all_ = range;
        } else {
            for (const auto& text : range) held_.push_back(std::string_view{text});
            all_ = held_;
        }
    }
    strings(const strings&) = delete;
    strings& operator=(const strings&) = delete;

    [[nodiscard]] std::span<const std::string_view> view() const noexcept { return all_; }
    [[nodiscard]] std::size_t size() const noexcept { return all_.size(); }
    [[nodiscard]] bool empty() const noexcept { return all_.empty(); }

  private:
    std::vector<std::string_view> held_;
    std::span<const std::string_view> all_;
};

/// The same for keys with their values, or fields with theirs: a braced list of pairs, a map, a vector of pairs.
class string_pairs {
  public:
    string_pairs(std::initializer_list<std::pair<std::string_view, std::string_view>> list) { add(list); }
    template <detail::range Range>
        requires(std::is_lvalue_reference_v<detail::element_of<const Range>> &&
                 detail::pair_of_texts<std::remove_cvref_t<detail::element_of<const Range>>>)
    string_pairs(const Range& range) {
        add(range);
    }
    string_pairs(const string_pairs&) = delete;
    string_pairs& operator=(const string_pairs&) = delete;

    /// One after the other: key, value, key, value ...
    [[nodiscard]] std::span<const std::string_view> view() const noexcept { return held_; }
    /// How many pairs there are.
    [[nodiscard]] std::size_t size() const noexcept { return held_.size() / 2; }

  private:
    template <class Range>
    void add(const Range& range) {
        for (const auto& [key, value] : range) {
            held_.push_back(std::string_view{key});
            held_.push_back(std::string_view{value});
        }
    }

    std::vector<std::string_view> held_;
};

}  // namespace valkeyxx
