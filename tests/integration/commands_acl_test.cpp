// The commands about users.
#include <algorithm>

#include "integration/commands_world.hpp"

#include <valkeyxx/commands/acl.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace valkeyxx::commands;
using texts = std::vector<std::string>;

bool has(const texts& all, std::string_view one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

/// Users stay from one test to the next, unlike keys.
void remove(client& c, std::string_view user) {
    c.execute(acl_deluser(user));
}

}  // namespace

TEST_P(commands, acl_cat_has_categories_with_their_commands) {
    EXPECT_TRUE(has(run(acl_cat()), "stream"));
    const texts in_one = run(acl_cat("stream"));
    EXPECT_TRUE(has(in_one, "xadd"));
    EXPECT_FALSE(has(in_one, "get"));
    EXPECT_EQ(refusal(acl_cat("none")), "ERR");
}

TEST_P(commands, users_are_made_and_removed) {
    remove(client(), "ada");
    EXPECT_EQ(run(acl_getuser("ada")), std::nullopt);
    run(acl_setuser("ada", {"on", ">secret", "~ada:*", "%R~all:*", "&news", "+get", "(+set ~more:*)"}));
    const auto ada = run(acl_getuser("ada"));
    ASSERT_TRUE(ada);
    EXPECT_TRUE(has(ada->flags, "on"));
    EXPECT_EQ(ada->passwords, texts{"2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"});
    EXPECT_EQ(ada->commands, "-@all +get");
    EXPECT_EQ(ada->keys, "~ada:* %R~all:*");
    EXPECT_EQ(ada->channels, "&news");
    ASSERT_EQ(ada->selectors.size(), 1U);
    EXPECT_EQ(ada->selectors[0].commands, "-@all +set");
    EXPECT_EQ(ada->selectors[0].keys, "~more:*");
    EXPECT_EQ(ada->selectors[0].channels, "");
    EXPECT_TRUE(has(run(acl_users()), "ada"));
    const texts lines = run(acl_list());
    EXPECT_TRUE(std::any_of(lines.begin(), lines.end(),
                            [](const std::string& line) { return line.starts_with("user ada on "); }));
    EXPECT_EQ(client().execute(acl_deluser("ada", "nobody"), on(*default_node())), 1);
    EXPECT_EQ(client().execute(acl_deluser(texts{"ada"}), on(*default_node())), 0);
    EXPECT_FALSE(has(run(acl_users()), "ada"));
    EXPECT_EQ(refusal(acl_setuser("ada", {"no rule"})), "ERR");
    remove(client(), "ada");
}

TEST_P(commands, users_may_be_kept_to_databases) {
    if (!offers_since(9, 1, acl_setuser("bob", "db=0", "(+get db=1)"))) return;
    run(acl_setuser("bob", "db=0", "(+get db=1)"));
    const auto bob = run(acl_getuser("bob"));
    remove(client(), "bob");
    ASSERT_TRUE(bob);
    EXPECT_EQ(bob->databases, "db=0");
    ASSERT_EQ(bob->selectors.size(), 1U);
    EXPECT_EQ(bob->selectors[0].databases, "db=1");
}

TEST_P(commands, acl_dryrun_says_why_not) {
    run(acl_setuser("ada", "reset", "~ada:*", "+get"));
    EXPECT_TRUE(run(acl_dryrun("ada", {"GET", "ada:1"})).allowed);
    EXPECT_EQ(run(acl_dryrun("ada", {"GET", "ada:1"})).reason, "");
    const acl_verdict verdict = run(acl_dryrun("ada", {"GET", "other"}));
    EXPECT_FALSE(verdict.allowed);
    EXPECT_NE(verdict.reason.find("'other'"), std::string::npos);
    EXPECT_FALSE(run(acl_dryrun("ada", {"SET", "ada:1", "v"})).allowed);
    EXPECT_EQ(refusal(acl_dryrun("nobody", {"GET", "k"})), "ERR");
    remove(client(), "ada");
}

TEST_P(commands, acl_genpass_has_as_many_bits_as_are_asked_for) {
    const std::string one = run(acl_genpass());
    EXPECT_EQ(one.size(), 64U);
    EXPECT_NE(one, run(acl_genpass()));
    EXPECT_EQ(run(acl_genpass(32)).size(), 8U);
}

TEST_P(commands, acl_log_tells_what_was_not_allowed) {
    const target node = on(*node_for("k"));
    client().execute(acl_log_reset(), node);
    EXPECT_TRUE(client().execute(acl_log(), node).empty());
    const auto before = std::chrono::system_clock::now() - 1h;
    auto stranger = server_of("k").admin();
    EXPECT_TRUE(stranger.call({"AUTH", "stranger", "guess"}).is_error());
    EXPECT_TRUE(stranger.call({"AUTH", "other", "guess"}).is_error());
    const auto log = client().execute(acl_log(), node);
    ASSERT_EQ(log.size(), 2U);
    EXPECT_EQ(log[1].count, 1);
    EXPECT_EQ(log[1].reason, "auth");
    EXPECT_EQ(log[1].context, "toplevel");
    EXPECT_EQ(log[1].object, "AUTH");
    EXPECT_EQ(log[1].username, "stranger");
    EXPECT_GE(log[1].age, 0ms);
    EXPECT_LT(log[1].age, 1h);
    EXPECT_EQ(log[1].client_info.substr(0, 3), "id=");
    EXPECT_LT(log[1].entry_id, log[0].entry_id);
    EXPECT_GT(log[1].created, before);
    EXPECT_GE(log[1].updated, log[1].created);
    EXPECT_EQ(client().execute(acl_log(1), node).size(), 1U);
    client().execute(acl_log_reset(), node);
}

TEST_P(commands, acl_files_need_a_setting) {
    EXPECT_EQ(refusal(acl_load()), "ERR");
    EXPECT_EQ(refusal(acl_save()), "ERR");
}

TEST_P(commands, acl_whoami_is_the_user_of_the_client) {
    EXPECT_EQ(run(acl_whoami()), "default");
}

}  // namespace valkeyxx::testing
