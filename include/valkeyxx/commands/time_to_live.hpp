// How long keys, and fields of hashes, live: what the server tells of it, and when it may be changed.
//
//   if (const auto life = cluster.execute(ttl("session:1")); life.left) std::cout << life.left->count() << " s\n";
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include <valkeyxx/convert.hpp>

namespace valkeyxx {

namespace commands {

/// Under which condition a time to live is given to a key or a field. All but `always` are not repeated when the reply
/// is lost.
enum class expire_if : std::uint8_t {
    always,
    has_none,  ///< it lives for good (NX)
    has_one,   ///< it has a time to live (XX)
    longer,    ///< it lives longer then (GT); never true for what lives for good
    shorter,   ///< it lives shorter then (LT); always true for what lives for good
};

/// How long a key or a field still lives.
template <class Duration>
struct time_to_live {
    bool exists = false;                ///< whether there is such a key or field
    std::optional<Duration> left = {};  ///< nullopt: it lives for good, or does not exist
    friend bool operator==(const time_to_live&, const time_to_live&) = default;
};

/// When the life of a key or a field ends, by the server's clock.
template <class TimePoint>
struct end_of_life {
    bool exists = false;               ///< whether there is such a key or field
    std::optional<TimePoint> at = {};  ///< nullopt: it lives for good, or does not exist
    friend bool operator==(const end_of_life&, const end_of_life&) = default;
};

}  // namespace commands

namespace detail {

/// The number in a reply about a life; nullopt for the -1 of what lives for good. `exists` becomes false for the -2 of
/// what is not there.
result<std::optional<std::int64_t>> decode_life(reply_view v, bool& exists);

}  // namespace detail

/// A number of the duration's units, or -1 or -2.
template <class Rep, class Period>
struct reply_to<commands::time_to_live<std::chrono::duration<Rep, Period>>> {
    using life = commands::time_to_live<std::chrono::duration<Rep, Period>>;
    static result<life> from(reply_view v) {
        life all;
        const auto number = detail::decode_life(v, all.exists);
        if (!number) return number.error();
        if (*number) all.left = std::chrono::duration<Rep, Period>{**number};
        return all;
    }
};

/// A number of the clock's units since 1970, or -1 or -2.
template <class Duration>
struct reply_to<commands::end_of_life<std::chrono::sys_time<Duration>>> {
    using life = commands::end_of_life<std::chrono::sys_time<Duration>>;
    static result<life> from(reply_view v) {
        life all;
        const auto number = detail::decode_life(v, all.exists);
        if (!number) return number.error();
        if (*number) all.at = std::chrono::sys_time<Duration>{Duration{**number}};
        return all;
    }
};

/// A number of the duration's units.
template <class Rep, class Period>
struct reply_to<std::chrono::duration<Rep, Period>> {
    static result<std::chrono::duration<Rep, Period>> from(reply_view v) {
        auto number = decode<Rep>(v);
        if (!number) return std::move(number).error();
        return std::chrono::duration<Rep, Period>{*number};
    }
};

}  // namespace valkeyxx
