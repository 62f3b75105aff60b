// From a reply to a C++ type. Specialise `reply_to<T>` to decode into a type of your own:
//
//   template <> struct vk::reply_to<point> {
//       static vk::result<point> from(vk::reply_view v) { ... }
//   };
#pragma once

#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
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
