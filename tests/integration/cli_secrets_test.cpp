// Whatever goes wrong, no password and no key is in what the library and the program say: errors, events, output.
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "integration/cli_program.hpp"
#include "integration/client_world.hpp"
#include "integration/fake_node.hpp"
#include "support/poll.hpp"
#include "support/sentinel_set.hpp"
#include "support/server.hpp"
#include "support/temp_dir.hpp"
#include "support/world.hpp"

#include <valkeyxx/log.hpp>
#include <valkeyxx/metrics.hpp>
#include <valkeyxx/monitor.hpp>
#include <valkeyxx/valkeyxx.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;
using request = fake_node::request;

struct servers {
    valkey_server locked{{.password = "open-sesame"}};
    sentinel_set guarded{{.sentinels = 1,
                          .replicas = 0,
                          .name = "guarded",
                          .password = "open-sesame",
                          .sentinel_password = "sentinels-own"}};
    void wait() {
        locked.wait();
        guarded.wait();
    }
};
const auto registered = use_world<servers>();

const std::vector<std::string> secrets{"open-sesame", "guessed-wrong", "sentinels-own", "inner-key", "hush-hush"};

/// A command of these words.
command<value> raw_words(const std::vector<std::string>& words) {
    const std::vector<std::string_view> views{words.begin(), words.end()};
    return raw(std::span{views});
}

/// All that was said, as one text.
class everything final : public observer {
  public:
    void hear(std::string_view text) {
        const std::lock_guard lock{mutex_};
        text_.append(text).push_back('\n');
    }
    void hear(const error& why) {
        hear(why.message());
        hear(why.text());
        hear(why.command());
    }
    void hear(const program_result& program) {
        hear(program.out);
        hear(program.err);
    }
    void hear(const endpoint& node, const error& why) {
        hear(node.text());
        hear(why);
    }
    void hear(const shard_map& map) {
        for (const auto& shard : map.shards()) {
            hear(shard.primary.address.text());
            for (const auto& replica : shard.replicas) hear(replica.address.text());
        }
    }
    void attached(const monitor& client) override {
        hear("attached");
        const std::lock_guard lock{mutex_};
        clients_.push_back(client);
    }
    void connected(const endpoint& node, int /*protocol*/) override { hear(node.text()); }
    void reconnected(const endpoint& node) override { hear(node.text()); }
    void disconnected(const endpoint& node, const error& why) override { hear(node, why); }
    void closed(const endpoint& node) override { hear(node.text()); }
    void authentication_failed(const endpoint& node, const error& why) override {
        hear("authentication_failed");
        hear(node, why);
    }
    void redirected(redirect_kind /*kind*/, std::uint16_t /*slot*/, const endpoint& from, const endpoint& to) override {
        hear(from.text());
        hear(to.text());
    }
    void retried(std::string_view command, std::string_view reason) override {
        hear(command);
        hear(reason);
    }
    [[nodiscard]] bool wants_commands() const override { return true; }
    void command_ended(const ended_command& what) override {
        hear(what.name);
        if (what.node != nullptr) hear(what.node->text());
        if (what.why != nullptr) hear(*what.why);
    }
    void unverified(const endpoint& node) override { hear(node.text()); }
    void certificates_not_renewed(const error& why) override { hear(why); }
    void not_tracked(const endpoint& node, const error& why) override {
        hear("not_tracked");
        hear(node, why);
    }
    void suspected(const endpoint& node) override { hear(node.text()); }
    void recovered(const endpoint& node) override { hear(node.text()); }
    void refresh_started() override { hear("refresh"); }
    void topology_changed(const shard_map& now) override { hear(now); }
    void topology_replaced(const shard_map& before, const shard_map& now) override {
        hear(before);
        hear(now);
    }
    void refresh_failed(const endpoint& node, const error& why) override {
        hear("refresh_failed");
        hear(node, why);
    }
    void primary_switched(std::string_view service, const endpoint& from, const endpoint& to) override {
        hear(service);
        hear(from.text());
        hear(to.text());
    }
    void subscription_changed(const subscription_event& what) override {
        if (what.node != nullptr) hear(what.node->text());
    }
    /// What there is to see of the clients, from outside.
    void look_at_clients() {
        std::vector<monitor> all;
        {
            const std::lock_guard lock{mutex_};
            all = clients_;
        }
        for (const auto& client : all) {
            for (const auto& n : client.nodes()) hear(n.node.text());
        }
    }
    std::string text() const {
        const std::lock_guard lock{mutex_};
        return text_;
    }

  private:
    mutable std::mutex mutex_;
    std::string text_;
    std::vector<monitor> clients_;
};

