// Who serves a slot now: the last topology, mended by each MOVED since.
#include "routing/router.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace valkeyxx::routing {
namespace {

endpoint at(int port) {
    return {"10.0.0.1", static_cast<std::uint16_t>(port)};
}

node_info node(int port) {
    return {.id = "id" + std::to_string(port), .address = at(port)};
}

// Slots 0-99 by 1 with the replicas 11 and 12, slots 100-199 by 2 with the replica 21.
shard_map two_shards() {
    return shard_map{{{.primary = node(1), .replicas = {node(11), node(12)}, .slots = {{0, 99}}},
                      {.primary = node(2), .replicas = {node(21)}, .slots = {{100, 199}}}}};
}

constexpr std::uint16_t slots_of_first[] = {0, 50, 99};

struct router_test : testing::Test {
    router r{1};

    void SetUp() override { r.adopt(two_shards(), r.tick()); }
    // The port of the slot's primary; 0: nobody.
    int serving(std::uint16_t slot) const {
        const node_id id = r.primary(slot);
        return id == no_node ? 0 : r.at(id).port;
    }
    void moved(std::uint16_t slot, int port) { r.moved(slot, r.intern(at(port))); }
};

TEST(router, knows_nothing_at_first) {
    router r{1};
    EXPECT_FALSE(r.ready());
    EXPECT_EQ(r.known_nodes(), 0U);
    for (std::uint16_t slot = 0; slot < slot_count; ++slot) ASSERT_EQ(r.primary(slot), no_node);
    EXPECT_EQ(r.default_node(), no_node);
    EXPECT_TRUE(r.members().empty());
    EXPECT_TRUE(r.snapshot().shards().empty());
    EXPECT_FALSE(r.serves(0));
}

TEST(router, gives_each_endpoint_one_id_for_good) {
    router r{1};
    const node_id a = r.intern({"a", 1});
    const node_id b = r.intern({"a", 2});
    EXPECT_NE(a, b);
    EXPECT_EQ(r.intern({"a", 1}), a);
    EXPECT_EQ(r.at(a), (endpoint{"a", 1}));
    EXPECT_EQ(r.known_nodes(), 2U);
    r.adopt(shard_map{{{.primary = {"x", {"a", 2}}, .replicas = {}, .slots = {{0, 1}}}}}, r.tick());
    EXPECT_EQ(r.primary(0), b);
    EXPECT_EQ(r.known_nodes(), 2U);
    EXPECT_EQ(r.intern({"a", 1}), a);
}

TEST_F(router_test, adopts_a_topology) {
    EXPECT_TRUE(r.ready());
    EXPECT_EQ(serving(0), 1);
    EXPECT_EQ(serving(99), 1);
    EXPECT_EQ(serving(100), 2);
    EXPECT_EQ(serving(199), 2);
    EXPECT_EQ(serving(200), 0);
    EXPECT_EQ(serving(16383), 0);
    EXPECT_EQ(r.members().size(), 5U);
    EXPECT_TRUE(r.serves(r.intern(at(12))));
    EXPECT_FALSE(r.serves(r.intern(at(3))));
    EXPECT_EQ(r.snapshot(), two_shards());
}

TEST_F(router_test, a_newer_topology_replaces_the_older_one_entirely) {
    r.adopt(shard_map{{{.primary = node(3), .replicas = {}, .slots = {{50, 60}}}}}, r.tick());
    EXPECT_EQ(serving(50), 3);
    EXPECT_EQ(serving(0), 0);
    EXPECT_EQ(serving(100), 0);
    EXPECT_FALSE(r.serves(r.intern(at(1))));
    EXPECT_EQ(r.members().size(), 1U);
}

TEST_F(router_test, moved_to_another_shard_moves_one_slot) {
    moved(50, 2);
    EXPECT_EQ(serving(49), 1);
    EXPECT_EQ(serving(50), 2);
    EXPECT_EQ(serving(51), 1);
    EXPECT_EQ(r.snapshot(),
              (shard_map{{{.primary = node(1), .replicas = {node(11), node(12)}, .slots = {{0, 49}, {51, 99}}},
                          {.primary = node(2), .replicas = {node(21)}, .slots = {{50, 50}, {100, 199}}}}}));
}

TEST_F(router_test, moved_to_a_new_node_moves_one_slot_there) {
    moved(50, 3);
    EXPECT_EQ(serving(50), 3);
    EXPECT_EQ(serving(51), 1);
    EXPECT_TRUE(r.serves(r.intern(at(3))));
    moved(51, 3);
    EXPECT_EQ(serving(51), 3);
    EXPECT_EQ(r.members().size(), 6U);  // one new shard, not two
    EXPECT_EQ(r.snapshot().shards().size(), 3U);
}

TEST_F(router_test, moved_of_an_uncovered_slot_covers_it) {
    moved(16383, 2);
    EXPECT_EQ(serving(16383), 2);
    EXPECT_EQ(serving(16382), 0);
}

TEST_F(router_test, moved_to_a_replica_of_the_shard_is_its_promotion) {
    moved(50, 12);
    for (const std::uint16_t slot : slots_of_first) EXPECT_EQ(serving(slot), 12) << slot;
    EXPECT_EQ(serving(100), 2);
    const shard_map map = r.snapshot();
    EXPECT_EQ(map.shards()[0].primary, node(12));
    EXPECT_EQ(map.shards()[0].replicas, (std::vector{node(11), node(1)}));
    EXPECT_EQ(map.shards()[1], two_shards().shards()[1]);
}

TEST_F(router_test, moved_to_a_replica_of_another_shard_is_a_migration) {
    moved(50, 21);
    EXPECT_EQ(serving(50), 21);
    EXPECT_EQ(serving(51), 1);
    EXPECT_EQ(serving(100), 2);
}

TEST_F(router_test, moved_to_the_primary_we_know_changes_nothing) {
    moved(50, 1);
    EXPECT_EQ(r.snapshot(), two_shards());
}

TEST_F(router_test, moved_is_not_undone_by_a_topology_that_was_asked_for_before) {
    const auto asked = r.tick();
    moved(50, 3);
    r.adopt(two_shards(), asked);
    EXPECT_EQ(serving(50), 3);
    EXPECT_EQ(serving(49), 1);
    EXPECT_EQ(serving(51), 1);
    EXPECT_EQ(r.snapshot().shards().size(), 3U);
}

TEST_F(router_test, moved_gives_way_to_a_topology_that_was_asked_for_after) {
    moved(50, 3);
    r.adopt(two_shards(), r.tick());
    EXPECT_EQ(serving(50), 1);
    EXPECT_EQ(r.snapshot(), two_shards());
    EXPECT_FALSE(r.serves(r.intern(at(3))));
}

TEST_F(router_test, each_moved_is_weighed_by_its_own_time) {
    moved(50, 3);
    const auto asked = r.tick();
    moved(60, 3);
    r.adopt(two_shards(), asked);
    EXPECT_EQ(serving(50), 1);
    EXPECT_EQ(serving(60), 3);
}

TEST_F(router_test, moved_that_confirmed_the_map_is_news_too) {
    const auto asked = r.tick();
    moved(50, 1);
    r.adopt(shard_map{{{.primary = node(2), .replicas = {}, .slots = {{0, 199}}}}}, asked);
    EXPECT_EQ(serving(50), 1);
    EXPECT_EQ(serving(51), 2);
}

TEST_F(router_test, promotion_is_not_undone_for_any_slot_of_the_shard) {
    const auto asked = r.tick();
    moved(50, 11);
    r.adopt(two_shards(), asked);
    for (const std::uint16_t slot : slots_of_first) EXPECT_EQ(serving(slot), 11) << slot;
    EXPECT_EQ(serving(100), 2);
    r.adopt(two_shards(), r.tick());
    EXPECT_EQ(serving(0), 1);
}

TEST_F(router_test, promotion_is_no_news_of_other_shards) {
    const auto asked = r.tick();
    moved(50, 11);
    r.adopt(shard_map{{{.primary = node(3), .replicas = {}, .slots = {{0, 199}}}}}, asked);
    EXPECT_EQ(serving(50), 11);
    EXPECT_EQ(serving(100), 3);
}

TEST_F(router_test, topology_tells_whether_it_knows_what_was_told_meanwhile) {
    const auto asked = r.tick();
    EXPECT_TRUE(r.adopt(two_shards(), asked));
    moved(50, 1);
    moved(60, 3);
    EXPECT_FALSE(r.adopt(two_shards(), asked));
    EXPECT_TRUE(r.adopt(two_shards(), r.tick()));  // nothing was told since
    const auto again = r.tick();
    moved(60, 3);
    moved(60, 1);
    EXPECT_TRUE(r.adopt(two_shards(), again));  // the last word counts
}

TEST_F(router_test, topology_that_knows_of_no_promotion_does_not_confirm_it) {
    const auto asked = r.tick();
    moved(50, 11);
    EXPECT_FALSE(r.adopt(two_shards(), asked));
    const auto promoted = shard_map{{{.primary = node(11), .replicas = {node(1)}, .slots = {{0, 99}}},
                                     {.primary = node(2), .replicas = {}, .slots = {{100, 199}}}}};
    EXPECT_TRUE(r.adopt(promoted, asked));
}

TEST_F(router_test, two_shards_behind_one_address_stay_two) {
    const shard_map proxied{{{.primary = {"x", at(5)}, .replicas = {}, .slots = {{0, 99}}},
                             {.primary = {"y", at(5)}, .replicas = {}, .slots = {{100, 199}}}}};
    r.adopt(proxied, r.tick());
    const auto before = r.snapshot();
    const auto asked = r.tick();
    moved(150, 5);
    EXPECT_EQ(r.snapshot(), before);
    r.adopt(proxied, asked);
    EXPECT_EQ(r.snapshot(), before);
}

TEST_F(router_test, moved_stays_where_a_late_topology_agrees) {
    const auto asked = r.tick();
    moved(50, 2);
    const shard_map agrees{{{.primary = node(1), .replicas = {}, .slots = {{0, 49}, {51, 99}}},
                            {.primary = node(2), .replicas = {}, .slots = {{50, 50}, {100, 199}}}}};
    r.adopt(agrees, asked);
    EXPECT_EQ(r.snapshot(), agrees);
}

TEST_F(router_test, moved_that_came_during_two_refreshes_survives_the_first_only) {
    const auto first = r.tick();
    moved(50, 3);
    const auto second = r.tick();
    r.adopt(two_shards(), first);
    r.adopt(two_shards(), second);
    EXPECT_EQ(serving(50), 1);
}

TEST_F(router_test, snapshot_leaves_out_shards_without_slots_and_joins_neighbours) {
    for (std::uint16_t slot = 0; slot < 100; ++slot) moved(slot, 2);
    const shard_map map = r.snapshot();
    ASSERT_EQ(map.shards().size(), 1U);
    EXPECT_EQ(map.shards()[0].slots, (std::vector<slot_range>{{0, 199}}));
}

TEST_F(router_test, snapshot_has_no_id_for_a_node_only_a_moved_named) {
    moved(50, 3);
    const auto map = r.snapshot();
    EXPECT_EQ(map.shard_of(50)->primary, (node_info{"", at(3)}));
    EXPECT_EQ(map.shard_of(49)->primary, node(1));
}

TEST_F(router_test, default_node_is_a_primary_that_stays_until_it_fails_or_fails_over) {
    const node_id first = r.default_node();
    ASSERT_TRUE(r.is_primary(first));
    for (int i = 0; i < 10; ++i) EXPECT_EQ(r.default_node(), first);
    r.replace_default_node(r.at(first).port == 1 ? r.intern(at(2)) : r.intern(at(1)));
    EXPECT_EQ(r.default_node(), first) << "another one has failed";
    r.replace_default_node(first);
    EXPECT_NE(r.default_node(), first);
    EXPECT_TRUE(r.is_primary(r.default_node()));

    r.set_default_node(r.intern(at(1)));
    moved(50, 11);  // its replica takes over
    EXPECT_EQ(r.at(r.default_node()), at(11));
    r.adopt(two_shards(), r.tick());  // and gives it back
    EXPECT_EQ(r.at(r.default_node()), at(1));
    r.set_default_node(r.intern(at(12)));
    r.adopt(two_shards(), r.tick());
    EXPECT_EQ(r.at(r.default_node()), at(12)) << "a replica that somebody chose stays";
}

TEST_F(router_test, head_of_a_primary_that_has_left_is_its_heir_and_nobody_else) {
    const node_id old = r.intern(at(1));
    EXPECT_EQ(r.head_of(r.intern(at(12))), old);
    const shard_map failed_over{{{.primary = node(12), .replicas = {node(11)}, .slots = {{0, 99}}},
                                 {.primary = node(2), .replicas = {node(21)}, .slots = {{100, 199}}}}};
    r.adopt(failed_over, r.tick());
    EXPECT_EQ(r.at(r.head_of(old)), at(12));
    const shard_map again{{{.primary = node(11), .replicas = {}, .slots = {{0, 99}}},
                           {.primary = node(2), .replicas = {node(21)}, .slots = {{100, 199}}}}};
    r.adopt(again, r.tick());
    EXPECT_EQ(r.at(r.head_of(old)), at(11));
    r.adopt(shard_map{{{.primary = node(2), .replicas = {}, .slots = {{0, 199}}}}}, r.tick());
    EXPECT_EQ(r.head_of(old), no_node);
    EXPECT_EQ(r.head_of(r.intern(at(11))), no_node);
    r.adopt(two_shards(), r.tick());
    EXPECT_EQ(r.head_of(old), old);
}

TEST_F(router_test, time_passes_with_each_moved) {
    const auto before = r.tick();
    moved(1, 1);
    moved(2, 3);
    EXPECT_EQ(r.tick(), before + 2);
    r.adopt(two_shards(), r.tick());
    EXPECT_EQ(r.tick(), before + 2);
}

TEST(router, takes_no_more_nodes_than_a_cluster_can_have) {
    router r{1};
    node_id last = 0;
    int named = 0;
    for (int port = 1; port <= 60'000 && last != no_node; ++port) {
        last = r.named({"h", static_cast<std::uint16_t>(port)});
        named += last != no_node ? 1 : 0;
    }
    EXPECT_EQ(last, no_node) << "somebody makes them up";
    EXPECT_GE(named, 10'000);
    EXPECT_EQ(r.named({"h", 1}), 0U) << "those that are known stay";
    // A topology of such nodes leaves slots without an owner, and says so.
    r.adopt(shard_map{{{.primary = {"x", {"other", 1}}, .replicas = {}, .slots = {{0, 9}}},
                       {.primary = {"y", {"h", 2}}, .replicas = {{"z", {"other", 2}}}, .slots = {{10, 19}}}}},
            r.tick());
    EXPECT_EQ(r.primary(0), no_node);
    EXPECT_EQ(r.at(r.primary(10)).port, 2);
    EXPECT_TRUE(r.heirs_of(r.primary(10)).empty());
}

TEST(router, chance_depends_on_the_seed_alone) {
    router a{7};
    router b{7};
    router c{8};
    const auto first = a.random().next();
    EXPECT_EQ(first, b.random().next());
    EXPECT_NE(first, c.random().next());
    EXPECT_NE(base::random{0}.next(), 0U);
}

}  // namespace
}  // namespace valkeyxx::routing
