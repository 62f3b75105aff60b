// What a glob pattern says about all that it can match.
#include "routing/key_pattern.hpp"

#include <gtest/gtest.h>

#include <string_view>

#include <valkeyxx/slot.hpp>

namespace valkeyxx::routing {
namespace {

TEST(key_pattern, has_a_slot_if_its_tag_or_all_of_it_is_literal) {
    EXPECT_EQ(slot_of_pattern("{user}:*"), key_slot("user"));
    EXPECT_EQ(slot_of_pattern("{user}"), key_slot("user"));
    EXPECT_EQ(slot_of_pattern("a:{user}:?"), key_slot("user"));
    EXPECT_EQ(slot_of_pattern("plain"), key_slot("plain"));
    for (const std::string_view glob : {"*", "user:*", "{us*er}", "{}*", "{user*", "[{]user}", "\\{user}"}) {
        EXPECT_EQ(slot_of_pattern(glob), std::nullopt) << glob;
    }
}

TEST(key_pattern, may_match_notifications_if_its_beginning_does) {
    for (const std::string_view glob : {"__keyspace@0__:user:*", "__keyspace@*__:a", "__keyevent@0__:expired", "__key*",
                                        "__key*@0__:*", "_?keyspace@0__:a", "*", "*:expired", "?_keyspace@0__:a",
                                        "[_]_keyspace@0__:a", "\\__keyspace@0__:a", "__keyspace@0__:a"}) {
        EXPECT_TRUE(may_match_notifications(glob)) << glob;
    }
    for (const std::string_view glob : {"user:*", "user", "", "_", "__keyspace", "__keyspaces@*", "_keyspace@0__:*",
                                        "__KEYSPACE@0__:*", "__keyexpired@*", " __keyspace@0__:*"}) {
        EXPECT_FALSE(may_match_notifications(glob)) << glob;
    }
}

}  // namespace
}  // namespace valkeyxx::routing
