// Commands of the group "hyperloglog" on real servers.
#include <string>
#include <vector>

#include "integration/commands_world.hpp"

#include <valkeyxx/commands/generic.hpp>
#include <valkeyxx/commands/hyperloglog.hpp>

namespace valkeyxx::testing {
namespace {

using namespace valkeyxx::commands;
using namespace std::string_literals;

TEST_P(commands, pfadd_says_whether_something_is_new) {
    EXPECT_TRUE(run(pfadd("k", {"a", "b", "\0\r\n"s})));
    EXPECT_FALSE(run(pfadd("k", "a", "b"s)));
    EXPECT_TRUE(run(pfadd("k", "c")));
    EXPECT_EQ(run(pfcount("k")), 4);
    EXPECT_EQ(run(pfcount("none")), 0);
}

TEST_P(commands, pfadd_without_elements_makes_the_key) {
    EXPECT_TRUE(run(pfadd("k", std::vector<std::string>{})));
    EXPECT_FALSE(run(pfadd("k", std::vector<std::string>{})));
    EXPECT_EQ(run(exists("k")), 1);
}

TEST_P(commands, pfcount_counts_what_several_keys_have_together) {
    run(pfadd("{k}1", {"a", "b", "c"}));
    run(pfadd("{k}2", {"c", "d"}));
    EXPECT_EQ(run(pfcount("{k}1", "{k}2", "{k}none")), 4);
    EXPECT_EQ(run(pfcount({"{k}1", "{k}2"})), 4);
}

TEST_P(commands, pfcount_estimates_large_numbers) {
    std::vector<std::string> elements;
    for (int i = 0; i < 10000; ++i) elements.push_back(std::to_string(i));
    EXPECT_TRUE(run(pfadd("k", elements)));
    EXPECT_NEAR(static_cast<double>(run(pfcount("k"))), 10000, 500);
}

TEST_P(commands, pfmerge_joins_into_the_destination) {
    run(pfadd("{k}to", "a"));
    run(pfadd("{k}1", {"b", "c"}));
    run(pfadd("{k}2", {"c", "d"}));
    run(pfmerge("{k}to", {"{k}1", "{k}2"}));
    EXPECT_EQ(run(pfcount("{k}to")), 4);
    run(pfmerge("{k}new", "{k}2", "{k}none"));
    EXPECT_EQ(run(pfcount("{k}new")), 2);
}

TEST_P(commands, values_that_are_no_hyperloglogs_are_refused) {
    run(raw("SET", "string", "v"));
    run(raw("LPUSH", "list", "x"));
    EXPECT_EQ(refusal(pfadd("string", "a")), "WRONGTYPE");
    EXPECT_EQ(refusal(pfcount("list")), "WRONGTYPE");
}

}  // namespace
}  // namespace valkeyxx::testing
