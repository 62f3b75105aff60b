// From a reply to a C++ type. Specialise `reply_to<T>` to decode into a type of your own:
//
//   template <> struct vk::reply_to<point> {
//       static vk::result<point> from(vk::reply_view v) { ... }
//   };
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <valkeyxx/value.hpp>

namespace valkeyxx {

/// How a `T` is made from a reply. `from` is never given a top-level error reply. It runs while the client holds its
/// lock: it must not call the client.
template <class T>
struct reply_to;

/// Decodes a reply, or tells which shape was expected and which came.
template <class T>
[[nodiscard]] result<T> decode(reply_view reply) {
    return reply_to<T>::from(reply);
}

namespace detail {

/// The error for a reply of the wrong shape; `expected` reads like "an array of strings".
error shape_error(std::string_view expected, reply_view got);

/// Whether a reply has a text of its own. An error inside an array (of EXEC, of a script) has not: it must not pass for
/// a string.
inline bool has_text(reply_view v) noexcept {
    return !v.is_null() && !v.is_aggregate() && !v.is_error();
}

}  // namespace detail

template <>
struct reply_to<value> {
    static result<value> from(reply_view v) { return value{v}; }
};

/// Any reply that is not an error, thrown away.
template <>
struct reply_to<void> {
    static result<void> from(reply_view) { return {}; }
};

/// A string, also a number by its digits.
template <>
struct reply_to<std::string> {
    static result<std::string> from(reply_view v) {
        if (!detail::has_text(v)) return detail::shape_error("a string", v);
        return std::string{v.text()};
    }
};

/// A view into the reply: only where the reply's owner outlives it (a pipeline's result).
template <>
struct reply_to<std::string_view> {
    static result<std::string_view> from(reply_view v) {
        if (!detail::has_text(v)) return detail::shape_error("a string", v);
        return v.text();
    }
};

template <std::integral T>
    requires(!std::same_as<T, bool> && !std::same_as<T, char>)
struct reply_to<T> {
    static result<T> from(reply_view v) {
        auto n = v.as_integer();
        if (!n) return std::move(n).error();
        if (!std::in_range<T>(*n)) return detail::shape_error("an integer in the range of the type asked for", v);
        return static_cast<T>(*n);
    }
};

template <std::floating_point T>
struct reply_to<T> {
    static result<T> from(reply_view v) {
        auto n = v.as_real();
        if (!n) return std::move(n).error();
        return static_cast<T>(*n);
    }
};

template <>
struct reply_to<bool> {
    static result<bool> from(reply_view v) { return v.as_boolean(); }
};

/// Null is no value.
template <class T>
struct reply_to<std::optional<T>> {
    static result<std::optional<T>> from(reply_view v) {
        if (v.is_null()) return std::optional<T>{};
        auto inner = decode<T>(v);
        if (!inner) return std::move(inner).error();
        return std::optional<T>{*std::move(inner)};
    }
};

template <class T>
struct reply_to<std::vector<T>> {
    static result<std::vector<T>> from(reply_view v) {
        if (!v.is_aggregate()) return detail::shape_error("an array", v);
        std::vector<T> items;
        items.reserve(v.size());
        for (reply_view child : v) {
            auto item = decode<T>(child);
            if (!item) return std::move(item).error();
            items.push_back(*std::move(item));
        }
        return items;
    }
};

namespace detail {

template <class A, class B>
result<std::pair<A, B>> decode_pair(reply_view first, reply_view second) {
    auto a = decode<A>(first);
    if (!a) return std::move(a).error();
    auto b = decode<B>(second);
    if (!b) return std::move(b).error();
    return std::pair<A, B>{*std::move(a), *std::move(b)};
}

}  // namespace detail

/// An array of two.
template <class A, class B>
struct reply_to<std::pair<A, B>> {
    static result<std::pair<A, B>> from(reply_view v) {
        if (!v.is_aggregate() || v.size() != 2) return detail::shape_error("an array of two", v);
        return detail::decode_pair<A, B>(v[0], v[1]);
    }
};

/// Pairs in the server's order: an array of arrays of two, a map, or an array that has them one after the other, as
/// RESP2 does.
template <class A, class B>
struct reply_to<std::vector<std::pair<A, B>>> {
    static result<std::vector<std::pair<A, B>>> from(reply_view v) {
        if (!v.is_aggregate()) return detail::shape_error("an array of pairs", v);
        std::vector<std::pair<A, B>> pairs;
        const bool nested = v.kind() != value_kind::map && !v.empty() && (*v.begin()).is_aggregate();
        if (!nested && v.size() % 2 != 0) return detail::shape_error("an array of pairs", v);
        pairs.reserve(nested ? v.size() : v.size() / 2);
        for (auto it = v.begin(); it != v.end(); ++it) {
            const reply_view one = *it;
            auto pair = nested ? decode<std::pair<A, B>>(one) : detail::decode_pair<A, B>(one, *++it);
            if (!pair) return std::move(pair).error();
            pairs.push_back(*std::move(pair));
        }
        return pairs;
    }
};

/// An array of exactly so many, each of its own type.
template <class... T>
struct reply_to<std::tuple<T...>> {
    static result<std::tuple<T...>> from(reply_view v) {
        if (!v.is_aggregate() || v.size() != sizeof...(T)) {
            return detail::shape_error("an array of " + std::to_string(sizeof...(T)), v);
        }
        auto it = v.begin();
        // In a braced list they are decoded from left to right.
        std::tuple<result<T>...> parts{decode<T>(*it++)...};
        return std::apply(
            [](auto&... part) -> result<std::tuple<T...>> {
                const error* why = nullptr;
                ((why = why == nullptr && !part ? &part.error() : why), ...);
                if (why != nullptr) return *why;
                return std::tuple<T...>{*std::move(part)...};
            },
            parts);
    }
};

/// An array of exactly so many.
template <class T, std::size_t Count>
struct reply_to<std::array<T, Count>> {
    static result<std::array<T, Count>> from(reply_view v) {
        auto all = decode<std::vector<T>>(v);
        if (!all) return std::move(all).error();
        if (all->size() != Count) return detail::shape_error("an array of " + std::to_string(Count), v);
        std::array<T, Count> items;
        for (std::size_t i = 0; i < Count; ++i) items[i] = std::move((*all)[i]);
        return items;
    }
};

namespace detail {

template <class Set>
result<Set> decode_set(reply_view v) {
    if (!v.is_aggregate()) return shape_error("a set or an array", v);
    Set items;
    for (reply_view child : v) {
        auto item = decode<typename Set::value_type>(child);
        if (!item) return std::move(item).error();
        items.insert(*std::move(item));
    }
    return items;
}

}  // namespace detail

template <class T>
struct reply_to<std::set<T>> {
    static result<std::set<T>> from(reply_view v) { return detail::decode_set<std::set<T>>(v); }
};

template <class T>
struct reply_to<std::unordered_set<T>> {
    static result<std::unordered_set<T>> from(reply_view v) { return detail::decode_set<std::unordered_set<T>>(v); }
};

namespace detail {

/// Fills a map from a RESP3 map, or from an array of alternating keys and values as RESP2 has it.
template <class Map>
result<Map> decode_map(reply_view v) {
    if (!v.is_aggregate() || v.size() % 2 != 0) return shape_error("a map", v);
    Map map;
    for (auto it = v.begin(); it != v.end(); ++it) {
        auto key = decode<typename Map::key_type>(*it);
        if (!key) return std::move(key).error();
        auto mapped = decode<typename Map::mapped_type>(*++it);
        if (!mapped) return std::move(mapped).error();
        map.insert_or_assign(*std::move(key), *std::move(mapped));
    }
    return map;
}

}  // namespace detail

template <class K, class V>
struct reply_to<std::unordered_map<K, V>> {
    static result<std::unordered_map<K, V>> from(reply_view v) {
        return detail::decode_map<std::unordered_map<K, V>>(v);
    }
};

template <class K, class V>
struct reply_to<std::map<K, V>> {
    static result<std::map<K, V>> from(reply_view v) { return detail::decode_map<std::map<K, V>>(v); }
};

}  // namespace valkeyxx
