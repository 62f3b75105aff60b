// Encrypted connections, to real servers that speak TLS.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/use_future.hpp>

#include "integration/client_world.hpp"
#include "integration/tls_files.hpp"
#include "support/certificates.hpp"
#include "support/network.hpp"
#include "support/poll.hpp"
#include "support/program.hpp"
#include "support/server.hpp"
#include "support/world.hpp"

#include <valkeyxx/asio.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;
namespace asio = boost::asio;

// A server with a port for TLS besides its other one.
struct tls_server {
    tls_server(const certificate_authority& ca, const certificate_files& own, const std::string& clients = "no")
        : port{next_port()}, server{{.extra = ca.server_arguments(port, own, clients)}} {}

    std::uint16_t port;
    valkey_server server;
};

// A sentinel that listens for both, and speaks to the server as it is told.
struct tls_sentinel {
    tls_sentinel(const certificate_authority& ca, const certificate_files& own, std::uint16_t watched, bool encrypted)
        : port{next_port()},
          server{{.extra = arguments_for(ca, own, encrypted),
                  .sentinel_config = "sentinel monitor orders 127.0.0.1 " + std::to_string(watched) + " 1\n"}} {}

    arguments arguments_for(const certificate_authority& ca, const certificate_files& own, bool encrypted) const {
        auto all = ca.server_arguments(port, own);
        if (encrypted) all.insert(all.end(), {"--tls-replication", "yes"});
        return all;
    }

    std::uint16_t port;
    valkey_server server;
};

struct servers {
    certificate_authority ca;
    certificate_authority other_ca{"another authority"};
    certificate_files here = ca.issue("DNS:localhost,IP:127.0.0.1");
    certificate_files elsewhere = ca.issue("DNS:elsewhere.test");
    certificate_files expired = ca.issue("DNS:localhost,IP:127.0.0.1", -1);
    certificate_files client = ca.issue("DNS:client.test");
    certificate_files stranger = other_ca.issue("DNS:client.test");

    tls_server one{ca, here};
    tls_server misnamed{ca, elsewhere};
    tls_server outdated{ca, expired};
    tls_server strict{ca, here, "yes"};
    tls_sentinel of_all{ca, here, one.port, true};
    tls_sentinel of_itself{ca, here, one.server.port(), false};
    std::vector<std::uint16_t> ports;
    valkey_cluster nodes{{.shards = 3, .replicas = 1, .customize = [this](int, node_options& o) {
                              ports.push_back(next_port());
                              o.extra = ca.server_arguments(ports.back(), here);
                          }}};

    void wait() {
        for (tls_server* s : {&one, &misnamed, &outdated, &strict}) s->server.wait();
        of_all.server.wait();
        of_itself.server.wait();
        nodes.wait();
    }
};

const auto registered = use_world<servers>();

servers& those() {
    return world<servers>();
}

config to(std::uint16_t port, tls_options tls = {}) {
    config c{.seeds = {{"127.0.0.1", port}}};
    c.tls = std::move(tls);
    c.tls.enabled = true;
    if (c.tls.ca_file.empty() && c.tls.ca_certificates.empty()) c.tls.ca_file = those().ca.file();
    c.command_timeout = stretched(5s);
    c.connect_timeout = stretched(2s);
    return c;
}

// The end of what a client says that cannot connect, which it does not before its time is up.
std::string refusal(config c) {
    c.command_timeout = stretched(500ms);
    c.connect_timeout = stretched(200ms);
    client refused{c};
    const auto reply = refused.try_execute(ping());
    return reply ? "none" : reply.error().message();
}

void expect_in(const std::string& part, const std::string& all) {
    EXPECT_NE(all.find(part), std::string::npos) << all;
}

std::string pattern(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 2654435761U >> 13U);
    return text;
}

