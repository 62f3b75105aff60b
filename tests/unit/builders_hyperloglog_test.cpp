// What can be said of commands on hyperloglogs without a server.
#include <valkeyxx/commands/hyperloglog.hpp>

#include <gtest/gtest.h>

namespace valkeyxx::commands {
namespace {

TEST(builders_hyperloglog, keys_must_be_of_one_slot) {
    EXPECT_EQ(pfcount("a", "b").encoded().facts().route, key_route::cross_slot);
    EXPECT_EQ(pfmerge("a", "b").encoded().facts().route, key_route::cross_slot);
    EXPECT_EQ(pfmerge("{a}1", {"a", "{a}2"}).encoded().facts().slot, key_slot("a"));
    EXPECT_EQ(pfadd("a", "b").encoded().facts().slot, key_slot("a"));
    EXPECT_EQ(pfadd("a", "b").encoded().facts().route, key_route::slot);
}

}  // namespace
}  // namespace valkeyxx::commands
