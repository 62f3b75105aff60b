// The URL form of a configuration: what each part means, and the text of every refusal.
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include <valkeyxx/config.hpp>

namespace valkeyxx {
namespace {

using namespace std::chrono_literals;
using seeds = std::vector<endpoint>;

config good(std::string_view url) {
    auto c = parse_url(url);
    EXPECT_TRUE(c) << url << ": " << (c ? "" : c.error().message());
    return c ? *std::move(c) : config{};
}

std::string refusal(std::string_view url) {
    const auto c = parse_url(url);
    if (c) return "none";
    EXPECT_TRUE(c.error() == errc::invalid_url) << url;
    return c.error().text();
}

TEST(url, without_options_leaves_every_default) {
    const config c = good("valkey://10.0.0.1:7000");
    const config defaults;
    EXPECT_EQ(c.seeds, (seeds{{"10.0.0.1", 7000}}));
    EXPECT_EQ(c.username, "");
    EXPECT_EQ(c.password, "");
    EXPECT_EQ(c.client_name, "");
    EXPECT_EQ(c.protocol, defaults.protocol);
    EXPECT_EQ(c.connect_timeout, defaults.connect_timeout);
    EXPECT_EQ(c.command_timeout, defaults.command_timeout);
    EXPECT_EQ(c.max_redirects, defaults.max_redirects);
    EXPECT_EQ(c.repeat, defaults.repeat);
    EXPECT_EQ(c.refresh_interval, defaults.refresh_interval);
    EXPECT_EQ(c.max_in_flight, defaults.max_in_flight);
    EXPECT_EQ(c.watcher, nullptr);
}

TEST(url, hosts_are_names_addresses_and_many) {
    EXPECT_EQ(good("valkey://node.example").seeds, (seeds{{"node.example", 6379}}));
    EXPECT_EQ(good("redis://h:1").seeds, (seeds{{"h", 1}}));
    EXPECT_EQ(good("valkey://h:65535/").seeds, (seeds{{"h", 65535}}));
    EXPECT_EQ(good("valkey://[::1]:7000").seeds, (seeds{{"::1", 7000}}));
    EXPECT_EQ(good("valkey://[2001:db8::7]").seeds, (seeds{{"2001:db8::7", 6379}}));
    EXPECT_EQ(good("valkey://a:1,b,10.0.0.1:3,[::1]:4/?protocol=2").seeds,
              (seeds{{"a", 1}, {"b", 6379}, {"10.0.0.1", 3}, {"::1", 4}}));
    EXPECT_EQ(good("valkey://h:1/0").seeds, (seeds{{"h", 1}}));
}

TEST(url, user_and_password) {
    EXPECT_EQ(good("valkey://ada:secret@h").username, "ada");
    EXPECT_EQ(good("valkey://ada:secret@h").password, "secret");
    EXPECT_EQ(good("valkey://:secret@h").username, "");
    EXPECT_EQ(good("valkey://:secret@a:1,b:2").password, "secret");
    EXPECT_EQ(good("valkey://:secret@a:1,b:2").seeds, (seeds{{"a", 1}, {"b", 2}}));
    EXPECT_EQ(good("valkey://a:b:c@h").password, "b:c");
}

TEST(url, parts_may_be_percent_encoded) {
    const config c = good("valkey://a%40b:%2F%3F%23%40%3A%2C%25%00+@h?client_name=my%20app%26co");
    EXPECT_EQ(c.username, "a@b");
    EXPECT_EQ(c.password, std::string("/?#@:,%\0+", 9));
    EXPECT_EQ(c.client_name, "my app&co");
    EXPECT_EQ(good("valkey://h?client%5Fname=x").client_name, "x");
    EXPECT_EQ(good("valkey+sentinel://h/s?sentinel_password=a+b%2Bc").sentinel_password, "a+b+c");
}

TEST(url, every_option_sets_its_field) {
    const config c = good(
        "valkey://h?client_name=app&command_timeout=2s&connect_timeout=250ms&max_in_flight=7&max_redirects=3&protocol=2"
        "&refresh_interval=1m&repeat=at_least_once&tcp_keepalive=1m&tcp_user_timeout=0ms&no_evict=yes&no_touch=yes");
    EXPECT_EQ(c.client_name, "app");
    EXPECT_EQ(c.tcp_keepalive, 1min);
    EXPECT_EQ(c.tcp_user_timeout, 0ms);
    EXPECT_TRUE(c.no_evict);
    EXPECT_TRUE(c.no_touch);
    EXPECT_EQ(c.command_timeout, 2s);
    EXPECT_EQ(c.connect_timeout, 250ms);
    EXPECT_EQ(c.max_in_flight, 7U);
    EXPECT_EQ(c.max_redirects, 3);
    EXPECT_EQ(c.protocol, 2);
    EXPECT_EQ(c.refresh_interval, 1min);
    EXPECT_EQ(c.repeat, repeat_policy::at_least_once);
    EXPECT_EQ(good("valkey://h?repeat=at_most_once").repeat, repeat_policy::at_most_once);
    EXPECT_EQ(good("valkey://h?protocol=3").protocol, 3);
}

// All that a URL can say, field by field: a configuration as text, to be compared.
std::map<std::string, std::string> fields_of(const config& c) {
    const auto text = [](const auto& value) {
        using type = std::remove_cvref_t<decltype(value)>;
        if constexpr (std::is_same_v<type, std::string>) {
            return value;
        } else if constexpr (std::is_enum_v<type>) {
            return std::to_string(static_cast<int>(value));
        } else if constexpr (std::is_same_v<type, std::chrono::milliseconds>) {
            return std::to_string(value.count()) + " ms";
        } else {
            return std::to_string(value);
        }
    };
    return {{"availability_zone", text(c.availability_zone)},
            {"cache", text(c.cache.enabled)},
            {"cache_longest_ttl", text(c.cache.longest_ttl)},
            {"cache_max_bytes", text(c.cache.max_bytes)},
            {"cache_max_entry_bytes", text(c.cache.max_entry_bytes)},
            {"cache_max_silence", text(c.cache.max_silence)},
            {"client_name", text(c.client_name)},
            {"command_timeout", text(c.command_timeout)},
            {"connect_timeout", text(c.connect_timeout)},
            {"dynamic_seeds", text(c.dynamic_seeds)},
            {"limit_blocking", text(c.limit_blocking)},
            {"max_bytes_in_flight", text(c.max_bytes_in_flight)},
            {"max_bytes_in_flight_per_shard", text(c.max_bytes_in_flight_per_shard)},
            {"max_exclusive_connections", text(c.max_exclusive_connections)},
            {"max_in_flight", text(c.max_in_flight)},
            {"max_in_flight_per_shard", text(c.max_in_flight_per_shard)},
            {"max_redirects", text(c.max_redirects)},
            {"max_retries", text(c.max_retries)},
            {"min_other_sentinels", text(c.min_other_sentinels)},
            {"no_evict", text(c.no_evict)},
            {"no_touch", text(c.no_touch)},
            {"ping_interval", text(c.ping_interval)},
            {"protocol", text(c.protocol)},
            {"pushes", text(c.pushes)},
            {"read_from", text(c.reads)},
            {"refresh_every", text(c.refresh_every)},
            {"refresh_interval", text(c.refresh_interval)},
            {"remap_seeds", text(c.remap_seeds)},
            {"repeat", text(c.repeat)},
            {"require_full_coverage", text(c.require_full_coverage)},
            {"sentinel_events", text(c.sentinel_events)},
            {"sentinel_password", text(c.sentinel_password)},
            {"sentinel_tls", c.sentinel_tls ? text(c.sentinel_tls->enabled) : std::string{"as the servers'"}},
            {"sentinel_username", text(c.sentinel_username)},
            {"subscription_timeout", text(c.subscription_timeout)},
            {"suspect_after", text(c.suspect_after)},
            {"tcp_keepalive", text(c.tcp_keepalive)},
            {"tcp_user_timeout", text(c.tcp_user_timeout)},
            {"tls_ca", text(c.tls.ca_file)},
            {"tls_ca_directory", text(c.tls.ca_directory)},
            {"tls_certificate", text(c.tls.certificate_file)},
            {"tls_cipher_suites", text(c.tls.cipher_suites)},
            {"tls_ciphers", text(c.tls.ciphers)},
            {"tls_key", text(c.tls.private_key_file)},
            {"tls_key_password", text(c.tls.private_key_password)},
            {"tls_min_version", text(c.tls.min_version)},
            {"tls_server_name", text(c.tls.server_name)},
            {"tls_verify", text(c.tls.verify)},
            {"when_full", text(c.when_full)}};
}

struct other_value {
    const char* option;
    const char* in_the_url;
    std::string in_the_field;
};

const std::vector<other_value> other_values{
    {"availability_zone", "eu-1", "eu-1"},
    {"cache", "yes", "1"},
    {"cache_longest_ttl", "7s", "7000 ms"},
    {"cache_max_bytes", "4294967296", "4294967296"},
    {"cache_max_entry_bytes", "77", "77"},
    {"cache_max_silence", "70ms", "70 ms"},
    {"client_name", "app", "app"},
    {"command_timeout", "2s", "2000 ms"},
    {"connect_timeout", "250ms", "250 ms"},
    {"dynamic_seeds", "no", "0"},
    {"limit_blocking", "yes", "1"},
    {"max_bytes_in_flight", "4294967296", "4294967296"},
    {"max_bytes_in_flight_per_shard", "5294967296", "5294967296"},
    {"max_exclusive_connections", "5", "5"},
    {"max_in_flight", "7", "7"},
    {"max_in_flight_per_shard", "6", "6"},
    {"max_redirects", "3", "3"},
    {"max_retries", "4", "4"},
    {"min_other_sentinels", "2", "2"},
    {"no_evict", "yes", "1"},
    {"no_touch", "yes", "1"},
    {"ping_interval", "7s", "7000 ms"},
    {"protocol", "2", "2"},
    {"pushes", "shared", "1"},
    {"read_from", "same_zone", "5"},
    {"refresh_every", "1m", "60000 ms"},
    {"refresh_interval", "1s", "1000 ms"},
    {"remap_seeds", "yes", "1"},
    {"repeat", "at_least_once", "1"},
    {"require_full_coverage", "yes", "1"},
    {"sentinel_events", "no", "0"},
    {"sentinel_password", "p%26q", "p&q"},
    {"sentinel_tls", "no", "0"},
    {"sentinel_username", "sam", "sam"},
    {"subscription_timeout", "9s", "9000 ms"},
    {"suspect_after", "900ms", "900 ms"},
    {"tcp_keepalive", "71s", "71000 ms"},
    {"tcp_user_timeout", "72s", "72000 ms"},
    {"tls_ca", "/ca.pem", "/ca.pem"},
    {"tls_ca_directory", "/ca", "/ca"},
    {"tls_certificate", "/own.pem", "/own.pem"},
    {"tls_cipher_suites", "TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384"},
    {"tls_ciphers", "HIGH", "HIGH"},
    {"tls_key", "/key.pem", "/key.pem"},
    {"tls_key_password", "k%26l", "k&l"},
    {"tls_min_version", "1.3", "1"},
    {"tls_server_name", "valkey.example", "valkey.example"},
    {"tls_verify", "none", "2"},
    {"when_full", "wait", "1"},
};

TEST(url, each_option_sets_its_field_and_no_other) {
    for (const auto& [option, value, field] : other_values) {
        // Options of TLS and of sentinels mean something only where there are some.
        const std::string name = option;
        const std::string base = name.starts_with("tls_")        ? "valkeys://h"
                                 : name.starts_with("sentinel_") ? "valkeys+sentinel://h/service"
                                                                 : "valkey://h";
        const auto before = fields_of(good(base));
        auto expected = before;
        ASSERT_TRUE(expected.contains(name)) << name;
        EXPECT_NE(expected[name], field) << name << " has another default";
        expected[name] = field;
        EXPECT_EQ(fields_of(good(base + "?" + name + "=" + value)), expected) << name;
    }
}

// As the documentation lists them.
TEST(url, there_are_no_options_that_are_not_tested) {
    std::set<std::string> tested;
    for (const auto& o : other_values) tested.insert(o.option);
    std::set<std::string> documented;
    std::ifstream page{VALKEYXX_DOCS "/configuration.md"};
    ASSERT_TRUE(page);
    for (std::string line; std::getline(page, line);) {
        if (!line.starts_with("| `")) continue;
        const auto cell = line.find(" | ") + 3;
        const auto text = line.substr(cell, line.find(" | ", cell) - cell);
        // "`option`", "`option=yes\\|no`", "option=yes, and ..."
        const auto from = text.find_first_not_of('`');
        const auto to = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", from);
        const bool by_name =
            from != std::string::npos && to != from && (to == std::string::npos || text[to] == '`' || text[to] == '=');
        if (by_name) documented.insert(text.substr(from, to - from));
    }
    EXPECT_EQ(tested, documented);
}

TEST(url, an_option_is_given_once) {
    EXPECT_EQ(refusal("valkey://h?protocol=2&client_name=a&protocol=3"), "option protocol is given more than once");
}

TEST(url, options_of_the_wrong_shape_are_refused) {
    const auto wrong = [](const std::string& name, const std::string& shape, const std::string& text) {
        EXPECT_EQ(refusal("valkey://h?" + name + "=" + text),
                  "option " + name + " must be " + shape + ", not \"" + text + "\"");
    };
    for (const auto* name : {"command_timeout", "connect_timeout", "refresh_interval"}) {
        for (const auto* text :
             {"", "5", "ms", "5h", "-5s", "5.5s", "5S", "5ss", "99999999999999999999s", "1000000001ms"}) {
            wrong(name, "a duration such as 250ms or 5s", text);
        }
    }
    for (const auto* name : {"max_in_flight", "max_redirects"}) {
        for (const auto* text : {"", "x", "-1", "1x", "1.5", "99999999999999999999", "1000000001"}) {
            wrong(name, "a number", text);
        }
    }
    for (const auto* text : {"", "1", "4", "x", "-2", "23"}) wrong("protocol", "2 or 3", text);
    for (const auto* text : {"", "never", "at_most_once_"}) wrong("repeat", "at_most_once or at_least_once", text);
    wrong("client_name", "a name", "");
    EXPECT_EQ(refusal("valkey://h?protocol"), "option protocol must be 2 or 3, not \"\"");
}

TEST(url, an_unknown_option_is_refused_and_the_nearest_named) {
    const auto unknown = [](const std::string& name, const std::string& nearest) {
        EXPECT_EQ(refusal("valkey://h?" + name + "=1"),
                  "there is no option \"" + name + "\"; did you mean \"" + nearest + "\"?");
    };
    unknown("command_timout", "command_timeout");
    unknown("timeout", "command_timeout");
    unknown("conect_timeout", "connect_timeout");
    unknown("protocl", "protocol");
    unknown("Protocol", "protocol");
    unknown("max_redirect", "max_redirects");
    unknown("inflight", "max_in_flight");
    unknown("name", "client_name");
    unknown("repeat_policy", "repeat");
    EXPECT_EQ(refusal("valkey://h?protocol=2&&").substr(0, 18), "there is no option");
}

TEST(url, of_sentinels_names_a_service_and_perhaps_a_database) {
    const auto c = parse_url(
        "valkey+sentinel://ada:s%20s@s1,s2:26380,[::1]:26381/mymaster/3?sentinel_username=eve&sentinel_password=p%26w"
        "&min_other_sentinels=2&sentinel_events=no");
    ASSERT_TRUE(c) << c.error().message();
    EXPECT_EQ(c->seeds, (std::vector<endpoint>{{"s1", 26379}, {"s2", 26380}, {"::1", 26381}}));
    EXPECT_EQ(c->service, "mymaster");
    EXPECT_EQ(c->database, 3);
    EXPECT_EQ(c->username, "ada");
    EXPECT_EQ(c->password, "s s");
    EXPECT_EQ(c->sentinel_username, "eve");
    EXPECT_EQ(c->sentinel_password, "p&w");
    EXPECT_EQ(c->min_other_sentinels, 2);
    EXPECT_FALSE(c->sentinel_events);
    EXPECT_EQ(parse_url("valkey+sentinel://s1/a%20b")->service, "a b");
    EXPECT_EQ(parse_url("valkey+sentinel://s1/x/")->database, 0);
    EXPECT_NE(refusal("valkey+sentinel://s1").find("the service is missing"), std::string::npos);
    EXPECT_NE(refusal("valkey+sentinel://s1/").find("the service is missing"), std::string::npos);
    EXPECT_NE(refusal("valkey+sentinel://s1/x/y").find("not the number of a database"), std::string::npos);
    EXPECT_NE(refusal("valkey+sentinel://s1/x/1/2").find("not the number of a database"), std::string::npos);
    EXPECT_EQ(parse_url("valkey://h/3")->service, "");
}

TEST(url, tls) {
    EXPECT_FALSE(parse_url("valkey://h")->tls.enabled);
    for (const auto* url : {"valkeys://h", "rediss://h", "valkeys+sentinel://h/orders"}) {
        const auto c = parse_url(url).value();
        EXPECT_TRUE(c.tls.enabled) << url;
        EXPECT_EQ(c.tls.verify, tls_verify::full) << url;
        EXPECT_EQ(c.tls.min_version, tls_version::v1_2) << url;
        EXPECT_FALSE(c.sentinel_tls) << url;
    }
    const auto all = parse_url(
                         "valkeys://h?tls_ca=/ca.pem&tls_ca_directory=/ca&tls_certificate=/c.pem&tls_key=/c.key"
                         "&tls_min_version=1.3&tls_server_name=db.test&tls_verify=chain")
                         .value()
                         .tls;
    EXPECT_EQ(all.ca_file, "/ca.pem");
    EXPECT_EQ(all.ca_directory, "/ca");
    EXPECT_EQ(all.certificate_file, "/c.pem");
    EXPECT_EQ(all.private_key_file, "/c.key");
    EXPECT_EQ(all.min_version, tls_version::v1_3);
    EXPECT_EQ(all.server_name, "db.test");
    EXPECT_EQ(all.verify, tls_verify::chain);
    EXPECT_EQ(parse_url("valkeys://h?tls_verify=none")->tls.verify, tls_verify::none);
    const auto plain_sentinels = parse_url("valkeys+sentinel://h/orders?sentinel_tls=no").value();
    ASSERT_TRUE(plain_sentinels.sentinel_tls);
    EXPECT_FALSE(plain_sentinels.sentinel_tls->enabled);
    EXPECT_EQ(refusal("valkey://h?tls_ca=/ca.pem"), "option tls_ca needs TLS: valkeys:// or valkeys+sentinel://");
    EXPECT_EQ(refusal("valkeys://h?tls_verify=no"), "option tls_verify must be full, chain or none, not \"no\"");
}

TEST(url, schemes) {
    EXPECT_EQ(refusal(""), "a URL looks like valkey://host:port; this one has no scheme");
    EXPECT_EQ(refusal("10.0.0.1:7000"), "a URL looks like valkey://host:port; this one has no scheme");
    EXPECT_EQ(refusal("valkey:10.0.0.1"), "a URL looks like valkey://host:port; this one has no scheme");
    for (const auto* url : {"unix:///run/valkey.sock", "valkey+unix:///run/valkey.sock"}) {
        EXPECT_EQ(refusal(url),
                  "a cluster cannot be reached through a Unix socket: its nodes name each other by host and port");
    }
    EXPECT_EQ(refusal("http://h"),
              "the scheme \"http\" is not known; use valkey:// or valkey+sentinel://, with TLS valkeys:// or "
              "valkeys+sentinel://");
    EXPECT_EQ(refusal("://h").find("the scheme \"\" is not known"), 0U);
}

TEST(url, hosts_that_are_none) {
    const std::string missing = "a host is missing: hosts stand after valkey:// as host:port,host:port";
    for (const auto* url : {"valkey://", "valkey:///0", "valkey://?protocol=2", "valkey://a:1,", "valkey://,a:1",
                            "valkey://a,,b", "valkey://:secret@"}) {
        EXPECT_EQ(refusal(url), missing) << url;
    }
    for (const std::string host :
         {":7000", "a b", "::1:7000", "a:b", "[::1", "a:1:2", "a:1x", "[nonsense]:1", "a%zz"}) {
        EXPECT_EQ(refusal("valkey://" + host), "\"" + host + "\" is not a host with a port");
    }
    for (const std::string host : {"a:0", "a:65536", "a:99999999999", "a:", "[::1]:0"}) {
        EXPECT_EQ(refusal("valkey://" + host), "\"" + host + "\" has no port from 1 to 65535");
    }
}

TEST(url, user_path_and_fragment_that_mean_nothing) {
    const std::string no_password = "there is a user but no password: write user:password@, or :password@";
    for (const auto* url : {"valkey://ada@h", "valkey://ada:@h", "valkey://@h", "valkey://:@h"}) {
        EXPECT_EQ(refusal(url), no_password) << url;
    }
    for (const std::string path : {"/0/", "/x", "/-1", "/1x", "/99999999999"}) {
        EXPECT_EQ(refusal("valkey://h" + path), "the URL's path is not the number of a database: \"" + path + "\"");
    }
    EXPECT_EQ(refusal("valkey://h#x"), "a fragment (#...) means nothing here");
    EXPECT_EQ(refusal("valkey://h/?client_name=a b").substr(0, 52),
              "user, path or options are not those of a URL: leftov");
    EXPECT_EQ(refusal("valkey://a:b%zz@h").substr(0, 45), "user, path or options are not those of a URL:");
}

TEST(url, path_is_the_number_of_a_database) {
    EXPECT_EQ(parse_url("valkey://h").value().database, 0);
    EXPECT_EQ(parse_url("valkey://h/").value().database, 0);
    EXPECT_EQ(parse_url("valkey://h/0").value().database, 0);
    EXPECT_EQ(parse_url("valkey://h:1/15?protocol=2").value().database, 15);
}

TEST(url, no_refusal_shows_a_password) {
    for (const auto* url : {
             "valkey://ada:hush/hush@h:1",
             "valkey://ada:hush?hush@h:1",
             "valkey://ada:hush#hush@h:1",
             "valkey://ada:12/hush@h:1",
             "valkey://ada:12?hush@h:1",
             "valkey://ada:12#hush@h:1",
             "valkey://ada:12?protocol=hush@h",
             "valkey://:hush/@h:1",
             "valkey://ada:hush@hush@h:1",
             "valkey://ada:p@hush/hush@h:1",
             "valkey://ada:p@h?hush@h:1",
             "valkey://ada:p@h/0#hush@h:1",
             "valkey://ada:hush%zz@h:1",
             "valkey://ada:hush@h:0",
             "valkey://ada:hush@h/x",
             "valkey://ada:hush@h?x=1",
             "valkey://ada:hush@h#f",
             "valkeys://ada:hush@h?x=1",
             "http://ada:hush@h",
             "valkey://ada:hush hush@h",
             "valkey://ada:hush@",
         }) {
        const std::string text = refusal(url);
        EXPECT_NE(text, "none") << url;
        EXPECT_EQ(text.find("hush"), std::string::npos) << url << ": " << text;
    }
    EXPECT_EQ(refusal("valkey://ada:hush/hush@h:1"),
              "a host, path or option cannot be understood; if the password holds / ? # or @, percent-encode them "
              "(%2F %3F %23 %40)");
}

TEST(url, an_at_sign_in_an_option_is_no_password) {
    EXPECT_EQ(good("valkey://h?client_name=me@home").client_name, "me@home");
    EXPECT_EQ(good("valkey://:pw@h?client_name=me@home").password, "pw");
}

}  // namespace
}  // namespace valkeyxx