class secret : public ::testing::Test {
  protected:
    ~secret() override {
        said->look_at_clients();
        said->hear(counted->prometheus_text());
        const auto text = said->text();
        for (const auto& word : secrets) EXPECT_EQ(text.find(word), std::string::npos) << word << " in:\n" << text;
    }
    /// It was not silence that kept the secret.
    void expect_said(std::string_view words) const {
        EXPECT_NE(said->text().find(words), std::string::npos) << words << " not in:\n" << said->text();
    }
    config to(int port, const std::string& password) const {
        config c{.seeds = {{"127.0.0.1", static_cast<std::uint16_t>(port)}}};
        c.password = password;
        c.command_timeout = stretched(300ms);
        c.watcher = watcher;
        return c;
    }
    /// Makes such a client, has it run a command, and listens to what becomes of that.
    template <class Client>
    void use(const config& c) {
        try {
            Client client{c};
            if (const auto r = client.try_execute(get("k")); !r) said->hear(r.error());
            if (const auto r = client.try_execute(incrby("k", 1)); !r) said->hear(r.error());
        } catch (const exception& e) {
            said->hear(e.what());
        }
    }

    std::shared_ptr<everything> said = std::make_shared<everything>();
    std::shared_ptr<metrics> counted = std::make_shared<metrics>();
    std::shared_ptr<log_observer> logged = std::make_shared<log_observer>(
        [all = said](const log_record& r) {
            all->hear(to_logfmt(r));
            all->hear(to_json(r));
        },
        log_options{.least = log_level::debug, .burst = 0, .failed_commands = true, .slower_than = 1ms});
    std::shared_ptr<observer> watcher =
        std::make_shared<observers>(std::vector<std::shared_ptr<observer>>{said, counted, logged});
};

}  // namespace

TEST_F(secret, is_kept_by_those_who_know_it_and_those_who_do_not) {
    const int port = world<servers>().locked.port();
    use<client>(to(port, "open-sesame"));
    use<client>(to(port, "guessed-wrong"));
    expect_said("WRONGPASS");
    config named = to(port, "guessed-wrong");
    named.username = "ada";
    named.protocol = 2;
    use<client>(named);
    use<cluster>(to(port, "open-sesame"));
    expect_said("cluster mode");
    config unheard = to(port, "open-sesame");
    unheard.service = "mymaster";
    unheard.sentinel_password = "sentinels-own";
    use<client>(unheard);
    expect_said("mymaster");
}

TEST_F(secret, is_kept_though_the_server_tells_it) {
    const auto repeat = [](const request& r) {
        std::string text = "ERR unknown command '" + r.front() + "', with args beginning with:";
        for (std::size_t i = 1; i < r.size(); ++i) text += " '" + r[i] + "'";
        return text;
    };
    for (const bool refuses_hello : {true, false}) {
        fake_server proxy{fake_server::handler{[&](const request& r) -> answer {
            if (is_command(r, "HELLO") && !refuses_hello) return resp::error("ERR no '" + r.back() + "' today");
            return resp::error(repeat(r));
        }}};
        use<client>(to(proxy.port(), "open-sesame"));
        use<cluster>(to(proxy.port(), "open-sesame"));
    }
    expect_said("ERR unknown command 'AUTH'");
    expect_said("ERR no '***' today");
}

