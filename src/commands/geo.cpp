// The commands of the group "geo".
#include <valkeyxx/commands/geo.hpp>

#include "commands/arguments.hpp"

namespace valkeyxx::commands {
namespace {

using detail::arguments;
using where = encoded_command::keys;
using texts = std::vector<std::string>;

std::string_view word_for(geo_unit unit) {
    switch (unit) {
        case geo_unit::kilometers:
            return "km";
        case geo_unit::miles:
            return "mi";
        case geo_unit::feet:
            return "ft";
        case geo_unit::meters:
            break;
    }
    return "m";
}

void add_point(arguments& args, geo_point point) {
    args << point.longitude << point.latitude;
}

void add_options(arguments& args, const geosearch_options& options) {
    if (options.count) args << "COUNT" << *options.count;
    args.when(options.first_found, "ANY");
    args.when(options.order == geo_order::nearest_first, "ASC");
    args.when(options.order == geo_order::farthest_first, "DESC");
}

// What GEOSEARCH and GEOSEARCHSTORE have in common.
void add_search(arguments& args, const geo_center& center, const geo_area& area, const geosearch_options& options) {
    if (center.point) {
        args << "FROMLONLAT";
        add_point(args, *center.point);
    } else {
        args << "FROMMEMBER" << center.member;
    }
    if (area.form == geo_area::shape::box) {
        args << "BYBOX" << area.width << area.height;
    } else {
        args << "BYRADIUS" << area.width;
    }
    args << word_for(area.unit);
    add_options(args, options);
}

void add_search(arguments& args, geo_polygon area, const geosearch_options& options) {
    args << "BYPOLYGON" << area.corners.size();
    for (const geo_point corner : area.corners) add_point(args, corner);
    add_options(args, options);
}

void add_details(arguments& args) {
    args << "WITHDIST"
         << "WITHHASH"
         << "WITHCOORD";
}

arguments around_point(std::string_view key, geo_point center, double radius, geo_unit unit,
                       const geosearch_options& options) {
    arguments args{key};
    add_point(args, center);
    args << radius << word_for(unit);
    add_options(args, options);
    return args;
}

arguments around_member(std::string_view key, std::string_view center, double radius, geo_unit unit,
                        const geosearch_options& options) {
    arguments args{key, center, radius, word_for(unit)};
    add_options(args, options);
    return args;
}

}  // namespace

command<std::int64_t> geoadd(std::string_view key, const std::vector<geo_member>& members, geoadd_options options) {
    arguments args{key};
    args.when(options.condition == geoadd_if::exists, "XX");
    args.when(options.condition == geoadd_if::does_not_exist, "NX");
    args.when(options.count_changed, "CH");
    for (const auto& [member, at] : members) {
        add_point(args, at);
        args << member;
    }
    return args.as<std::int64_t>(command_id::geoadd, where::first);
}

command<std::optional<double>> geodist(std::string_view key, std::string_view first, std::string_view second,
                                       geo_unit unit) {
    return arguments{key, first, second, word_for(unit)}.as<std::optional<double>>(command_id::geodist, where::first);
}

command<std::vector<std::optional<std::string>>> geohash(std::string_view key, const strings& members) {
    return arguments{key, members.view()}.as<std::vector<std::optional<std::string>>>(command_id::geohash,
                                                                                      where::first);
}

command<std::vector<std::optional<geo_point>>> geopos(std::string_view key, const strings& members) {
    return arguments{key, members.view()}.as<std::vector<std::optional<geo_point>>>(command_id::geopos, where::first);
}

command<texts> geosearch(std::string_view key, geo_center center, geo_area area, geosearch_options options) {
    arguments args{key};
    add_search(args, center, area, options);
    return args.as<texts>(command_id::geosearch, where::first);
}

command<texts> geosearch(std::string_view key, geo_polygon area, geosearch_options options) {
    arguments args{key};
    add_search(args, area, options);
    return args.as<texts>(command_id::geosearch, where::first);
}

command<std::vector<geo_found>> geosearch_details(std::string_view key, geo_center center, geo_area area,
                                                  geosearch_options options) {
    arguments args{key};
    add_search(args, center, area, options);
    add_details(args);
    return args.as<std::vector<geo_found>>(command_id::geosearch, where::first);
}

command<std::vector<geo_found>> geosearch_details(std::string_view key, geo_polygon area, geosearch_options options) {
    arguments args{key};
    add_search(args, area, options);
    add_details(args);
    return args.as<std::vector<geo_found>>(command_id::geosearch, where::first);
}

command<std::int64_t> geosearchstore(std::string_view destination, std::string_view source, geo_center center,
                                     geo_area area, geosearch_options options) {
    arguments args{destination, source};
    add_search(args, center, area, options);
    return args.as<std::int64_t>(command_id::geosearchstore, where::by_table);
}

command<std::int64_t> geosearchstore_distances(std::string_view destination, std::string_view source, geo_center center,
                                               geo_area area, geosearch_options options) {
    arguments args{destination, source};
    add_search(args, center, area, options);
    args << "STOREDIST";
    return args.as<std::int64_t>(command_id::geosearchstore, where::by_table);
}

command<std::int64_t> geosearchstore(std::string_view destination, std::string_view source, geo_polygon area,
                                     geosearch_options options) {
    arguments args{destination, source};
    add_search(args, area, options);
    return args.as<std::int64_t>(command_id::geosearchstore, where::by_table);
}

command<std::int64_t> geosearchstore_distances(std::string_view destination, std::string_view source, geo_polygon area,
                                               geosearch_options options) {
    arguments args{destination, source};
    add_search(args, area, options);
    args << "STOREDIST";
    return args.as<std::int64_t>(command_id::geosearchstore, where::by_table);
}

command<texts> georadius(std::string_view key, geo_point center, double radius, geo_unit unit,
                         geosearch_options options) {
    return around_point(key, center, radius, unit, options).as<texts>(command_id::georadius, where::first);
}

command<texts> georadius_ro(std::string_view key, geo_point center, double radius, geo_unit unit,
                            geosearch_options options) {
    return around_point(key, center, radius, unit, options).as<texts>(command_id::georadius_ro, where::first);
}

command<std::int64_t> georadius_store(std::string_view key, geo_point center, double radius, geo_unit unit,
                                      std::string_view destination, geosearch_options options) {
    arguments args = around_point(key, center, radius, unit, options);
    args << "STORE" << destination;
    return args.as<std::int64_t>(command_id::georadius, where::by_table);
}

command<texts> georadiusbymember(std::string_view key, std::string_view center, double radius, geo_unit unit,
                                 geosearch_options options) {
    return around_member(key, center, radius, unit, options).as<texts>(command_id::georadiusbymember, where::first);
}

command<texts> georadiusbymember_ro(std::string_view key, std::string_view center, double radius, geo_unit unit,
                                    geosearch_options options) {
    return around_member(key, center, radius, unit, options).as<texts>(command_id::georadiusbymember_ro, where::first);
}

command<std::int64_t> georadiusbymember_store(std::string_view key, std::string_view center, double radius,
                                              geo_unit unit, std::string_view destination, geosearch_options options) {
    arguments args = around_member(key, center, radius, unit, options);
    args << "STORE" << destination;
    return args.as<std::int64_t>(command_id::georadiusbymember, where::by_table);
}

}  // namespace valkeyxx::commands

namespace valkeyxx {

result<commands::geo_point> reply_to<commands::geo_point>::from(reply_view v) {
    auto parts = decode<std::pair<double, double>>(v);
    if (!parts) return std::move(parts).error();
    return commands::geo_point{.longitude = parts->first, .latitude = parts->second};
}

result<commands::geo_found> reply_to<commands::geo_found>::from(reply_view v) {
    auto parts = decode<std::tuple<std::string, double, std::int64_t, commands::geo_point>>(v);
    if (!parts) return std::move(parts).error();
    auto& [member, distance, hash, at] = *parts;
    return commands::geo_found{.member = std::move(member), .distance = distance, .hash = hash, .at = at};
}

}  // namespace valkeyxx
