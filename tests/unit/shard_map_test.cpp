// The map users read: which shard serves a slot, and how it is shown.
#include <valkeyxx/shard_map.hpp>

#include <gtest/gtest.h>

#include <sstream>

namespace valkeyxx {
namespace {

node_info node(std::uint16_t port) {
    return {.id = "id" + std::to_string(port), .address = {"10.0.0.1", port}};
}

const shard_info first{.primary = node(1), .replicas = {node(4)}, .slots = {{0, 99}, {200, 200}}};
const shard_info second{.primary = node(2), .replicas = {}, .slots = {{100, 199}, {16383, 16383}}};

TEST(shard_map, of_nothing_serves_nothing) {
    const shard_map empty;
    EXPECT_TRUE(empty.shards().empty());
    EXPECT_EQ(empty.covered_slots(), 0U);
    EXPECT_TRUE(empty.nodes().empty());
    for (std::uint16_t slot = 0; slot < slot_count; ++slot) ASSERT_EQ(empty.shard_of(slot), nullptr);
    EXPECT_EQ(empty, shard_map{std::vector<shard_info>{}});
}

TEST(shard_map, finds_the_shard_of_every_slot_at_the_edges_of_its_ranges) {
    const shard_map map{{first, second}};
    const std::pair<std::uint16_t, const shard_info*> expected[] = {
        {0, &first}, {99, &first}, {100, &second}, {199, &second}, {200, &first}, {16383, &second},
    };
    for (const auto& [slot, shard] : expected) {
        ASSERT_NE(map.shard_of(slot), nullptr) << slot;
        EXPECT_EQ(*map.shard_of(slot), *shard) << slot;
    }
    EXPECT_EQ(map.shard_of(201), nullptr);
    EXPECT_EQ(map.shard_of(16382), nullptr);
    EXPECT_EQ(map.covered_slots(), 202U);
}

TEST(shard_map, may_be_of_one_shard_for_all) {
    const shard_map map{{{.primary = node(1), .replicas = {}, .slots = {{0, 16383}}}}};
    EXPECT_EQ(map.covered_slots(), std::size_t{slot_count});
    EXPECT_EQ(map.shard_of(8000)->primary, node(1));
}

TEST(shard_map, names_every_node_once) {
    const shard_map map{{first, {.primary = node(4), .replicas = {node(1), node(5)}, .slots = {}}}};
    EXPECT_EQ(map.nodes(), (std::vector{node(1), node(4), node(5)}));
}

TEST(shard_map, is_a_value) {
    const shard_map map{{first, second}};
    shard_map copy = map;
    EXPECT_EQ(copy, map);
    EXPECT_EQ(copy.shard_of(0), copy.shards().data());
    copy = shard_map{{second}};
    EXPECT_FALSE(copy == map);
    EXPECT_EQ(copy.shard_of(0), nullptr);
}

TEST(shard_map, is_shown_one_shard_a_line) {
    std::ostringstream out;
    out << shard_map{{first, second}};
    EXPECT_EQ(out.str(),
              "slots 0-99,200  primary 10.0.0.1:1  replica 10.0.0.1:4\n"
              "slots 100-199,16383  primary 10.0.0.1:2\n");
    std::ostringstream nothing;
    nothing << shard_map{};
    EXPECT_EQ(nothing.str(), "");
}

}  // namespace
}  // namespace valkeyxx