// What servers repeat of the arguments of commands. Each of these is refused by a real one; where it is not, or in
// other words than those that are known, this fails.
TEST_F(secret, is_kept_of_the_arguments_of_commands) {
    const std::string s = "hush-hush";
    const std::vector<std::vector<std::string>> leaky{
        {"NO.SUCH", s, s},
        {"ACL", "SETUSER", "ada", "<" + s},
        {"ACL", "SETUSER", "ada", "#" + s},
        {"ACL", "SETUSER", "ada", "%" + s + "~x"},
        {"ACL", "SETUSER", "ada", "(" + s},
        {"EVAL", "return " + s + " " + s, "0"},
        {"EVAL", "return '" + s, "0"},
        {"EVAL", "return redis.call('ACL', 'SETUSER', 'ada', '<" + s + "')", "0"},
        {"SCRIPT", "LOAD", "'" + s},
        {"FUNCTION", "LOAD", "#!lua name=x\n'" + s},
        {"FUNCTION", "LOAD", "#!lua " + s + "=x\n"},
        {"XREADGROUP", "GROUP", s, "c", "STREAMS", "s", ">"},
        {"XPENDING", s, s},
        {"XAUTOCLAIM", s, s, "c", "0", "0"},
        {"XGROUP", "DELCONSUMER", "s", s, "c"},
        {"XINFO", "CONSUMERS", "s", s},
        {"GEOSEARCH", "g", "FROMMEMBER", s, "BYRADIUS", "1", "km"},
        {"CONFIG", "SET", "maxmemory", s},
        {"CONFIG", "SET", "maxmemory-policy", s},
        {"CONFIG", "SET", "client-output-buffer-limit", s},
        {"CONFIG", "SET", "requirepass"},
        {"MIGRATE", "127.0.0.1", "1", "k", "0", "10", "AUTH", s},
        {"RESTORE", "k2", "0", s},
        {"SET", "k", "v", s},
        {"INCRBY", "k", s},
        {"ZADD", "z", s, "m"},
        {"CLIENT", "TRACKING", "ON", s},
        {"CLIENT", "SETNAME", s + " " + s},
        {"LPUSH", "k", s},
        {"AUTH", "ada", s},
        {"HELLO", "3", "AUTH", "ada", s},
        {"HELLO", "3", "SETNAME", "x", s},
        {"SELECT", s},
    };
    config c = to(world<servers>().locked.port(), "open-sesame");
    c.command_timeout = stretched(2s);
    client one{c};
    one.execute(set("k", "v"));
    one.execute(raw("XADD", "s", "*", "f", "v"));
    one.execute(raw("GEOADD", "g", "1", "1", "m"));
    for (const auto& words : leaky) {
        session own = one.new_session();  // in which commands may change the connection, too
        try {
            own.execute(raw_words(words));
            ADD_FAILURE() << words[0] << " " << words[1] << " was not refused";
        } catch (const exception& e) {
            EXPECT_TRUE(e.error() == errc::server_error || e.error() == errc::invalid_argument) << e.what();
            said->hear(e.what());
            said->hear(e.error());
        }
        pipeline several;
        const auto place = several.add(raw_words(words));
        said->hear(one.execute(several)[place].error());
        if (words[0] == "AUTH" || words[0] == "HELLO" || words[0] == "SELECT" || words[0] == "CLIENT") continue;
        transaction together;
        const auto inside = together.add(raw_words(words));
        const auto done = one.try_execute(together);
        said->hear(done ? (*done)[inside].error() : done.error());
    }
    expect_said("ACL SETUSER modifier '...'");
    expect_said("near '...'");
    expect_said("consumer group '...'");
}

TEST_F(secret, is_kept_of_sentinels_and_their_settings) {
    auto& set = world<servers>().guarded;
    config c = parse_url(set.url()).value();
    c.password = "guessed-wrong";
    c.sentinel_password = "sentinels-own";
    c.command_timeout = stretched(1s);
    c.watcher = watcher;
    use<client>(c);
    c.sentinel_password = "guessed-wrong";
    use<client>(c);
    expect_said("WRONGPASS");
    c.sentinel_password = "sentinels-own";
    sentinel asks{c};
    for (const auto& words :
         std::vector<std::vector<std::string>>{{"SENTINEL", "SET", set.name(), "quorum", "hush-hush"},
                                               {"SENTINEL", "CONFIG", "SET", "announce-port", "hush-hush"},
                                               {"SENTINEL", "CONFIG", "SET", "sentinel-pass", "x", "hush-hush"}}) {
        const auto r = asks.try_execute(raw_words(words));
        ASSERT_FALSE(r) << words[1];
        said->hear(r.error());
    }
    expect_said("'...' for SENTINEL SET");
    expect_said("'...' to SENTINEL CONFIG SET");
}

TEST_F(secret, is_kept_of_those_who_are_asked_for_it) {
    const auto answer_of = [](credential_source::question ask) {
        return std::make_shared<credential_source>(std::move(ask));
    };
    config c = to(world<servers>().locked.port(), "");
    c.credentials = answer_of([](const endpoint&, const auto& answer) {
        answer(credentials{.username = "ada", .password = "guessed-wrong"});
    });
    use<client>(c);
    expect_said("WRONGPASS");
    c.credentials = answer_of([](const endpoint&, const auto& answer) {
        answer(credentials{.password = "open-sesame", .renew_after = 1ms});
    });
    use<client>(c);
    c.credentials = answer_of([](const endpoint&, const auto&) { throw std::runtime_error{"open-sesame is no JSON"}; });
    use<client>(c);
    expect_said("has thrown std::runtime_error");
    std::atomic<bool> rotated = false;
    c.credentials = answer_of([&rotated](const endpoint&, const auto& answer) {
        answer(credentials{.password = rotated ? "guessed-wrong" : "open-sesame"});
    });
    async_client started{c};
    std::promise<bool> works;
    started.execute(ping(), [&works](const result<std::string>& r) { works.set_value(r.has_value()); });
    EXPECT_TRUE(works.get_future().get());
    rotated = true;
    c.credentials->changed();
    poll_until("it to be refused", [&] { return said->text().find("authentication_failed") != std::string::npos; });
}