void use(client& c, const std::string& prefix) {
    for (const std::size_t size : {0U, 1U, 16383U, 16384U, 16385U, 100'000U, 5'000'000U}) {
        c.execute(set(prefix, pattern(size)));
        EXPECT_EQ(c.execute(get(prefix)), pattern(size)) << size;
    }
    pipeline batch;
    for (int i = 0; i < 20'000; ++i)
        batch.add(set(prefix + std::to_string(i), pattern(static_cast<std::size_t>(i % 700))));
    for (int i = 0; i < 20'000; ++i) batch.add(get(prefix + std::to_string(i)));
    const auto done = c.execute(batch);
    ASSERT_TRUE(done.ok());
    for (std::size_t i = 0; i < 20'000; ++i) ASSERT_EQ(done.get<std::string>(20'000 + i).value(), pattern(i % 700));
}

}  // namespace

TEST(tls, carries_values_of_any_size_and_long_pipelines) {
    for (const int protocol : {2, 3}) {
        auto c = to(those().one.port);
        c.protocol = protocol;
        client waiting{c};
        use(waiting, "resp" + std::to_string(protocol));
    }
    EXPECT_NE(client{to(those().one.port)}
                  .execute(raw<std::string>("CLIENT", "INFO"))
                  .find("laddr=127.0.0.1:" + std::to_string(those().one.port)),
              std::string::npos);
}

TEST(tls, carries_what_callbacks_and_several_threads_send) {
    async_client started{to(those().one.port)};
    client waiting{to(those().one.port)};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            const std::string key = "thread" + std::to_string(t);
            for (int i = 1; i <= 300; ++i) {
                EXPECT_EQ(waiting.execute(incr(key)), 2 * i - 1);
                EXPECT_EQ(started.execute(incr(key), asio::use_future).get(), 2 * i);
                waiting.execute(set(key + "big", pattern(static_cast<std::size_t>(i) * 200)));
                EXPECT_EQ(started.execute(get(key + "big"), asio::use_future).get(),
                          pattern(static_cast<std::size_t>(i) * 200));
            }
        });
    }
    for (auto& t : threads) t.join();
}

TEST(tls, carries_large_values_wherever_they_go) {
    constexpr std::size_t million = 1'000'000;
    client waiting{to(those().one.port)};
    async_client started{to(those().one.port)};
    constexpr int count = 8;
    std::vector<std::string> values;
    for (std::size_t i = 0; i < count + 2; ++i) values.push_back(pattern(million + i));
    const auto value = [&](int i) -> const std::string& { return values[static_cast<std::size_t>(i)]; };

    pipeline writes;
    for (int i = 0; i < count; ++i) writes.add(set("large" + std::to_string(i), value(i)));
    pipeline reads;
    std::vector<pipeline::handle<std::optional<std::string>>> places;
    for (int i = 0; i < count; ++i) places.push_back(reads.add(get("large" + std::to_string(i))));
    waiting.execute(writes).throw_first_error();
    const auto by_wait = waiting.execute(reads);
    started.execute(writes, asio::use_future).get().throw_first_error();
    const auto by_loop = started.execute(reads, asio::use_future).get();
    for (int i = 0; i < count; ++i) {
        const auto& place = places[static_cast<std::size_t>(i)];
        EXPECT_TRUE(by_wait[place].value() == value(i) && by_loop[place].value() == value(i)) << i;
    }

    session own = waiting.new_session();
    own.execute(raw("WATCH", "large0"));
    EXPECT_TRUE(own.execute(get("large0")) == value(0));
    transaction exchange;
    exchange.add(set("large0", value(count)));
    const auto now = exchange.add(get("large0"));
    EXPECT_TRUE(own.execute(exchange)[now].value() == value(count));

    auto popped = started.execute(blpop({"large list"}, 0s), asio::use_future);
    poll_until("somebody to wait", [] {
        return those().one.server.admin()({"INFO", "clients"}).find("blocked_clients:1\r") != std::string::npos;
    });
    waiting.execute(rpush("large list", value(count + 1)));
    EXPECT_TRUE(popped.get()->element == value(count + 1));
}

