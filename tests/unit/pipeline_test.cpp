// The list of commands and an unused result; what executing makes of them needs a client.
#include <valkeyxx/pipeline.hpp>

#include <gtest/gtest.h>

#include <type_traits>

#include <valkeyxx/commands.hpp>

namespace valkeyxx {
namespace {

using namespace commands;

TEST(pipeline, hands_out_typed_places_in_order) {
    pipeline batch;
    EXPECT_TRUE(batch.empty());
    const auto hits = batch.add(incr("hits"));
    const auto name = batch.add(get("user:1"));
    const auto again = batch.add(get("user:1"));
    static_assert(std::is_same_v<decltype(hits), const pipeline::handle<std::int64_t>>);
    static_assert(std::is_same_v<decltype(name), const pipeline::handle<std::optional<std::string>>>);
    EXPECT_EQ(hits.index, 0U);
    EXPECT_EQ(name.index, 1U);
    EXPECT_EQ(again.index, 2U);
    EXPECT_EQ(batch.size(), 3U);
    EXPECT_FALSE(batch.empty());
}

TEST(pipeline, starts_anew_when_cleared) {
    pipeline batch;
    batch.add(incr("a"));
    batch.add(incr("b"));
    batch.clear();
    EXPECT_TRUE(batch.empty());
    EXPECT_EQ(batch.add(incr("c")).index, 0U);
}

TEST(pipeline, is_a_value) {
    pipeline batch;
    batch.add(incr("a"));
    pipeline copy = batch;
    copy.add(incr("b"));
    EXPECT_EQ(batch.size(), 1U);
    EXPECT_EQ(copy.size(), 2U);
    batch = std::move(copy);
    EXPECT_EQ(batch.size(), 2U);
}

TEST(pipeline_result, holds_nothing_before_it_is_used) {
    pipeline_result result;
    EXPECT_EQ(result.size(), 0U);
    EXPECT_TRUE(result.ok());
    EXPECT_NO_THROW(result.throw_first_error());
    pipeline_result moved = std::move(result);
    EXPECT_EQ(moved.size(), 0U);
    result = std::move(moved);
    EXPECT_TRUE(result.ok());
    static_assert(!std::is_copy_constructible_v<pipeline_result>);
}

}  // namespace
}  // namespace valkeyxx
