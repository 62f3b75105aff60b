// The sentinel fixture: it answers, and names another primary when the one it has dies.
#include <gtest/gtest.h>

#include <chrono>
#include <iostream>

#include "support/sentinel_set.hpp"
#include "support/world.hpp"

namespace valkeyxx::testing {

namespace {

struct servers {
    std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();
    sentinel_set three;
    sentinel_set guarded{
        {.sentinels = 1, .replicas = 1, .name = "guarded", .password = "secret", .sentinel_password = "watch"}};

    void wait() {
        three.wait();
        guarded.wait();
        std::cout << "two sentinel sets ready after "
                  << std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() << " s\n";
    }
};

const auto registered = use_world<servers>();

}  // namespace

TEST(support_sentinel, all_name_the_same_primary) {
    auto& set = world<servers>().three;
    EXPECT_EQ(set.primary_port(0), set.server(0).port());
    EXPECT_EQ(set.primary_port(2), set.server(0).port());
    EXPECT_EQ(set.sentinel(1).role(), "sentinel");
    EXPECT_EQ(set.replica().role(), "replica");
    EXPECT_EQ(set.url().substr(0, 28), "valkey+sentinel://127.0.0.1:");
    EXPECT_EQ(set.url().substr(set.url().rfind('/')), "/mymaster");
}

TEST(support_sentinel, another_primary_follows_a_killed_one) {
    auto& set = world<servers>().three;
    auto& old = set.primary();
    old.kill9();
    set.wait_replaced(old);
    EXPECT_EQ(set.primary().admin()({"SET", "key", "value"}), "OK");
    set.heal();
    EXPECT_EQ(old.role(), "replica");
}

TEST(support_sentinel, killed_ones_come_back) {
    auto& set = world<servers>().three;
    set.sentinel(1).kill9();
    set.sentinel(2).pause();
    EXPECT_EQ(set.primary().role(), "primary");
    set.heal();
    EXPECT_EQ(set.primary_port(1), set.primary_port(2));
}

TEST(support_sentinel, one_is_enough_and_passwords_work) {
    auto& set = world<servers>().guarded;
    EXPECT_EQ(set.server(1).role(), "replica");
    set.failover();
    EXPECT_EQ(set.primary_port(), set.server(1).port());
    EXPECT_TRUE(admin(set.sentinel(0).port()).call({"PING"}).is_error());
}

}  // namespace valkeyxx::testing
