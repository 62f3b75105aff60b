// Addresses as servers and users write them.
#include <valkeyxx/endpoint.hpp>

#include <gtest/gtest.h>

#include <unordered_set>

namespace valkeyxx {
namespace {

using namespace std::string_view_literals;

TEST(endpoint, text_is_host_and_port) {
    EXPECT_EQ((endpoint{"10.0.0.7", 7001}.text()), "10.0.0.7:7001");
    EXPECT_EQ((endpoint{"node.example", 6379}.text()), "node.example:6379");
    EXPECT_EQ((endpoint{"", 7001}.text()), ":7001");
    EXPECT_EQ((endpoint{.host = "a"}.text()), "a:6379");
}

TEST(endpoint, text_of_ipv6_stands_in_brackets) {
    EXPECT_EQ((endpoint{"::1", 7001}.text()), "[::1]:7001");
    EXPECT_EQ((endpoint{"fe80::1%eth0", 7001}.text()), "[fe80::1%eth0]:7001");
}

TEST(parse_endpoint, splits_at_the_last_colon) {
    EXPECT_EQ(parse_endpoint("10.0.0.7:7001"), (endpoint{"10.0.0.7", 7001}));
    EXPECT_EQ(parse_endpoint("node.example:1"), (endpoint{"node.example", 1}));
    EXPECT_EQ(parse_endpoint("::1:7001"), (endpoint{"::1", 7001}));
    EXPECT_EQ(parse_endpoint("2001:db8::7:65535"), (endpoint{"2001:db8::7", 65535}));
}

TEST(parse_endpoint, takes_brackets_off) {
    EXPECT_EQ(parse_endpoint("[::1]:7001"), (endpoint{"::1", 7001}));
    EXPECT_EQ(parse_endpoint("[::1:7001"), (endpoint{"[::1", 7001}));
}

TEST(parse_endpoint, host_may_be_empty) {
    EXPECT_EQ(parse_endpoint(":7001"), (endpoint{"", 7001}));
    EXPECT_EQ(parse_endpoint("[]:7001"), (endpoint{"", 7001}));
}

TEST(parse_endpoint, refuses_what_has_no_port) {
    for (const auto text : {"", ":", "a", "a:", "a:0", "a:-1", "a:+1", "a: 1", "a:1 ", "a:65536",
                            "a:99999999999999999999", "a:1x", "a:x", "a:7001@17001", "[::1]"}) {
        EXPECT_EQ(parse_endpoint(text), std::nullopt) << text;
    }
    EXPECT_EQ(parse_endpoint(std::string_view{}), std::nullopt);
    EXPECT_EQ(parse_endpoint("a:70\0"sv), std::nullopt);
}

TEST(parse_endpoint, reads_what_text_wrote) {
    for (const endpoint& e : {endpoint{"10.0.0.7", 7001}, endpoint{"::1", 1}, endpoint{"h", 65535}, endpoint{"", 80}}) {
        EXPECT_EQ(parse_endpoint(e.text()), e);
    }
}

TEST(endpoint, compares_and_hashes_by_host_and_port) {
    EXPECT_LT((endpoint{"a", 2}), (endpoint{"b", 1}));
    EXPECT_LT((endpoint{"a", 1}), (endpoint{"a", 2}));
    const std::unordered_set<endpoint> set{{"a", 1}, {"a", 2}, {"b", 1}, {"a", 1}};
    EXPECT_EQ(set.size(), 3U);
    EXPECT_TRUE(set.contains({"a", 2}));
}

}  // namespace
}  // namespace valkeyxx
