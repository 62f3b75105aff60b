// Credentials that clients ask for: for each connection, and again when they have changed, while connections stand.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/use_future.hpp>

#include "integration/client_world.hpp"
#include "integration/sentinel_world.hpp"
#include "support/cluster.hpp"
#include "support/network.hpp"
#include "support/server.hpp"
#include "support/world.hpp"

#include <valkeyxx/asio.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;
namespace asio = boost::asio;

struct servers {
    valkey_server one;
    valkey_cluster nodes{{.shards = 3, .replicas = 0}};
    sentinel_set guarded{
        {.sentinels = 1, .replicas = 1, .name = "guarded", .password = "secret", .sentinel_password = "watch"}};
    void wait() {
        one.wait();
        nodes.wait();
        guarded.wait();
    }
};
const auto registered = use_world<servers>();

valkey_server& one() {
    return world<servers>().one;
}

/// What there is to know at the moment, and how often it was asked for.
class vault {
  public:
    vault(std::string user, std::string password)
        : now_{.username = std::move(user), .password = std::move(password)},
          source_{std::make_shared<credential_source>([this](const endpoint& node, const auto& answer) {
              ++asked_;
              answer(at(node));
          })} {}
    const std::shared_ptr<credential_source>& source() const { return source_; }
    int asked() const { return asked_; }
    void put(std::string user, std::string password) {
        const std::lock_guard lock{mutex_};
        now_.username = std::move(user);
        now_.password = std::move(password);
    }
    void rotate(std::string user, std::string password) {
        put(std::move(user), std::move(password));
        source_->changed();
    }
    void renew_after(std::chrono::milliseconds time) { now_.renew_after = time; }

  private:
    result<credentials> at(const endpoint& /*node*/) const {
        const std::lock_guard lock{mutex_};
        return now_;
    }
    mutable std::mutex mutex_;
    credentials now_;
    std::atomic<int> asked_ = 0;
    std::shared_ptr<credential_source> source_;
};

class refusals final : public observer {
  public:
    void authentication_failed(const endpoint& /*node*/, const error& why) override {
        const std::lock_guard lock{mutex_};
        all_.push_back(why.message());
    }
    std::vector<std::string> all() const {
        const std::lock_guard lock{mutex_};
        return all_;
    }

  private:
    mutable std::mutex mutex_;
    std::vector<std::string> all_;
};

class asked : public ::testing::TestWithParam<int> {
  protected:
    asked() {
        auto a = one().admin();
        a({"ACL", "SETUSER", "ada", "reset", "on", ">first", "~*", "&*", "+@all"});
        a({"ACL", "SETUSER", "bob", "reset", "on", ">second", "~*", "&*", "+@all"});
        a({"FLUSHALL"});
    }
    config settings(const std::shared_ptr<credential_source>& from) const {
        config c{.seeds = {{"127.0.0.1", one().port()}}};
        c.credentials = from;
        c.protocol = GetParam();
        c.client_name = "asking";
        c.command_timeout = stretched(5s);
        c.connect_timeout = stretched(1s);
        return c;
    }
    /// The users of the client's connections, with their ids, as the server has them.
    static std::vector<std::string> users() {
        std::vector<std::string> all;
        const std::string list = one().admin()({"CLIENT", "LIST"});
        for (std::size_t at = 0; at < list.size();) {
            const auto line = list.substr(at, list.find('\n', at) - at);
            at += line.size() + 1;
            if (line.find("name=asking") == std::string::npos) continue;
            const auto user = line.find("user=") + 5;
            all.push_back(line.substr(0, line.find(' ')) + " " + line.substr(user, line.find(' ', user) - user));
        }
        return all;
    }
    static std::vector<std::string> renamed(std::vector<std::string> all, const std::string& to) {
        for (auto& one : all) one = one.substr(0, one.find(' ') + 1) + to;
        return all;
    }
};

INSTANTIATE_TEST_SUITE_P(protocols, asked, ::testing::Values(2, 3),
                         [](const auto& p) { return "resp" + std::to_string(p.param); });

}  // namespace