TEST(tls, carries_the_news_that_kept_replies_are_outdated) {
    config c = to(those().one.port);
    c.cache.enabled = true;
    c.cache.max_silence = stretched(1s);
    auto other = those().one.server.admin();
    const auto expect_told = [&](auto& client, const auto& read) {
        for (const char* value : {"one", "two", "three"}) {
            other({"SET", "kept", value});
            poll_until("the news to arrive", [&] { return read() == value; });
            poll_until("the reply to be kept", [&] {
                const auto before = client.cache_statistics().hits;
                EXPECT_EQ(read(), value);
                return client.cache_statistics().hits != before;
            });
        }
        EXPECT_GE(client.cache_statistics().invalidations, 2U);
    };
    client waiting{c};
    expect_told(waiting, [&] { return waiting.execute(get("kept").cached(60s)); });
    async_client started{c};
    expect_told(started, [&] { return started.execute(get("kept").cached(60s), asio::use_future).get(); });
}

// Of use with a thread sanitizer, above all.
TEST(tls, serves_many_threads_whose_connections_are_killed) {
    config c = to(those().one.port);
    const auto seen = std::make_shared<recorder>();
    c.watcher = seen;
    c.command_timeout = stretched(20s);
    client waiting{c};
    async_client started{c};
    std::atomic<int> rounds{0};
    std::atomic<bool> over{false};
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&, t] {
            const std::string key = "killed" + std::to_string(t);
            for (int i = 0; !over; ++i) {
                const auto value = pattern(static_cast<std::size_t>(i % 50) * 300 + static_cast<std::size_t>(t));
                waiting.execute(set(key, value));
                EXPECT_TRUE(started.execute(get(key), asio::use_future).get() == value);
                started.execute(set(key + "a", value), asio::use_future).get();
                EXPECT_TRUE(waiting.execute(get(key + "a")) == value);
                ++rounds;
            }
        });
    }
    auto killer = those().one.server.admin();
    for (int i = 0; i < 15; ++i) {
        const int before = rounds;
        poll_until("work to go on", [&] { return rounds > before + 16; });
        killer({"CLIENT", "KILL", "TYPE", "NORMAL"});
    }
    over = true;
    for (auto& t : threads) t.join();
    EXPECT_GT(seen->losses().size(), 15U);
}

