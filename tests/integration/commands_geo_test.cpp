// Commands of the group "geo" on real servers. The places are those of the server's documentation.
#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "integration/commands_world.hpp"

#include <valkeyxx/commands/generic.hpp>
#include <valkeyxx/commands/geo.hpp>

namespace valkeyxx::testing {
namespace {

using namespace valkeyxx::commands;
using namespace std::string_literals;
using texts = std::vector<std::string>;
using enum geo_unit;
using enum geo_order;

constexpr geo_point palermo{.longitude = 13.361389, .latitude = 38.115556};
constexpr geo_point catania{.longitude = 15.087269, .latitude = 37.502669};
constexpr geo_point between{.longitude = 15, .latitude = 37};

const std::vector<geo_member> sicily{{"Palermo", palermo},
                                     {"Catania", catania},
                                     {"edge1", {.longitude = 12.758489, .latitude = 38.788135}},
                                     {"edge2", {.longitude = 17.241510, .latitude = 38.788135}}};

TEST_P(commands, geoadd_counts_new_or_changed_members) {
    EXPECT_EQ(run(geoadd("{k}", sicily)), 4);
    EXPECT_EQ(run(geoadd("{k}", sicily)), 0);
    EXPECT_EQ(run(geoadd("{k}", {{"Palermo", catania}, {"new", palermo}}, {.condition = geoadd_if::exists})), 0);
    EXPECT_EQ(run(geopos("{k}", {"new"})).at(0).has_value(), false);
    EXPECT_NEAR(run(geodist("{k}", "Palermo", "Catania")).value(), 0, 0.1);
    EXPECT_EQ(run(geoadd("{k}", {{"Palermo", palermo}, {"new", palermo}}, {.condition = geoadd_if::does_not_exist})),
              1);
    EXPECT_NEAR(run(geodist("{k}", "Palermo", "Catania")).value(), 0, 0.1);
    EXPECT_EQ(run(geoadd("{k}", {{"Palermo", palermo}, {"newer", palermo}}, {.count_changed = true})), 2);
    EXPECT_EQ(refusal(geoadd("{k}", {{"north pole", {.longitude = 0, .latitude = 90}}})), "ERR");
}

TEST_P(commands, geodist_measures_in_any_unit) {
    run(geoadd("{k}", sicily));
    EXPECT_NEAR(run(geodist("{k}", "Palermo", "Catania")).value(), 166274.1516, 0.001);
    EXPECT_NEAR(run(geodist("{k}", "Palermo", "Catania", kilometers)).value(), 166.2742, 0.001);
    EXPECT_NEAR(run(geodist("{k}", "Palermo", "Catania", miles)).value(), 103.3182, 0.001);
    EXPECT_NEAR(run(geodist("{k}", "Palermo", "Catania", feet)).value(), 545518.8700, 0.001);
    EXPECT_EQ(run(geodist("{k}", "Palermo", "Rome")), std::nullopt);
    EXPECT_EQ(run(geodist("none", "Palermo", "Rome")), std::nullopt);
}

TEST_P(commands, geohash_and_geopos_give_places) {
    run(geoadd("{k}", sicily));
    EXPECT_EQ(run(geohash("{k}", {"Palermo", "Rome", "Catania"})),
              (std::vector<std::optional<std::string>>{"sqc8b49rny0", std::nullopt, "sqdtr74hyu0"}));
    EXPECT_EQ(run(geohash("{k}", "Palermo", "Rome"s)),
              (std::vector<std::optional<std::string>>{"sqc8b49rny0", std::nullopt}));
    EXPECT_FALSE(run(geopos("{k}", "Rome", "Palermo")).at(0));
    const auto all = run(geopos("{k}", {"Palermo", "Rome"}));
    ASSERT_EQ(all.size(), 2U);
    ASSERT_TRUE(all[0]);
    EXPECT_NEAR(all[0]->longitude, palermo.longitude, 1e-5);
    EXPECT_NEAR(all[0]->latitude, palermo.latitude, 1e-5);
    EXPECT_FALSE(all[1]);
    EXPECT_FALSE(run(geopos("none", texts{"Palermo"})).at(0));
}

TEST_P(commands, geosearch_looks_in_circles_and_boxes) {
    run(geoadd("{k}", sicily));
    auto found = run(geosearch("{k}", around(between), circle(200, kilometers)));
    std::ranges::sort(found);
    EXPECT_EQ(found, (texts{"Catania", "Palermo"}));
    EXPECT_EQ(run(geosearch("{k}", around(between), box(400, 400, kilometers), {.order = nearest_first})),
              (texts{"Catania", "Palermo", "edge2", "edge1"}));
    EXPECT_EQ(run(geosearch("{k}", around(between), box(400e3, 100e3, meters))), texts{});
    EXPECT_EQ(run(geosearch("{k}", around("Palermo"), circle(1, miles))), texts{"Palermo"});
    EXPECT_EQ(refusal(geosearch("{k}", around("Rome"), circle(1, miles))), "ERR");
    EXPECT_EQ(run(geosearch("none", around("Rome"), circle(1, miles))), texts{});
}

TEST_P(commands, geosearch_looks_in_polygons) {
    const std::array<geo_point, 5> west{geo_point{.longitude = 12, .latitude = 37},
                                        {.longitude = 12, .latitude = 39},
                                        {.longitude = 14, .latitude = 39},
                                        {.longitude = 14, .latitude = 38},
                                        {.longitude = 14, .latitude = 37}};
    run(geoadd("{k}", sicily));
    if (!offers_since(9, 0, geosearch("{k}", geo_polygon{west}))) return;
    EXPECT_EQ(run(geosearch("{k}", geo_polygon{west}, {.order = nearest_first})), (texts{"Palermo", "edge1"}));
    const auto found = run(geosearch_details("{k}", geo_polygon{west}, {.order = nearest_first, .count = 1}));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].member, "Palermo");
    EXPECT_NEAR(found[0].distance, 18799.86, 1);  // from the mean of the corners
    EXPECT_EQ(run(geosearchstore("{k}to", "{k}", geo_polygon{west})), 2);
    EXPECT_EQ(run(geosearchstore_distances("{k}to", "{k}", geo_polygon{west}, {.order = farthest_first, .count = 2})),
              2);
    EXPECT_NEAR(run(raw<double>("ZSCORE", "{k}to", "Palermo")), found[0].distance, 1);
    EXPECT_EQ(refusal(geosearch("{k}", geo_polygon{std::span{west}.first(2)})), "ERR");
}