TEST_P(asked, by_each_connection_that_is_made) {
    vault v{"ada", "first"};
    client waiting{settings(v.source())};
    async_client started{settings(v.source())};
    waiting.execute(set("k", "v"));
    EXPECT_EQ(started.execute(get("k"), asio::use_future).get(), "v");
    EXPECT_EQ(v.asked(), 2);
    const auto known = users();
    ASSERT_EQ(known.size(), 2U);
    EXPECT_EQ(known, renamed(known, "ada"));
    one().admin()({"CLIENT", "KILL", "USER", "ada"});
    v.put("bob", "second");
    waiting.execute(set("k", "w"));
    EXPECT_EQ(started.execute(get("k"), asio::use_future).get(), "w");
    EXPECT_EQ(v.asked(), 4);
    EXPECT_EQ(users(), renamed(users(), "bob"));
}

TEST_P(asked, again_when_they_have_changed_and_connections_stand_all_the_while) {
    vault v{"ada", "first"};
    client waiting{settings(v.source())};
    async_client started{settings(v.source())};
    waiting.execute(ping());
    started.execute(ping(), asio::use_future).get();
    const auto before = users();
    v.rotate("bob", "second");
    poll_until("all to be somebody else", [&] {
        waiting.execute(ping());  // which it does in its calls
        return users() == renamed(before, "bob");
    });
    one().admin()({"ACL", "DELUSER", "ada"});  // whoever were still ada would lose its connection
    waiting.execute(set("k", "v"));
    EXPECT_EQ(started.execute(get("k"), asio::use_future).get(), "v");
    EXPECT_EQ(users(), renamed(before, "bob"));
    EXPECT_EQ(waiting.statistics().disconnects + started.statistics().disconnects, 0U);
}

TEST_P(asked, again_by_all_that_stand_however_many_have_gone) {
    vault v{"ada", "first"};
    async_client started{settings(v.source())};
    std::vector<std::future<result<std::optional<popped_element>>>> blocked;
    for (int i = 0; i < 5; ++i) blocked.push_back(started.try_execute(blpop({"queue"}, 0ms), asio::use_future));
    poll_until("all to be there", [] { return users().size() == 5; });
    const auto all = users();
    for (std::size_t i = 0; i < 3; ++i) {
        one().admin()({"CLIENT", "KILL", "ID", all[i].substr(3, all[i].find(' ') - 3)});
    }
    poll_until("three to be gone", [] { return users().size() == 2; });
    const auto left = users();
    one().admin()({"RPUSH", "queue", "x", "y"});
    poll_until("all to end", [&] {
        return std::all_of(blocked.begin(), blocked.end(),
                           [](const auto& b) { return b.wait_for(0s) == std::future_status::ready; });
    });
    v.rotate("bob", "second");
    poll_until("all to be somebody else", [&] { return users() == renamed(left, "bob"); });
}

TEST_P(asked, again_by_what_blocks_by_what_subscribes_and_by_sessions_when_they_are_over) {
    vault v{"ada", "first"};
    const config c = settings(v.source());
    async_client started{c};
    client of_session{c};
    auto blocked = started.execute(blpop({"queue"}, 0ms), asio::use_future);
    auto feed = started.subscriber();
    feed.subscribe("news");
    feed.ready(asio::use_future).get();
    {
        session busy = of_session.new_session();
        busy.execute(raw("MULTI"));
        poll_until("all to be there", [] { return users().size() >= 3; });
        v.rotate("bob", "second");
        poll_until("commands to be somebody else's", [&] {
            of_session.execute(ping());
            return started.execute(raw<std::string>("ACL", "WHOAMI"), asio::use_future).get() == "bob" &&
                   of_session.execute(raw<std::string>("ACL", "WHOAMI")) == "bob";
        });
        busy.execute(raw("ACL", "WHOAMI"));
        // AUTH would have been queued in between, and this one reply too long.
        EXPECT_EQ(busy.execute(raw<std::vector<std::string>>("EXEC")), std::vector<std::string>{"ada"});
    }
    started.execute(rpush("queue", "x"), asio::use_future).get();
    EXPECT_EQ(blocked.get()->element, "x");
    poll_until("the others to follow", [&] {
        of_session.execute(ping());
        std::size_t left = 0;
        for (const auto& u : users()) left += u.ends_with(" ada") ? 1 : 0;
        return left == (GetParam() == 2 ? 1U : 0U);  // the subscription's, where RESP2 allows nothing else
    });
    one().admin()({"PUBLISH", "news", "still"});
    for (;;) {
        const auto m = feed.next(asio::use_future).get();
        if (!m.is_message()) continue;
        EXPECT_EQ(m.payload, "still");
        break;
    }
    session next = of_session.new_session();
    EXPECT_EQ(next.execute(raw<std::string>("ACL", "WHOAMI")), "bob");
}

