// What can be said of geo commands without a server.
#include <valkeyxx/commands/geo.hpp>

#include <gtest/gtest.h>

#include "support/wire.hpp"

namespace valkeyxx::commands {
namespace {

using testing::request;

TEST(builders_geo, a_search_says_all_it_was_told) {
    const geosearch_options options{.order = geo_order::nearest_first, .count = 5, .first_found = true};
    EXPECT_EQ(geosearch("k", around({.longitude = -0.5, .latitude = 1e-7}), box(4e6, 2.5, geo_unit::feet), options)
                  .encoded()
                  .bytes(),
              request({"GEOSEARCH", "k", "FROMLONLAT", "-0.5", "1e-07", "BYBOX", "4e+06", "2.5", "ft", "COUNT", "5",
                       "ANY", "ASC"}));
}

TEST(builders_geo, both_keys_must_be_of_one_slot) {
    const auto store = [](std::string_view to, std::string_view from) {
        return geosearchstore(to, from, around("m"), circle(1, geo_unit::meters)).encoded().facts().route;
    };
    EXPECT_EQ(store("a", "b"), key_route::cross_slot);
    EXPECT_EQ(store("a", "{a}2"), key_route::slot);
    EXPECT_EQ(georadius_store("a", {}, 1, geo_unit::meters, "b").encoded().facts().route, key_route::cross_slot);
    EXPECT_EQ(georadiusbymember_store("a", "STORE", 1, geo_unit::meters, "{a}b").encoded().facts().route,
              key_route::slot);
}

TEST(builders_geo, only_searches_that_store_nothing_are_repeatable) {
    EXPECT_TRUE(georadius("a", {}, 1, geo_unit::meters).encoded().facts().repeatable);
    EXPECT_FALSE(georadius_store("a", {}, 1, geo_unit::meters, "a").encoded().facts().repeatable);
    EXPECT_TRUE(georadiusbymember_ro("a", "m", 1, geo_unit::meters).encoded().facts().repeatable);
}

TEST(builders_geo, replies_of_the_wrong_shape_are_errors) {
    using testing::array, testing::bulk, testing::integer, testing::reply_from;
    const auto point = array({bulk("1.5"), bulk("-2")});
    const auto found = decode<geo_found>(reply_from(array({bulk("m"), bulk("3.25"), integer(7), point})));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->distance, 3.25);
    EXPECT_EQ(found->at.latitude, -2);
    EXPECT_EQ(decode<geo_found>(reply_from(bulk("m"))).error(), errc::unexpected_reply);
    EXPECT_EQ(decode<geo_found>(reply_from(array({bulk("m"), bulk("3.25"), integer(7)}))).error(),
              errc::unexpected_reply);
    EXPECT_EQ(decode<geo_point>(reply_from(array({bulk("1"), bulk("east")}))).error(), errc::unexpected_reply);
}

}  // namespace
}  // namespace valkeyxx::commands
