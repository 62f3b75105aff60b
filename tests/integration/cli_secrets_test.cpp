// Whatever goes wrong, no password and no key is in what the library and the program say: errors, events, output.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "integration/cli_program.hpp"
#include "integration/client_world.hpp"
#include "integration/fake_node.hpp"
#include "support/server.hpp"
#include "support/world.hpp"

#include <valkeyxx/client.hpp>
#include <valkeyxx/observer.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;
using request = fake_node::request;

struct servers {
    valkey_server locked{{.password = "open-sesame"}};
    void wait() { locked.wait(); }
};
const auto registered = use_world<servers>();

const std::vector<std::string> secrets{"open-sesame", "guessed-wrong", "sentinels-own", "inner-key", "hush-hush"};

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
    void disconnected(const endpoint& node, const error& why) override {
        hear(node.text());
        hear(why);
    }
    void retried(std::string_view command, std::string_view reason) override {
        hear(command);
        hear(reason);
    }
    void refresh_failed(const endpoint& node, const error& why) override {
        hear(node.text());
        hear(why);
    }
    std::string text() const {
        const std::lock_guard lock{mutex_};
        return text_;
    }

  private:
    mutable std::mutex mutex_;
    std::string text_;
};

class secret : public ::testing::Test {
  protected:
    ~secret() override {
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
        c.watcher = said;
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

}  // namespace valkeyxx::testing