TEST_P(asked, answer_may_come_later_and_from_elsewhere) {
    std::mutex mutex;
    std::vector<std::thread> elsewhere;
    const auto source = std::make_shared<credential_source>([&](const endpoint& node, auto answer) {
        EXPECT_EQ(node.port, one().port());
        const std::lock_guard lock{mutex};
        elsewhere.emplace_back([answer = std::move(answer)] {
            std::this_thread::sleep_for(20ms);  // as somebody who is asked over the network
            answer(credentials{.username = "ada", .password = "first"});
            answer(error{errc::cannot_connect, "of which nobody hears"});
        });
    });
    {
        client waiting{settings(source)};
        async_client started{settings(source)};
        waiting.execute(set("k", "v"));
        EXPECT_EQ(started.execute(get("k"), asio::use_future).get(), "v");
        for (int i = 0; i < 5; ++i) {
            source->changed();
            EXPECT_EQ(waiting.execute(get("k")), "v");
            EXPECT_EQ(started.execute(get("k"), asio::use_future).get(), "v");
        }
    }
    for (auto& t : elsewhere) t.join();  // the last of them speak to nobody
}

TEST_P(asked, who_says_nothing_is_an_error_that_says_so) {
    const auto failure = [this](credential_source::question ask) {
        config c = settings(std::make_shared<credential_source>(std::move(ask)));
        c.connect_timeout = 100ms;
        c.command_timeout = 400ms;
        client waiting{c};
        const auto r = waiting.try_execute(get("k"));
        return r ? std::string{"it connected"} : r.error().message();
    };
    std::vector<credential_source::answer> kept;
    EXPECT_NE(failure([&](const endpoint&, auto answer) {
                  kept.push_back(std::move(answer));
              }).find("no credentials within 100 ms"),
              std::string::npos);
    EXPECT_NE(failure([](const endpoint&, const auto&) {}).find("gave no answer"), std::string::npos);
    EXPECT_NE(failure([](const endpoint&, const auto& answer) {
                  answer(error{errc::cannot_connect, "the vault is sealed"});
              }).find("there are no credentials: the vault is sealed"),
              std::string::npos);
    // Which may have a part of the secret in what it says.
    const auto thrown = failure([](const endpoint&, const auto&) { throw std::runtime_error{"hush-hush is no JSON"}; });
    EXPECT_NE(thrown.find("the credential_source has thrown std::runtime_error"), std::string::npos) << thrown;
    EXPECT_EQ(thrown.find("hush"), std::string::npos) << thrown;
    EXPECT_NE(failure([](const endpoint&, const auto&) { throw 7; }).find("something unknown"), std::string::npos);
    EXPECT_THROW(credential_source{nullptr}, exception);
    kept.clear();  // their clients have gone
}

TEST_P(asked, again_in_time_before_they_expire) {
    vault v{"ada", "first"};
    v.renew_after(100ms);
    async_client started{settings(v.source())};
    started.execute(ping(), asio::use_future).get();
    const auto before = users();
    v.put("bob", "second");
    poll_until("it to be somebody else", [&] { return users() == renamed(before, "bob"); });
    const int so_far = v.asked();
    poll_until("it to ask again", [&] { return v.asked() > so_far; });
}