TEST(tls, stays_whole_when_commands_are_given_up_before_they_are_sent) {
    auto& server = those().one;
    config c = to(server.port);
    c.command_timeout = 100ms;  // not stretched: they are to be given up
    c.connect_timeout = stretched(60s);
    async_client hasty{c};
    c.command_timeout = stretched(30s);
    poll_until("a connection", [&] { return hasty.try_execute(ping(), asio::use_future).get().has_value(); });
    client patient{c};
    patient.execute(del("list"));
    std::atomic<int> open = 0;
    std::atomic<int> unsent = 0;
    std::atomic<int> may_have_run = 0;
    std::int64_t done = 0;
    for (int round = 0; round < 10; ++round) {
        server.server.pause();
        for (std::size_t i = 0; i < 200; ++i) {
            ++open;
            hasty.execute(rpush("list", std::string(1 + i * 1009 % 90'000, 'x')), [&](const result<std::int64_t>& r) {
                if (!r) ++(r.error().executed() == executed::no ? unsent : may_have_run);
                --open;
            });
        }
        poll_until("all to be given up", [&] { return open == 0; });
        server.server.resume();
        poll_until("it to go on", [&] { return hasty.try_execute(ping(), asio::use_future).get().has_value(); });
        done = patient.execute(llen("list"));
        EXPECT_LE(done, may_have_run);
    }
    EXPECT_GT(unsent, 100);
    EXPECT_GT(done, 0);
    EXPECT_EQ(hasty.statistics().disconnects, 0U) << "what was sent could not be understood";
}

TEST(tls, waits_for_what_blocks_and_ends_by_the_deadline) {
    client waiting{to(those().one.port)};
    std::thread pusher{[] {
        client other{to(those().one.port)};
        poll_until("somebody to wait", [&] {
            return other.execute(raw<std::string>("INFO", "clients")).find("blocked_clients:1") != std::string::npos;
        });
        other.execute(raw("RPUSH", "queue", "x"));
    }};
    EXPECT_EQ(waiting.execute(raw<std::vector<std::string>>("BLPOP", "queue", "0")),
              (std::vector<std::string>{"queue", "x"}));
    pusher.join();
}

TEST(tls, is_told_of_by_url) {
    const auto c = parse_url("valkeys://127.0.0.1:" + std::to_string(those().one.port) +
                             "?tls_ca=" + those().ca.file() + "&tls_min_version=1.3")
                       .value();
    client secure{c};
    EXPECT_EQ(secure.execute(ping()), "PONG");
}

TEST(tls, takes_certificates_as_text) {
    const auto& s = those();
    client waiting{to(s.strict.port, {.ca_certificates = contents(s.ca.file()),
                                      .certificate = contents(s.client.certificate),
                                      .private_key = contents(s.client.key)})};
    EXPECT_EQ(waiting.execute(ping()), "PONG");
}

TEST(tls, finds_authorities_in_a_folder) {
    const auto& s = those();
    const auto add = [](const certificate_authority& who, const temp_dir& folder, const std::string& name) {
        std::filesystem::copy_file(who.file(), folder.file(name));
        EXPECT_EQ(run_program({"openssl", "rehash", folder.path()}).exit_code, 0);
    };
    const auto by_folder = [&](const temp_dir& folder) {
        config c = to(s.one.port);
        c.tls.ca_file.clear();
        c.tls.ca_directory = folder.path();
        return c;
    };
    const temp_dir right;
    add(s.ca, right, "ca.pem");
    client waiting{by_folder(right)};
    EXPECT_EQ(waiting.execute(ping()), "PONG");
    async_client started{by_folder(right)};
    EXPECT_EQ(started.execute(ping(), asio::use_future).get(), "PONG");
    client named{"valkeys://127.0.0.1:" + std::to_string(s.one.port) + "?tls_ca_directory=" + right.path()};
    EXPECT_EQ(named.execute(ping()), "PONG");

    const temp_dir wrong;
    add(s.other_ca, wrong, "ca.pem");
    config c = by_folder(wrong);
    c.command_timeout = stretched(500ms);
    client stays{c};
    EXPECT_FALSE(stays.try_execute(ping()));
    expect_in("the server's certificate is refused", refusal(by_folder(wrong)));
    const temp_dir unprepared;
    std::filesystem::copy_file(s.ca.file(), unprepared.file("ca.pem"));
    expect_in("the server's certificate is refused", refusal(by_folder(unprepared)));

    // What is added later is found without a new client.
    add(s.ca, wrong, "another.pem");
    EXPECT_EQ(stays.execute(ping()), "PONG");
}

TEST(tls, reads_a_key_with_its_password) {
    const auto& s = those();
    const temp_dir folder;
    run_program({"openssl", "ec", "-in", s.client.key, "-aes256", "-passout", "pass:hush", "-out", folder.file("key")});
    const auto with = [&](const std::string& password) {
        return to(s.strict.port, {.certificate_file = s.client.certificate,
                                  .private_key_file = folder.file("key"),
                                  .private_key_password = password});
    };
    EXPECT_EQ(client{with("hush")}.execute(ping()), "PONG");
    for (const auto* wrong : {"", "shush"}) {
        try {
            client c{with(wrong)};
            ADD_FAILURE() << "the key was read";
        } catch (const exception& e) {
            EXPECT_EQ(e.code(), errc::invalid_argument);
            EXPECT_EQ(std::string{e.what()}.find("hush"), std::string::npos) << e.what();
        }
    }
}

TEST(tls, trusts_only_who_has_the_right_certificate) {
    const auto& s = those();
    expect_in("the server's certificate is refused: self-signed certificate in certificate chain",
              refusal(to(s.one.port, {.ca_file = s.other_ca.file()})));
    expect_in("the server's certificate is refused: certificate has expired", refusal(to(s.outdated.port)));
    expect_in("the server's certificate is refused: IP address mismatch", refusal(to(s.misnamed.port)));
    expect_in("the server's certificate is refused: hostname mismatch",
              refusal(to(s.one.port, {.server_name = "elsewhere.test"})));
}

TEST(tls, trusts_by_another_name_by_the_chain_alone_or_blindly_if_told_to) {
    const auto& s = those();
    EXPECT_EQ(client{to(s.misnamed.port, {.server_name = "elsewhere.test"})}.execute(ping()), "PONG");
    EXPECT_EQ(client{to(s.misnamed.port, {.verify = tls_verify::chain})}.execute(ping()), "PONG");
    expect_in("certificate has expired", refusal(to(s.outdated.port, {.verify = tls_verify::chain})));
    expect_in("self-signed certificate in certificate chain",
              refusal(to(s.misnamed.port, {.ca_file = s.other_ca.file(), .verify = tls_verify::chain})));
    EXPECT_EQ(client{to(s.outdated.port, {.verify = tls_verify::none})}.execute(ping()), "PONG");
}

TEST(tls, shows_its_own_certificate_where_one_is_asked_for) {
    const auto& s = those();
    client known{to(s.strict.port, {.certificate_file = s.client.certificate, .private_key_file = s.client.key})};
    EXPECT_EQ(known.execute(ping()), "PONG");
    expect_in("alert certificate required", refusal(to(s.strict.port)));
    expect_in(
        "alert unknown ca",
        refusal(to(s.strict.port, {.certificate_file = s.stranger.certificate, .private_key_file = s.stranger.key})));
}

TEST(tls, renews_its_certificate_without_a_new_client) {
    auto& s = those();
    const temp_dir folder;
    const auto put = [&](const certificate_files& from) {
        namespace fs = std::filesystem;
        fs::copy_file(from.certificate, folder.file("c.pem"), fs::copy_options::overwrite_existing);
        fs::copy_file(from.key, folder.file("c.key"), fs::copy_options::overwrite_existing);
    };
    put(s.stranger);
    auto c = to(s.strict.port, {.certificate_file = folder.file("c.pem"), .private_key_file = folder.file("c.key")});
    c.command_timeout = stretched(1s);
    client stays{c};
    ASSERT_FALSE(stays.try_execute(ping()));
    put(s.client);
    EXPECT_EQ(stays.execute(ping()), "PONG");
    // Half of a change is not taken up: what was good goes on for new connections, too.
    std::ofstream{folder.file("c.pem")} << "not yet";
    s.strict.server.admin()({"CLIENT", "KILL", "TYPE", "NORMAL"});
    EXPECT_EQ(stays.execute(ping()), "PONG");
}

class listens_to_tls final : public observer {
  public:
    void unverified(const endpoint& /*node*/) override { ++unverified_; }
    void certificates_not_renewed(const error& why) override {
        const std::lock_guard lock{mutex_};
        problems_.push_back(why.text());
    }
    int unverified_connections() const { return unverified_; }
    std::vector<std::string> problems() const {
        const std::lock_guard lock{mutex_};
        return problems_;
    }

  private:
    mutable std::mutex mutex_;
    std::vector<std::string> problems_;
    std::atomic<int> unverified_ = 0;
};

TEST(tls, says_once_that_a_certificate_could_not_be_renewed) {
    auto& s = those();
    const temp_dir folder;
    const auto put = [&](const std::string& from, const std::string& name) {
        std::filesystem::copy_file(from, folder.file(name), std::filesystem::copy_options::overwrite_existing);
    };
    put(s.client.certificate, "c.pem");
    put(s.client.key, "c.key");
    const auto heard = std::make_shared<listens_to_tls>();
    auto c = to(s.strict.port, {.certificate_file = folder.file("c.pem"), .private_key_file = folder.file("c.key")});
    c.watcher = heard;
    client stays{c};
    const auto reconnected = [&] {
        s.strict.server.admin()({"CLIENT", "KILL", "TYPE", "NORMAL"});
        EXPECT_EQ(stays.execute(ping()), "PONG");
    };
    EXPECT_EQ(stays.execute(ping()), "PONG");
    reconnected();
    EXPECT_EQ(heard->problems(), std::vector<std::string>{});
    put(s.stranger.key, "c.key");
    for (int i = 0; i < 3; ++i) reconnected();
    ASSERT_EQ(heard->problems().size(), 1U);
    expect_in("private_key_file", heard->problems()[0]);
    put(s.client.key, "c.key");
    reconnected();
    put(s.stranger.key, "c.key");
    reconnected();
    EXPECT_EQ(heard->problems().size(), 2U);
}

TEST(tls, trusts_an_authority_no_longer_that_was_taken_out_of_the_folder) {
    auto& s = those();
    const temp_dir folder;
    const auto rehash = [&] { EXPECT_EQ(run_program({"openssl", "rehash", folder.path()}).exit_code, 0); };
    std::filesystem::copy_file(s.ca.file(), folder.file("ca.pem"));
    rehash();
    auto c = to(s.one.port, {.ca_directory = folder.path()});
    c.tls.ca_file.clear();
    c.command_timeout = stretched(500ms);
    client stays{c};
    const auto reconnected = [&] {
        s.one.server.admin()({"CLIENT", "KILL", "TYPE", "NORMAL"});
        return stays.try_execute(ping());
    };
    EXPECT_EQ(stays.execute(ping()), "PONG");
    EXPECT_TRUE(reconnected());
    std::filesystem::remove(folder.file("ca.pem"));
    rehash();
    const auto refused = reconnected();
    ASSERT_FALSE(refused);
    expect_in("the server's certificate is refused", refused.error().text());
    std::filesystem::copy_file(s.ca.file(), folder.file("ca.pem"));
    rehash();
    poll_until("it to be trusted again", [&] { return stays.try_execute(ping()).has_value(); });
}

TEST(tls, is_not_silent_where_nobody_has_to_prove_anything) {
    auto& s = those();
    for (const auto verify : {tls_verify::full, tls_verify::chain, tls_verify::none}) {
        const auto heard = std::make_shared<listens_to_tls>();
        auto c = to(s.one.port, {.verify = verify});
        c.watcher = heard;
        client of_one{c};
        EXPECT_EQ(of_one.execute(ping()), "PONG");
        EXPECT_EQ(heard->unverified_connections(), verify == tls_verify::none ? 1 : 0);
    }
}

TEST(tls, refuses_files_that_it_cannot_use_at_once) {
    const auto& s = those();
    const auto why = [](tls_options o) -> std::string {
        try {
            client c{to(1, std::move(o))};
        } catch (const exception& e) {
            return e.code() == errc::invalid_argument ? e.what() : "another error";
        }
        return "none";
    };
    expect_in("no certificates can be read from ca_file \"/no/where\"", why({.ca_file = "/no/where"}));
    expect_in("ca_certificates has no certificate in PEM", why({.ca_certificates = "x"}));
    expect_in("a certificate without a key", why({.certificate_file = s.client.certificate}));
    expect_in("a key without a certificate", why({.private_key_file = s.client.key}));
    expect_in("no certificate can be read from certificate_file",
              why({.certificate_file = s.client.key, .private_key_file = s.client.key}));
    expect_in("no key for the certificate can be read from private_key_file",
              why({.certificate_file = s.client.certificate, .private_key_file = s.stranger.key}));
    expect_in("ciphers \"nothing\": no cipher match", why({.ciphers = "nothing"}));
    expect_in("cipher_suites \"nothing\": no cipher match", why({.cipher_suites = "nothing"}));
    const std::string secret = "-----BEGIN EC PRIVATE KEY-----\nhush\n-----END EC PRIVATE KEY-----\n";
    const auto said = why({.certificate_file = s.client.certificate, .private_key = secret});
    expect_in("private_key is no key in PEM", said);
    EXPECT_EQ(said.find("hush"), std::string::npos) << said;
}

TEST(tls, does_not_hang_where_the_other_side_speaks_plainly_or_says_nothing) {
    auto& s = those();
    expect_in("no TLS connection", refusal(to(s.one.server.port())));
    expect_in("closed by the server", refusal({.seeds = {{"127.0.0.1", s.one.port}}}));
    s.one.server.pause();
    expect_in("the server may not speak TLS", refusal(to(s.one.port)));
    s.one.server.resume();
}

TEST(tls, uses_no_other_ciphers_than_it_is_told) {
    const auto& s = those();
    s.one.server.admin()({"CONFIG", "SET", "tls-protocols", "TLSv1.2"});
    EXPECT_EQ(client{to(s.one.port, {.ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384"})}.execute(ping()), "PONG");
    expect_in("alert handshake failure", refusal(to(s.one.port, {.ciphers = "ECDHE-RSA-AES256-GCM-SHA384"})));
    expect_in("alert protocol version", refusal(to(s.one.port, {.min_version = tls_version::v1_3})));
    s.one.server.admin()({"CONFIG", "SET", "tls-protocols", ""});
    EXPECT_EQ(client{to(s.one.port, {.cipher_suites = "TLS_CHACHA20_POLY1305_SHA256"})}.execute(ping()), "PONG");
}

TEST(tls, reaches_a_cluster_and_follows_it) {
    auto& s = those();
    config c = to(s.ports.front());
    cluster waiting{c};
    const auto keys = key_for_each_slot("tls");
    pipeline batch;
    for (const auto& key : keys) batch.add(set(key, key));
    ASSERT_TRUE(waiting.execute(batch).ok());
    for (std::size_t slot = 0; slot < keys.size(); slot += 1000)
        EXPECT_EQ(waiting.execute(get(keys[slot])), keys[slot]);
    const auto map = waiting.topology();
    ASSERT_TRUE(map);
    for (const auto& shard : map->shards()) {
        EXPECT_NE(std::find(s.ports.begin(), s.ports.end(), shard.primary.address.port), s.ports.end());
    }

    auto& there = other_primary(s.nodes, 866);
    s.nodes.move_slot(866, there);
    EXPECT_EQ(waiting.execute(get(keys[866])), keys[866]);
    s.nodes.failover(0);
    for (std::size_t slot = 0; slot < keys.size(); slot += 100) EXPECT_EQ(waiting.execute(get(keys[slot])), keys[slot]);
    async_cluster started{c};
    EXPECT_EQ(started.execute(get(keys[866]), asio::use_future).get(), keys[866]);

    s.nodes.node_serving(8000).kill9();
    EXPECT_EQ(waiting.execute(get(keys[8000])), keys[8000]);
    s.nodes.heal();
}

TEST(tls, reaches_sentinels_and_the_servers_that_they_name) {
    const auto& s = those();
    auto c = to(s.of_all.port);
    c.service = "orders";
    EXPECT_EQ(client{c}.execute(ping()), "PONG");
    const auto url = "valkeys+sentinel://127.0.0.1:" + std::to_string(s.of_all.port) + "/orders?tls_ca=" + s.ca.file();
    EXPECT_EQ(client{url}.execute(ping()), "PONG");
    EXPECT_EQ(sentinel{url}.execute(ping()), "PONG");
}

TEST(tls, can_be_for_the_sentinels_alone_or_for_the_servers_alone) {
    const auto& s = those();
    auto c = to(s.of_itself.port);
    c.service = "orders";
    c.sentinel_tls = std::exchange(c.tls, {});
    EXPECT_EQ(client{c}.execute(ping()), "PONG");
    const auto url = "valkeys+sentinel://127.0.0.1:" + std::to_string(s.of_all.server.port()) +
                     "/orders?sentinel_tls=no&tls_ca=" + s.ca.file();
    EXPECT_EQ(client{url}.execute(ping()), "PONG");
}

}  // namespace valkeyxx::testing
