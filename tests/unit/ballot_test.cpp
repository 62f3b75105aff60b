// Which view of the cluster a refresh believes, with nodes that are behind, cut off, set up anew, or silent about it.
#include "topology/ballot.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace valkeyxx::topology {
namespace {

using outcome = ballot::outcome;

node_info node(std::uint16_t port) {
    return {.id = "id" + std::to_string(port), .address = {"10.0.0.1", port}};
}

// All slots at one primary.
shard_map owned_by(std::uint16_t port) {
    return shard_map{{{.primary = node(port), .slots = {{0, slot_count - 1}}}}};
}

view working(shard_map map, std::uint64_t epoch) {
    return {std::move(map), cluster_facts{.ok = true, .epoch = epoch}};
}

view failing(shard_map map, std::uint64_t epoch) {
    return {std::move(map), cluster_facts{.ok = false, .epoch = epoch}};
}

// A node that does not tell what it knows.
view silent(shard_map map) {
    return {std::move(map), std::nullopt};
}

// The port of the primary in the chosen view; 0: none was chosen.
std::uint16_t chosen(const ballot& b) {
    const view* const best = b.winner();
    return best == nullptr ? std::uint16_t{0} : best->map.shard_of(0)->primary.address.port;
}

TEST(ballot, without_votes_has_no_winner) {
    const shard_map current = owned_by(1);
    EXPECT_EQ(ballot{}.winner(), nullptr);
    EXPECT_EQ((ballot{5, &current}.winner()), nullptr);
    EXPECT_EQ(ballot{}.votes(), 0U);
}

TEST(ballot, believes_a_first_view_that_works_at_once) {
    ballot b;
    EXPECT_EQ(b.add(working(owned_by(1), 7)), outcome::enough);
    EXPECT_EQ(chosen(b), 1);
    EXPECT_EQ(b.votes(), 1U);
}

TEST(ballot, asks_more_about_a_first_view_of_a_failing_cluster) {
    ballot b;
    EXPECT_EQ(b.add(failing(owned_by(1), 7)), outcome::ask_more);
    EXPECT_EQ(b.add(working(owned_by(2), 7)), outcome::enough);
    EXPECT_EQ(chosen(b), 2);
}

TEST(ballot, takes_a_first_view_of_a_failing_cluster_if_there_is_no_other) {
    ballot b;
    b.add(failing(owned_by(1), 7));
    EXPECT_EQ(chosen(b), 1);
}

TEST(ballot, takes_the_newest_of_several_views_of_a_failing_cluster) {
    ballot b;
    EXPECT_EQ(b.add(failing(owned_by(1), 7)), outcome::ask_more);
    EXPECT_EQ(b.add(failing(owned_by(2), 9)), outcome::ask_more);
    EXPECT_EQ(b.add(failing(owned_by(3), 8)), outcome::enough);
    EXPECT_EQ(chosen(b), 2);
}

TEST(ballot, asks_no_more_than_most_votes) {
    const shard_map current = owned_by(1);
    ballot b{9, &current};
    for (std::size_t i = 1; i < ballot::most_votes; ++i) {
        EXPECT_EQ(b.add(working(owned_by(static_cast<std::uint16_t>(1 + i)), i)), outcome::ask_more) << i;
    }
    EXPECT_EQ(b.add(working(owned_by(8), 1)), outcome::enough);
    EXPECT_EQ(b.votes(), ballot::most_votes);
}

TEST(ballot, believes_the_newest_epoch_known_or_a_newer_one_at_once) {
    const shard_map current = owned_by(1);
    for (const std::uint64_t epoch : {9U, 10U, 1000U}) {
        ballot b{9, &current};
        EXPECT_EQ(b.add(working(owned_by(2), epoch)), outcome::enough) << epoch;
        EXPECT_EQ(chosen(b), 2) << epoch;
    }
}

TEST(ballot, asks_more_about_a_view_that_is_behind) {
    const shard_map current = owned_by(1);
    ballot b{9, &current};
    EXPECT_EQ(b.add(working(owned_by(2), 8)), outcome::ask_more);
    EXPECT_EQ(b.add(working(owned_by(3), 9)), outcome::enough);
    EXPECT_EQ(chosen(b), 3);
}

TEST(ballot, prefers_the_sure_view_however_many_are_behind) {
    const shard_map current = owned_by(1);
    ballot b{9, &current};
    b.add(failing(owned_by(2), 8));
    b.add(failing(owned_by(2), 8));
    b.add(working(owned_by(3), 9));
    EXPECT_EQ(chosen(b), 3);
}

TEST(ballot, does_not_take_the_word_of_a_minority_that_was_cut_off) {
    const shard_map current = owned_by(1);
    ballot b{9, &current};
    EXPECT_EQ(b.add(failing(owned_by(2), 8)), outcome::ask_more);
    EXPECT_EQ(b.winner(), nullptr);
    b.add(failing(owned_by(3), 7));  // another one, which says something else
    EXPECT_EQ(b.winner(), nullptr);
}

TEST(ballot, takes_an_older_epoch_from_a_cluster_that_works) {
    const shard_map current = owned_by(1);
    ballot b{9, &current};
    b.add(working(owned_by(2), 3));
    EXPECT_EQ(chosen(b), 2);
}

TEST(ballot, takes_an_older_epoch_from_two_that_agree) {
    const shard_map current = owned_by(1);
    ballot b{9, &current};
    b.add(failing(owned_by(2), 3));
    EXPECT_EQ(b.winner(), nullptr);
    b.add(failing(owned_by(2), 3));
    EXPECT_EQ(chosen(b), 2);
}

TEST(ballot, the_same_owners_under_two_epochs_do_not_agree) {
    const shard_map current = owned_by(1);
    ballot b{9, &current};
    b.add(failing(owned_by(2), 3));
    b.add(failing(owned_by(2), 4));
    EXPECT_EQ(b.winner(), nullptr);
}

TEST(ballot, prefers_the_view_with_more_support_among_equals) {
    const shard_map current = owned_by(1);
    ballot b{9, &current};
    b.add(failing(owned_by(2), 3));
    b.add(failing(owned_by(3), 3));
    b.add(failing(owned_by(3), 3));
    EXPECT_EQ(chosen(b), 3);
}

TEST(ballot, prefers_a_working_view_to_a_failing_one_of_the_same_epoch) {
    const shard_map current = owned_by(1);
    ballot b{9, &current};
    b.add(failing(owned_by(2), 3));
    b.add(working(owned_by(3), 3));
    EXPECT_EQ(chosen(b), 3);
}

TEST(ballot, a_failing_view_of_what_is_known_is_enough_and_changes_nothing) {
    const shard_map current = owned_by(1);
    ballot b{9, &current};
    EXPECT_EQ(b.add(failing(owned_by(1), 9)), outcome::enough);
    EXPECT_EQ(b.winner(), nullptr);
}

TEST(ballot, a_failing_view_with_news_is_taken_when_its_epoch_is_new) {
    const shard_map current = owned_by(1);
    ballot b{9, &current};
    EXPECT_EQ(b.add(failing(owned_by(2), 10)), outcome::ask_more);
    EXPECT_EQ(chosen(b), 2);
}

TEST(ballot, a_failing_view_with_other_owners_of_the_known_epoch_is_doubted) {
    const shard_map current = owned_by(1);
    ballot b{9, &current};
    EXPECT_EQ(b.add(failing(owned_by(2), 9)), outcome::ask_more);
    EXPECT_EQ(chosen(b), 2);  // slots may have moved without an election; nobody has said otherwise
}

TEST(ballot, views_that_differ_only_in_replicas_agree) {
    const shard_map current = owned_by(1);
    const shard_map alone = owned_by(2);
    const shard_map followed{{{.primary = node(2), .replicas = {node(5)}, .slots = {{0, slot_count - 1}}}}};
    ballot b{9, &current};
    b.add(failing(alone, 3));
    b.add(failing(followed, 3));
    EXPECT_EQ(chosen(b), 2);
}

TEST(ballot, views_that_differ_in_the_coverage_of_one_slot_do_not_agree) {
    const shard_map current = owned_by(1);
    const shard_map most{{{.primary = node(2), .slots = {{0, slot_count - 2}}}}};
    ballot b{9, &current};
    b.add(failing(owned_by(2), 3));
    b.add(failing(most, 3));
    EXPECT_EQ(b.winner(), nullptr);
}

TEST(ballot, believes_a_node_that_does_not_tell_its_facts) {
    const shard_map current = owned_by(1);
    ballot b{9, &current};
    EXPECT_EQ(b.add(silent(owned_by(2))), outcome::enough);
    EXPECT_EQ(chosen(b), 2);

    ballot first;
    EXPECT_EQ(first.add(silent(owned_by(3))), outcome::enough);
    EXPECT_EQ(chosen(first), 3);
}

TEST(ballot, prefers_a_newer_epoch_to_a_node_that_does_not_tell) {
    const shard_map current = owned_by(1);
    ballot b{9, &current};
    b.add(silent(owned_by(2)));
    b.add(working(owned_by(3), 10));  // was asked, too, and answered before the ballot was over
    EXPECT_EQ(chosen(b), 3);
}

TEST(ballot, the_greatest_epoch_possible_wins_without_overflow) {
    const shard_map current = owned_by(1);
    ballot b{~std::uint64_t{0}, &current};
    EXPECT_EQ(b.add(working(owned_by(2), ~std::uint64_t{0} - 1)), outcome::ask_more);
    EXPECT_EQ(b.add(working(owned_by(3), ~std::uint64_t{0})), outcome::enough);
    EXPECT_EQ(chosen(b), 3);
}

}  // namespace
}  // namespace valkeyxx::topology