TEST_P(asked, refused_ones_leave_things_as_they_are_and_are_tried_again) {
    vault v{"ada", "first"};
    config c = settings(v.source());
    const auto heard = std::make_shared<refusals>();
    c.watcher = heard;
    async_client started{c};
    started.execute(ping(), asio::use_future).get();
    const auto before = users();
    v.rotate("bob", "hush-hush");
    poll_until("it to be refused", [&] { return heard->all().size() == 1; });
    EXPECT_NE(heard->all()[0].find("WRONGPASS"), std::string::npos) << heard->all()[0];
    EXPECT_EQ(heard->all()[0].find("hush-hush"), std::string::npos);
    EXPECT_EQ(started.execute(raw<std::string>("ACL", "WHOAMI"), asio::use_future).get(), "ada");
    v.put("bob", "second");
    poll_until("it to be tried again", [&] { return users() == renamed(before, "bob"); });
    EXPECT_EQ(started.statistics().disconnects, 0U);
}

TEST_P(asked, passwords_are_rotated_under_load_and_nothing_fails) {
    auto& nodes = world<servers>().nodes;
    const auto password = [](int i) { return "password-" + std::to_string(i); };
    const auto on_each = [&nodes](const admin::request& command) {
        for (int i = 0; i < nodes.size(); ++i) nodes.node(i).admin()(command);
    };
    on_each({"ACL", "SETUSER", "ada", "reset", "on", ">" + password(0), "~*", "&*", "+@all"});
    vault v{"ada", password(0)};
    config c = config_for(nodes);
    c.credentials = v.source();
    c.protocol = GetParam();
    cluster waiting{c};
    async_cluster started{c};
    std::atomic<bool> over = false;
    std::atomic<int> done = 0;
    std::vector<std::thread> busy;
    for (int t = 0; t < 4; ++t) {
        busy.emplace_back([&, t] {
            for (int i = 0; !over; ++i) {
                const std::string key = std::to_string(t) + ":" + std::to_string(i % 1000);
                const auto r = t % 2 == 0 ? waiting.try_execute(incr(key))
                                          : started.try_execute(incr(key), asio::use_future).get();
                EXPECT_TRUE(r) << r.error().message();
                ++done;
            }
        });
    }
    for (int i = 1; i <= 20; ++i) {
        // As one rotates: both are right for a while.
        on_each({"ACL", "SETUSER", "ada", ">" + password(i)});
        v.rotate("ada", password(i));
        on_each({"ACL", "SETUSER", "ada", "<" + password(i - 1)});
        const int before = done;
        poll_until("commands to go on", [&] { return done > before + 100; });
    }
    over = true;
    for (auto& t : busy) t.join();
    EXPECT_EQ(waiting.statistics().disconnects + started.statistics().disconnects, 0U);
    EXPECT_GT(v.asked(), 20 * 3);
}

TEST_P(asked, by_threads_that_know_nothing_of_a_clients_end) {
    vault v{"ada", "first"};
    std::atomic<bool> over = false;
    std::thread rotates{[&] {
        while (!over) v.source()->changed();
    }};
    for (int i = 0; i < 30; ++i) {
        asio::io_context loop;
        async_client on_its_loop{loop, settings(v.source())};
        async_client started{settings(v.source())};
        client waiting{settings(v.source())};
        waiting.execute(ping());
        started.execute(ping(), asio::use_future).get();
        auto answer = on_its_loop.execute(ping(), asio::use_future);
        while (answer.wait_for(0s) != std::future_status::ready) loop.run_one();
    }
    over = true;
    rotates.join();
}

TEST(asked_of_sentinels, have_credentials_of_their_own) {
    auto& set = world<servers>().guarded;
    vault servers_own{"", "secret"};
    vault sentinels_own{"", "watch"};
    config c = config_for(set);
    c.password = c.sentinel_password = c.username = "";
    c.credentials = servers_own.source();
    c.sentinel_credentials = sentinels_own.source();
    client waiting{c};
    waiting.execute(commands::set("k", "v"));
    EXPECT_EQ(waiting.execute(get("k")), "v");
    EXPECT_GT(servers_own.asked(), 0);
    EXPECT_GT(sentinels_own.asked(), 0);
    const int so_far = sentinels_own.asked();
    sentinels_own.source()->changed();
    poll_until("the sentinels' connections to ask again", [&] {
        waiting.execute(ping());
        return sentinels_own.asked() > so_far;
    });
    EXPECT_EQ(waiting.execute(get("k")), "v");
}

// --- refused for good ------------------------------------------------------------------------------------------------