TEST_P(commands, geosearch_orders_and_counts) {
    run(geoadd("{k}", sicily));
    const geo_area all = circle(1e6, feet);
    EXPECT_EQ(run(geosearch("{k}", around(between), all, {.order = farthest_first, .count = 2})),
              (texts{"edge1", "edge2"}));
    EXPECT_EQ(run(geosearch("{k}", around(between), all, {.count = 1})), texts{"Catania"});
    EXPECT_EQ(run(geosearch("{k}", around(between), all, {.count = 3, .first_found = true})).size(), 3U);
    EXPECT_EQ(refusal(geosearch("{k}", around(between), all, {.first_found = true})), "ERR");
}

TEST_P(commands, geosearch_details_tells_all_of_each_member) {
    run(geoadd("{k}", sicily));
    const auto found =
        run(geosearch_details("{k}", around(between), circle(200, kilometers), {.order = nearest_first}));
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[1].member, "Palermo");
    EXPECT_NEAR(found[1].distance, 190.4424, 0.001);
    EXPECT_EQ(found[1].hash, 3479099956230698);
    EXPECT_NEAR(found[1].at.longitude, palermo.longitude, 1e-5);
    EXPECT_NEAR(found[1].at.latitude, palermo.latitude, 1e-5);
    EXPECT_EQ(found[0].member, "Catania");
    EXPECT_TRUE(run(geosearch_details("none", around(between), circle(200, kilometers))).empty());
}

TEST_P(commands, geosearchstore_keeps_places_or_distances) {
    run(geoadd("{k}", sicily));
    const geo_area near = circle(200, kilometers);
    EXPECT_EQ(run(geosearchstore("{k}to", "{k}", around(between), near)), 2);
    EXPECT_NEAR(run(geodist("{k}to", "Palermo", "Catania")).value(), 166274.1516, 0.001);
    EXPECT_EQ(run(geosearchstore_distances("{k}to", "{k}", around(between), near, {.count = 1})), 1);
    EXPECT_NEAR(run(raw<double>("ZSCORE", "{k}to", "Catania")), 56.4413, 0.001);
    EXPECT_EQ(run(geosearchstore("{k}to", "{k}none", around(between), near)), 0);
    EXPECT_EQ(run(exists("{k}to")), 0);
}

TEST_P(commands, deprecated_searches_still_work) {
    run(geoadd("{k}", sicily));
    const geosearch_options sorted{.order = nearest_first};
    const texts both{"Catania", "Palermo"};
    EXPECT_EQ(run(georadius("{k}", between, 200, kilometers, sorted)), both);
    EXPECT_EQ(run(georadius_ro("{k}", between, 200, kilometers, sorted)), both);
    EXPECT_EQ(run(georadius_store("{k}", between, 200, kilometers, "{k}to")), 2);
    EXPECT_EQ(run(georadius("{k}to", between, 200, kilometers, sorted)), both);
    EXPECT_EQ(run(georadiusbymember("{k}", "Catania", 200, kilometers, sorted)), (texts{"Catania", "Palermo"}));
    EXPECT_EQ(run(georadiusbymember_ro("{k}", "Palermo", 100, kilometers, sorted)), (texts{"Palermo", "edge1"}));
    EXPECT_EQ(run(georadiusbymember_store("{k}", "Palermo", 100, kilometers, "{k}to", {.count = 1})), 1);
    EXPECT_EQ(run(georadius("{k}to", between, 200, kilometers)), texts{"Palermo"});
}

TEST_P(commands, members_hold_any_bytes_and_other_types_are_refused) {
    const std::string name = "\0\r\n\xff"s;
    run(geoadd("bytes", {{name, palermo}}));
    EXPECT_EQ(run(geosearch("bytes", around(name), circle(1, meters))), texts{name});
    run(raw("SET", "string", "v"));
    EXPECT_EQ(refusal(geoadd("string", {{"a", palermo}})), "WRONGTYPE");
    EXPECT_EQ(refusal(geopos("string", {"a"})), "WRONGTYPE");
}

}  // namespace
}  // namespace valkeyxx::testing