TEST_F(secret, is_kept_of_urls_that_cannot_be_understood) {
    for (const char* url : {
             "valkey://ada:open-sesame@host:port",
             "valkey://:open-sesame@",
             "valkey://:open-sesame@host/database",
             "valkey://:open-sesame@host?timeout=never",
             "valkey://:open-sesame@host?command_timeout=never",
             "valkey://:open-sesame@host#there",
             "valkey://:open-sesame@host:1,",
             "valkey://:open/-sesame/open-sesame@host",
             "valkey://:#open-sesame@host",
             "valkey://:x?open-sesame@host",
             "valkey://:%zzopen-sesame@host",
             "valkey://open-sesame@host",
             "values://:open-sesame@host",
             "valkey+sentinel://:open-sesame@host?sentinel_password=sentinels-own",
             "valkey+sentinel://:open-sesame@host/a?sentinel_password=sentinels-own&sentinel_passwort=sentinels-own",
             "valkey://host?tls_key=x&password=open-sesame",
             "valkeys://host?tls_key_password=open-sesame&tls_verify=never",
             "valkeys://host?tls_key_pasword=open-sesame",
             "valkeys://host?tls_key=%00&tls_key_password=open-sesame&tls_key_password=hush-hush",
             ":open-sesame@host",
         }) {
        const auto parsed = parse_url(url);
        if (parsed) {
            ADD_FAILURE() << "understood: " << url;
        } else {
            said->hear(parsed.error());
        }
        said->hear(cli({"exec", "--url", url, "PING"}));
    }
    expect_said("option command_timeout must be");
    expect_said("did you mean");
}

TEST_F(secret, is_kept_of_keys_that_cannot_be_read) {
    config c = to(1, "open-sesame");
    c.tls.enabled = true;
    c.tls.certificate = "-----BEGIN CERTIFICATE-----\ninner-key\n-----END CERTIFICATE-----\n";
    c.tls.private_key = "-----BEGIN PRIVATE KEY-----\ninner-key\n-----END PRIVATE KEY-----\n";
    c.tls.private_key_password = "hush-hush";
    use<client>(c);
    expect_said("certificate");
    c.tls.certificate.clear();
    use<client>(c);
    expect_said("a key without a certificate");
}

TEST_F(secret, is_kept_by_the_program) {
    const std::string host = "127.0.0.1:" + std::to_string(world<servers>().locked.port());
    for (const auto& words : {arguments{"exec", "PING"}, arguments{"exec", "--json", "GET", "k"}, arguments{"topology"},
                              arguments{"scan"}, arguments{"pubsub", "pub", "c", "m"}, arguments{"pubsub", "ssub", "c"},
                              arguments{"bench", "--seconds", "1"}, arguments{"sentinel", "primary", "a"}}) {
        for (const char* user : {":open-sesame@", ":guessed-wrong@", "ada:guessed-wrong@"}) {
            auto all = words;
            const std::string url = "valkey://" + (user + host) + "?command_timeout=500ms";
            said->hear(cli(all, stdout_is::pipe, {"VALKEY_URL=" + url}));
            all.insert(all.end(), {"--url", url});
            said->hear(cli(all));
        }
    }
    expect_said("WRONGPASS");
    expect_said("cluster mode");
}

TEST_F(secret, is_kept_by_the_programs_log_and_metrics) {
    const std::string host = "127.0.0.1:" + std::to_string(world<servers>().locked.port());
    const temp_dir folder;
    std::ofstream{folder.file("in")} << "AUTH hush-hush\nACL SETUSER ada <hush-hush\nNO.SUCH hush-hush\n";
    for (const char* format : {"logfmt", "json"}) {
        for (const char* user : {":open-sesame@", ":guessed-wrong@"}) {
            const std::string url = "valkey://" + (user + host) + "?command_timeout=500ms";
            const arguments observed{"--url", url, "--log", "-", "--log-format", format, "--metrics-port", "0"};
            for (auto words :
                 {arguments{"exec", "ACL", "SETUSER", "ada", "<hush-hush"}, arguments{"exec", "NO.SUCH", "hush-hush"},
                  arguments{"pipe", folder.file("in")}, arguments{"pubsub", "sub", "--count", "1", "c"}}) {
                const bool waits = words[0] == "pubsub" && std::string{user} == ":open-sesame@";
                if (waits) continue;  // it would, for a message
                words.insert(words.begin() + (words[0] == "pubsub" ? 2 : 1), observed.begin(), observed.end());
                said->hear(cli(words));
            }
        }
    }
    expect_said("event=disconnected");
    expect_said("\"event\":\"disconnected\"");
    expect_said("ACL SETUSER modifier '...'");
    expect_said("authentication_failed");
}

}  // namespace valkeyxx::testing