namespace {

/// What somebody waits for, and for how long.
struct outcome {
    error why;
    std::chrono::steady_clock::duration took;
};

template <class Try>
outcome outcome_of(Try attempt) {
    const stopwatch since;
    const auto r = attempt();
    return outcome{.why = r ? error{errc::server_error, "it worked"} : r.error(), .took = since.elapsed()};
}

void expect_shut_out(const outcome& o, std::string_view code = "WRONGPASS") {
    EXPECT_EQ(o.why.which(), errc::authentication_failed) << o.why.message();
    EXPECT_EQ(o.why.server_code(), code) << o.why.message();
    EXPECT_EQ(o.why.executed(), executed::no);
    EXPECT_EQ(o.why.message().find("wrong-one"), std::string::npos) << o.why.message();
    EXPECT_LT(o.took, stretched(2s)) << o.why.message();  // of 5 s
}

/// Attempts to authenticate that the server has refused.
int refused_by(valkey_server& server) {
    const std::string info = server.admin()({"INFO", "stats"});
    const std::string name = "acl_access_denied_auth:";
    return std::stoi(info.substr(info.find(name) + name.size()));
}

/// A client's password is wrong, or it has none.
class refused : public asked {
  protected:
    config wrong() const {
        config c = settings(nullptr);
        c.username = "ada";
        c.password = "wrong-one";
        return c;
    }
};

INSTANTIATE_TEST_SUITE_P(protocols, refused, ::testing::Values(2, 3),
                         [](const auto& p) { return "resp" + std::to_string(p.param); });

}  // namespace

TEST_P(refused, ends_at_once_whatever_waits_for_the_connection) {
    client waiting{wrong()};
    async_client started{wrong()};
    expect_shut_out(outcome_of([&] { return waiting.try_execute(get("k")); }));
    expect_shut_out(outcome_of([&] { return waiting.try_execute(blpop({"q"}, 10s)); }));
    expect_shut_out(outcome_of([&] { return waiting.new_session().try_execute(raw("WATCH", "k")); }));
    expect_shut_out(outcome_of([&] { return waiting.try_execute(ping(), on_all_nodes()); }));
    expect_shut_out(outcome_of([&] { return started.try_execute(get("k"), asio::use_future).get(); }));
    expect_shut_out(outcome_of([&] { return started.try_execute(blpop({"q"}, 10s), asio::use_future).get(); }));
    pipeline several;
    std::vector<decltype(several.add(get("k")))> places;
    for (int i = 0; i < 100; ++i) places.push_back(several.add(get("k" + std::to_string(i))));
    const stopwatch since;
    const auto done = started.execute(several, asio::use_future).get();
    for (const auto& place : places) expect_shut_out({done[place].error(), since.elapsed()});
}

TEST_P(refused, is_asked_again_by_the_next_command_but_not_by_each) {
    client waiting{wrong()};
    async_client started{wrong()};
    const int before = refused_by(one());
    const stopwatch since;
    int commands = 0;
    for (; since.elapsed() < 500ms; ++commands) {
        EXPECT_EQ(waiting.try_execute(get("k")).error().which(), errc::authentication_failed);
        EXPECT_EQ(waiting.try_execute(blpop({"q"}, 1s)).error().which(), errc::authentication_failed);
        EXPECT_EQ(started.try_execute(get("k"), asio::use_future).get().error().which(), errc::authentication_failed);
    }
    // Each client after 10, 20, 40, 80, 160 and 320 ms.
    EXPECT_LE(refused_by(one()) - before, 2 * 8) << "of " << commands << " commands each";
    EXPECT_GT(commands, 16);
    one().admin()({"ACL", "SETUSER", "ada", ">wrong-one"});
    poll_until("the sync client to be let in", [&] { return waiting.try_execute(set("k", "v")).has_value(); });
    poll_until("the other one, too",
               [&] { return started.try_execute(get("k"), asio::use_future).get().value_or(std::nullopt) == "v"; });
}

TEST_P(refused, says_that_the_user_is_disabled_and_that_there_is_no_password) {
    one().admin()({"ACL", "SETUSER", "ada", "off"});
    config c = wrong();
    c.password = "first";
    client disabled{c};
    expect_shut_out(outcome_of([&] { return disabled.try_execute(get("k")); }));
    config none{.seeds = {{"127.0.0.1", world<servers>().guarded.server(0).port()}}};
    none.protocol = GetParam();
    client unnamed{none};
    expect_shut_out(outcome_of([&] { return unnamed.try_execute(get("k")); }), "NOAUTH");
}

