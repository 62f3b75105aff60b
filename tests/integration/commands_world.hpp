// What the tests of typed commands share: each of them runs on a cluster and on a single server, in both protocols, and
// must not tell them apart.
//
//     TEST_P(commands, lpush_returns_the_new_length) { EXPECT_EQ(run(lpush("k", {"a", "b"})), 2); }
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>

#include "integration/client_world.hpp"
#include "support/cluster.hpp"
#include "support/world.hpp"

#include <valkeyxx/valkeyxx.hpp>

namespace valkeyxx::testing {

struct command_servers {
    valkey_cluster nodes{{.shards = 3, .replicas = 0, .node_timeout = stretched(std::chrono::seconds{5})}};
    valkey_server one;
    void wait() {
        one.wait();
        nodes.wait();
    }
};

inline const auto command_servers_registered = use_world<command_servers>();

inline valkey_cluster& nodes() {
    return world<command_servers>().nodes;
}

enum class place { on_a_cluster, on_one_server };

class commands : public ::testing::TestWithParam<std::tuple<place, int>> {
  protected:
    void SetUp() override { run(command<void>{raw("FLUSHALL").encoded()}); }

    /// The reply; the test fails, with the reason, if there is none.
    template <class R>
    R run(const command<R>& c) {
        return client().execute(c);
    }
    template <class R>
    result<R> attempt(const command<R>& c) {
        return client().try_execute(c);
    }
    /// The code of the server's error, "" if there is none.
    template <class R>
    std::string refusal(const command<R>& c) {
        const auto r = attempt(c);
        return r ? std::string{} : std::string{r.error().server_code()};
    }
    /// Whether the servers know a command ("client|list" for a subcommand). If not, they must refuse it as unknown.
    template <class R>
    bool offers(const std::string& name, const command<R>& c) {
        if (!run(raw<value>("COMMAND", "INFO", name))[0].is_null()) return true;
        expect_refusal(c, "unknown");
        return false;
    }
    /// The same for what a command has been able to do only since a version: older servers must find its words wrong.
    template <class R>
    bool offers_since(int major, int minor, const command<R>& c) {
        const auto info = run(raw<std::string>("INFO", "server"));
        const std::string field = "valkey_version:";
        std::istringstream version{info.substr(info.find(field) + field.size())};
        std::pair<int, int> there;
        char dot = 0;
        version >> there.first >> dot >> there.second;
        if (there >= std::pair{major, minor}) return true;
        expect_refusal(c, "");
        return false;
    }
    [[nodiscard]] class client& client() noexcept { return clustered() ? static_cast<class client&>(cluster_) : one_; }
    [[nodiscard]] static bool clustered() { return std::get<place>(GetParam()) == place::on_a_cluster; }
    [[nodiscard]] static int protocol() { return std::get<int>(GetParam()); }
    /// Where a key is, and where commands without keys go.
    [[nodiscard]] std::optional<endpoint> node_for(const std::string& key) {
        if (!clustered()) return endpoint{"127.0.0.1", world<command_servers>().one.port()};
        if (!cluster_.node_for(key)) cluster_.connect();
        return cluster_.node_for(key);
    }
    [[nodiscard]] std::optional<endpoint> default_node() {
        if (!clustered()) return node_for({});
        if (!cluster_.default_node()) cluster_.connect();
        return cluster_.default_node();
    }
    /// The server that holds a key.
    [[nodiscard]] valkey_server& server_of(const std::string& key) {
        if (!clustered()) return world<command_servers>().one;
        const auto at = node_for(key);
        for (int i = 0; i < nodes().size(); ++i) {
            if (nodes().node(i).port() == at->port) return nodes().node(i);
        }
        throw std::logic_error("no server for " + key);
    }

  private:
    template <class R>
    void expect_refusal(const command<R>& c, std::string_view why) {
        const auto r = attempt(c);
        ASSERT_FALSE(r);
        EXPECT_EQ(r.error().server_code(), "ERR");
        EXPECT_NE(r.error().text().find(why), std::string::npos) << r.error().text();
    }

    static config settings(config c) {
        c.protocol = protocol();
        c.command_timeout = stretched(std::chrono::seconds{5});
        return c;
    }

    cluster cluster_{settings(config_for(nodes()))};
    class client one_ {
        settings(config{.seeds = {{"127.0.0.1", world<command_servers>().one.port()}}})
    };
};

INSTANTIATE_TEST_SUITE_P(places, commands,
                         ::testing::Combine(::testing::Values(place::on_a_cluster, place::on_one_server),
                                            ::testing::Values(2, 3)),
                         [](const auto& p) {
                             const bool clustered = std::get<0>(p.param) == place::on_a_cluster;
                             return (clustered ? "cluster_resp" : "server_resp") + std::to_string(std::get<1>(p.param));
                         });

}  // namespace valkeyxx::testing
