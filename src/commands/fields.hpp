// The named fields of a reply into the members of a struct: a map as RESP3 has it, or names and values one after the
// other.
//
//   constexpr field<group> fields[] = {member<&group::name>("name"), member<&group::idle>("idle")};
//   return decode_fields(reply, "a group", fields);
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <valkeyxx/convert.hpp>

namespace valkeyxx::detail {

template <class T>
result<void> read_into(T& to, reply_view v) {
    auto decoded = decode<T>(v);
    if (!decoded) return std::move(decoded).error();
    to = *std::move(decoded);
    return {};
}

/// A number of the duration's own units.
template <class Rep, class Period>
result<void> read_into(std::chrono::duration<Rep, Period>& to, reply_view v) {
    const auto number = v.as_integer();
    if (!number) return number.error();
    to = std::chrono::duration<Rep, Period>{*number};
    return {};
}

/// A number of the clock's units since 1970.
template <class Duration>
result<void> read_into(std::chrono::sys_time<Duration>& to, reply_view v) {
    Duration since{};
    if (auto done = read_into(since, v); !done) return done;
    to = std::chrono::sys_time<Duration>{since};
    return {};
}

template <class T>
constexpr bool is_of_time = false;
template <class Rep, class Period>
constexpr bool is_of_time<std::chrono::duration<Rep, Period>> = true;
template <class Duration>
constexpr bool is_of_time<std::chrono::sys_time<Duration>> = true;

/// The server writes -1 for a duration or a moment that there is not.
template <class T>
    requires is_of_time<T>
result<void> read_into(std::optional<T>& to, reply_view v) {
    to.reset();
    if (v.is_null()) return {};
    const auto number = v.as_integer();
    if (!number) return number.error();
    if (*number < 0) return {};
    return read_into(to.emplace(), v);
}

/// A field by its name in the reply, and what reads it.
template <class Struct>
struct field {
    std::string_view name;
    result<void> (*read)(Struct& to, reply_view v);
};

template <auto Member>
struct member_of;
template <class Struct, class T, T Struct::*Member>
struct member_of<Member> {
    using type = Struct;
    static result<void> read(Struct& to, reply_view v) { return read_into(to.*Member, v); }
};

template <auto Member>
constexpr field<typename member_of<Member>::type> member(std::string_view name) noexcept {
    return {name, &member_of<Member>::read};
}

/// Members whose fields are missing keep their defaults; fields that are not listed are skipped.
template <class Struct, std::size_t Count>
result<Struct> decode_fields(reply_view v, std::string_view what, const field<Struct> (&fields)[Count]) {
    if (!v.is_aggregate() || v.size() % 2 != 0) return shape_error(what, v);
    Struct all;
    for (auto it = v.begin(); it != v.end(); ++it) {
        const std::string_view name = (*it).text();
        const reply_view content = *++it;
        for (const field<Struct>& f : fields) {
            if (f.name != name) continue;
            if (auto done = f.read(all, content); !done) return done.error();
            break;
        }
    }
    return all;
}

/// The elements of an array into these variables, one after the other; elements beyond them are skipped.
/// Requires at least as many.
template <class... T>
result<void> decode_elements(reply_view v, std::string_view what, T&... to) {
    if (!v.is_aggregate() || v.size() < sizeof...(T)) return shape_error(what, v);
    auto it = v.begin();
    result<void> done;
    (void)((done = read_into(to, *it++), done.has_value()) && ...);
    return done;
}

}  // namespace valkeyxx::detail