TEST_P(refused, says_that_the_user_may_not_begin_as_the_configuration_asks) {
    one().admin()({"ACL", "SETUSER", "ada", "reset", "on", ">first", "~*", "+@all", "-select"});
    config c = wrong();
    c.password = "first";
    client at_home{c};
    EXPECT_TRUE(at_home.try_execute(set("k", "v")));
    c.database = 1;
    client elsewhere{c};
    const auto o = outcome_of([&] { return elsewhere.try_execute(get("k")); });
    expect_shut_out(o, "NOPERM");
    EXPECT_NE(o.why.message().find("select"), std::string::npos) << o.why.message();
    one().admin()({"ACL", "SETUSER", "ada", "+select"});
    poll_until("it to be let in", [&] { return elsewhere.try_execute(get("k")).has_value(); });
}

TEST_P(refused, ends_the_wait_for_subscriptions) {
    client waiting{wrong()};
    auto feed = waiting.subscriber();
    feed.subscribe("news");
    for (int i = 0; i < 2; ++i) expect_shut_out(outcome_of([&] { return feed.ready(5s); }));
    async_client started{wrong()};
    auto other = started.subscriber();
    other.subscribe("news");
    EXPECT_THROW(other.ready(asio::use_future).get(), exception);
    one().admin()({"ACL", "SETUSER", "ada", ">wrong-one"});
    poll_until("both to be subscribed", [&] { return feed.ready(1s).has_value(); });
    poll_until("both to be subscribed", [&] { return other.statistics().live == 1; });
}

TEST_P(refused, by_all_seeds_of_a_cluster_once_each) {
    auto& nodes = world<servers>().nodes;
    const auto sum = [&nodes] {
        int all = 0;
        for (int i = 0; i < nodes.size(); ++i) all += refused_by(nodes.node(i));
        return all;
    };
    config c = config_for(nodes);
    c.username = "nobody";
    c.password = "wrong-one";
    c.protocol = GetParam();
    const int before = sum();
    {
        cluster waiting{c};
        expect_shut_out(outcome_of([&] { return waiting.try_execute(get("k")); }));
        auto feed = waiting.subscriber();
        EXPECT_EQ(sum() - before, nodes.size());
        feed.subscribe("news");
        expect_shut_out(outcome_of([&] { return feed.ready(5s); }));
    }
    async_cluster started{c};
    expect_shut_out(outcome_of([&] { return started.try_execute(get("k"), asio::use_future).get(); }));
}

TEST_P(refused, by_one_node_of_a_cluster_concerns_its_slots_alone) {
    auto& nodes = world<servers>().nodes;
    for (int i = 0; i < nodes.size(); ++i) {
        auto a = nodes.node(i).admin();
        a({"ACL", "SETUSER", "eve", "reset", "on", i == 0 ? ">another" : ">wrong-one", "~*", "&*", "+@all"});
    }
    config c = config_for(nodes);
    c.username = "eve";
    c.password = "wrong-one";
    c.protocol = GetParam();
    cluster waiting{c};
    async_cluster started{c};
    const auto there = key_served_by(nodes, nodes.node(0), "a");
    const auto elsewhere = key_served_by(nodes, nodes.node(1), "b");
    for (int i = 0; i < 10; ++i) {
        EXPECT_TRUE(waiting.try_execute(set(elsewhere, "v")));
        EXPECT_TRUE(started.try_execute(set(elsewhere, "v"), asio::use_future).get());
        expect_shut_out(outcome_of([&] { return waiting.try_execute(set(there, "v")); }));
        expect_shut_out(outcome_of([&] { return started.try_execute(set(there, "v"), asio::use_future).get(); }));
        EXPECT_TRUE(waiting.try_execute(echo("x")));  // which others can answer
        EXPECT_TRUE(started.try_execute(echo("x"), asio::use_future).get());
    }
    const auto mixed = waiting.try_execute(across_slots(mset({{there, "v"}, {elsewhere, "v"}})));
    ASSERT_FALSE(mixed);
    EXPECT_EQ(mixed.error().which(), errc::partly_failed);
    nodes.node(0).admin()({"ACL", "SETUSER", "eve", ">wrong-one"});
    poll_until("it to be let in", [&] { return waiting.try_execute(set(there, "v")).has_value(); });
}

