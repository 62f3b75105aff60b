// Commands of the group "geo": members of a sorted set with places on the Earth, to about half a metre.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <valkeyxx/command.hpp>
#include <valkeyxx/command_id.hpp>
#include <valkeyxx/strings.hpp>

namespace valkeyxx::commands {

/// A place on the Earth, in degrees.
struct geo_point {
    double longitude = 0;  ///< -180 to 180
    double latitude = 0;   ///< -85.05112878 to 85.05112878
};

/// A member with its place.
struct geo_member {
    std::string_view member;
    geo_point at;
};

/// In which unit distances are given and returned.
enum class geo_unit : std::uint8_t { meters, kilometers, miles, feet };

/// Which members GEOADD writes.
enum class geoadd_if : std::uint8_t { always, exists, does_not_exist };

/// Options of GEOADD.
struct geoadd_options {
    geoadd_if condition = geoadd_if::always;  ///< of each member
    bool count_changed = false;               ///< also counts members that were moved (CH)
};

/// Adds members with their places, or moves them; returns how many are new. Not repeated when its reply is lost.
/// Errors: ERR if a place cannot be; nothing is added then.
/// Example: `geoadd("k", {{"Palermo", {.longitude = 13.361389, .latitude = 38.115556}}})`
/// Source: https://valkey.io/commands/geoadd
[[nodiscard]] command<std::int64_t> geoadd(std::string_view key, const std::vector<geo_member>& members,
                                           geoadd_options options = {});

/// How far two members are apart; nullopt if one of them does not exist. Within 0.5 %, as the Earth is taken for a
/// sphere. Source: https://valkey.io/commands/geodist
[[nodiscard]] command<std::optional<double>> geodist(std::string_view key, std::string_view first,
                                                     std::string_view second, geo_unit unit = geo_unit::meters);

/// The places of members as Geohash strings of 11 characters; nullopt for each that does not exist.
/// Source: https://valkey.io/commands/geohash
[[nodiscard]] command<std::vector<std::optional<std::string>>> geohash(std::string_view key, const strings& members);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::vector<std::optional<std::string>>> geohash(std::string_view key, std::string_view member,
                                                                       const More&... more) {
    return geohash(key, strings{member, std::string_view{more}...});
}

/// The places of members; nullopt for each that does not exist. Source: https://valkey.io/commands/geopos
[[nodiscard]] command<std::vector<std::optional<geo_point>>> geopos(std::string_view key, const strings& members);
template <std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::vector<std::optional<geo_point>>> geopos(std::string_view key, std::string_view member,
                                                                    const More&... more) {
    return geopos(key, strings{member, std::string_view{more}...});
}

/// The middle of a search. Made by the functions below; refers to the member's name.
struct geo_center {
    std::string_view member = {};
    std::optional<geo_point> point = {};
};
/// The place of a member. Such a search fails with ERR if there is no such member, but is empty if there is no such
/// key.
[[nodiscard]] constexpr geo_center around(std::string_view member) noexcept {
    return {.member = member, .point = {}};
}
/// Any place.
[[nodiscard]] constexpr geo_center around(geo_point point) noexcept {
    return {.member = {}, .point = point};
}

/// Where a search looks, around its middle. Made by the functions below.
struct geo_area {
    enum class shape : std::uint8_t { circle, box };
    shape form = shape::circle;
    double width = 0;  ///< of a circle: its radius
    double height = 0;
    geo_unit unit = geo_unit::meters;
};
/// Everything within this distance.
[[nodiscard]] constexpr geo_area circle(double radius, geo_unit unit) noexcept {
    return {.form = geo_area::shape::circle, .width = radius, .height = 0, .unit = unit};
}
/// As wide from west to east, and as high from south to north.
[[nodiscard]] constexpr geo_area box(double width, double height, geo_unit unit) noexcept {
    return {.form = geo_area::shape::box, .width = width, .height = height, .unit = unit};
}

/// An area of any shape, by its corners; three of them at least. Its middle is the mean of them, on the sphere. They
/// must live until the command is made. Since Valkey 9.0.
struct geo_polygon {
    std::span<const geo_point> corners = {};
};

/// In which order members are returned, by their distance from the middle.
enum class geo_order : std::uint8_t { any, nearest_first, farthest_first };

/// Options of searches.
struct geosearch_options {
    geo_order order = geo_order::any;
    /// How many to return at most, those nearest unless `order` says otherwise; by default all.
    std::optional<std::int64_t> count = {};
    bool first_found = false;  ///< with `count`: any so many, which is quicker (ANY)
};

/// The members in an area. Empty if there are none, or no such key.
/// Example: `geosearch("k", around({.longitude = 15, .latitude = 37}), circle(200, geo_unit::kilometers))`
/// Source: https://valkey.io/commands/geosearch
[[nodiscard]] command<std::vector<std::string>> geosearch(std::string_view key, geo_center center, geo_area area,
                                                          geosearch_options options = {});
/// The same in a polygon. Example: `geosearch("k", geo_polygon{corners})` with `std::array<geo_point, 4> corners`.
/// Since Valkey 9.0. Source: https://valkey.io/commands/geosearch
[[nodiscard]] command<std::vector<std::string>> geosearch(std::string_view key, geo_polygon area,
                                                          geosearch_options options = {});

/// One member that a search found.
struct geo_found {
    std::string member;
    double distance = 0;    ///< from the middle, in the unit of the area; in meters for a polygon
    std::int64_t hash = 0;  ///< its score in the sorted set: 52 bits that hold its place
    geo_point at = {};
};

/// GEOSEARCH with WITHDIST, WITHHASH and WITHCOORD: as geosearch, with all that is known of each member.
/// Source: https://valkey.io/commands/geosearch
[[nodiscard]] command<std::vector<geo_found>> geosearch_details(std::string_view key, geo_center center, geo_area area,
                                                                geosearch_options options = {});
[[nodiscard]] command<std::vector<geo_found>> geosearch_details(std::string_view key, geo_polygon area,
                                                                geosearch_options options = {});

/// Puts the members in an area, with their places, into a key of the same slot, replacing what is there; returns how
/// many. Not repeated when its reply is lost. Error `cross_slot`: the keys hash to several slots.
/// Source: https://valkey.io/commands/geosearchstore
[[nodiscard]] command<std::int64_t> geosearchstore(std::string_view destination, std::string_view source,
                                                   geo_center center, geo_area area, geosearch_options options = {});
[[nodiscard]] command<std::int64_t> geosearchstore(std::string_view destination, std::string_view source,
                                                   geo_polygon area, geosearch_options options = {});

/// GEOSEARCHSTORE with STOREDIST: the same with the distances as scores of a sorted set, in the unit of the area (in
/// meters for a polygon).
/// Source: https://valkey.io/commands/geosearchstore
[[nodiscard]] command<std::int64_t> geosearchstore_distances(std::string_view destination, std::string_view source,
                                                             geo_center center, geo_area area,
                                                             geosearch_options options = {});
[[nodiscard]] command<std::int64_t> geosearchstore_distances(std::string_view destination, std::string_view source,
                                                             geo_polygon area, geosearch_options options = {});

/// The members around a point. Deprecated in favour of geosearch. Source: https://valkey.io/commands/georadius
[[nodiscard]] command<std::vector<std::string>> georadius(std::string_view key, geo_point center, double radius,
                                                          geo_unit unit, geosearch_options options = {});
/// As georadius, but may read from a replica. Deprecated in favour of geosearch.
/// Source: https://valkey.io/commands/georadius_ro
[[nodiscard]] command<std::vector<std::string>> georadius_ro(std::string_view key, geo_point center, double radius,
                                                             geo_unit unit, geosearch_options options = {});
/// GEORADIUS with STORE: puts the members with their places into a key of the same slot; returns how many. Not repeated
/// when its reply is lost. Deprecated in favour of geosearchstore. Source: https://valkey.io/commands/georadius
[[nodiscard]] command<std::int64_t> georadius_store(std::string_view key, geo_point center, double radius,
                                                    geo_unit unit, std::string_view destination,
                                                    geosearch_options options = {});

/// The members around a member. Deprecated in favour of geosearch. Source: https://valkey.io/commands/georadiusbymember
[[nodiscard]] command<std::vector<std::string>> georadiusbymember(std::string_view key, std::string_view center,
                                                                  double radius, geo_unit unit,
                                                                  geosearch_options options = {});
/// As georadiusbymember, but may read from a replica. Deprecated in favour of geosearch.
/// Source: https://valkey.io/commands/georadiusbymember_ro
[[nodiscard]] command<std::vector<std::string>> georadiusbymember_ro(std::string_view key, std::string_view center,
                                                                     double radius, geo_unit unit,
                                                                     geosearch_options options = {});
/// GEORADIUSBYMEMBER with STORE: puts the members with their places into a key of the same slot; returns how many. Not
/// repeated when its reply is lost. Deprecated in favour of geosearchstore.
/// Source: https://valkey.io/commands/georadiusbymember
[[nodiscard]] command<std::int64_t> georadiusbymember_store(std::string_view key, std::string_view center,
                                                            double radius, geo_unit unit, std::string_view destination,
                                                            geosearch_options options = {});

}  // namespace valkeyxx::commands

namespace valkeyxx {

template <>
struct reply_to<commands::geo_point> {
    static result<commands::geo_point> from(reply_view v);
};

template <>
struct reply_to<commands::geo_found> {
    static result<commands::geo_found> from(reply_view v);
};

}  // namespace valkeyxx