TEST_P(refused, by_sentinels_or_by_the_server_that_they_name) {
    auto& set = world<servers>().guarded;
    config c = config_for(set);
    c.protocol = GetParam();
    c.password = "secret";
    c.sentinel_password = "wrong-one";
    expect_shut_out(outcome_of([&] { return client{c}.try_execute(get("k")); }));
    expect_shut_out(outcome_of([&] { return async_client{c}.try_execute(get("k"), asio::use_future).get(); }));
    c.sentinel_password = "watch";
    c.password = "wrong-one";
    expect_shut_out(outcome_of([&] { return client{c}.try_execute(get("k")); }));
    expect_shut_out(outcome_of([&] { return async_client{c}.try_execute(get("k"), asio::use_future).get(); }));
    c.password = "secret";
    EXPECT_TRUE(client{c}.try_execute(get("k")));
    config of_sentinels = c;
    of_sentinels.sentinel_password = "wrong-one";
    of_sentinels.seeds.push_back({"127.0.0.1", next_port()});  // where nobody is
    valkeyxx::sentinel asks{of_sentinels};
    expect_shut_out(outcome_of([&] { return asks.try_execute(ping()); }));
}

TEST_P(refused, with_somebody_to_ask_is_tried_again_until_the_deadline) {
    vault v{"ada", "wrong-one"};
    config c = settings(v.source());
    const auto heard = std::make_shared<recorder>();
    c.watcher = heard;
    async_client started{c};
    auto value = started.try_execute(get("k"), asio::use_future);
    poll_until("it to be refused twice", [&] { return heard->losses().size() >= 2; });
    EXPECT_EQ(heard->losses()[0].which(), errc::cannot_connect);
    EXPECT_EQ(heard->losses()[0].server_code(), "WRONGPASS");
    v.put("ada", "first");
    EXPECT_TRUE(value.get());
}

TEST_P(refused, commands_are_told_apart_from_other_errors_of_the_server) {
    one().admin()(
        {"ACL", "SETUSER", "ada", "reset", "on", ">first", "~open:*", "+@read", "+@connection", "+multi", "+exec"});
    config c = wrong();
    c.password = "first";
    client waiting{c};
    for (const auto& denied :
         {waiting.try_execute(set("open:1", "v")).error(), waiting.try_execute(get("closed")).error()}) {
        EXPECT_EQ(denied.which(), errc::access_denied) << denied.message();
        EXPECT_TRUE(denied == errc::server_error);  // as it was called before
        EXPECT_EQ(denied.server_code(), "NOPERM");
    }
    pipeline several;
    const auto good = several.add(get("open:1"));
    const auto bad = several.add(get("closed"));
    const auto done = waiting.execute(several);
    EXPECT_TRUE(done[good]);
    EXPECT_EQ(done[bad].error().which(), errc::access_denied);
    transaction together;
    together.add(get("open:1"));
    together.add(get("closed"));
    const auto run = waiting.try_execute(together);
    ASSERT_FALSE(run);
    EXPECT_EQ(run.error().which(), errc::access_denied);
    EXPECT_EQ(run.error().executed(), executed::no);
    // In a session the connection goes on.
    session busy = waiting.new_session();
    EXPECT_EQ(busy.try_execute(set("open:1", "v")).error().which(), errc::access_denied);
    EXPECT_TRUE(busy.try_execute(get("open:1")));
}

TEST(asked_configuration, names_one_or_the_other) {
    config c{.seeds = {{"127.0.0.1", 6379}}};
    c.credentials = std::make_shared<credential_source>([](const endpoint&, const auto&) {});
    c.password = "also";
    EXPECT_THROW(client{c}, exception);
    c.password.clear();
    c.sentinel_credentials = c.credentials;
    c.sentinel_password = "also";
    EXPECT_THROW(client{c}, exception);
}

}  // namespace valkeyxx::testing
