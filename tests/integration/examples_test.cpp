// The examples do what they say: each is run against a real cluster, twice, since nobody cleans up between runs.
#include <gtest/gtest.h>

#include <string>

#include "support/cluster.hpp"
#include "support/program.hpp"
#include "support/sentinel_set.hpp"
#include "support/world.hpp"

namespace valkeyxx::testing {

namespace {

struct servers {
    valkey_cluster cluster{{.shards = 3, .replicas = 0}};
    sentinel_set watched{{.sentinels = 1, .replicas = 1}};
    void wait() {
        watched.wait();
        cluster.wait();
    }
};
[[maybe_unused]] const auto registered = use_world<servers>();

program_result run(const std::string& example, const arguments& words) {
    arguments line{std::string{VALKEYXX_EXAMPLES "/"} + example};
    line.insert(line.end(), words.begin(), words.end());
    return run_program(line);
}

void expect_output(const std::string& example, const std::string& out,
                   const std::string& url = world<servers>().cluster.url()) {
    const program_result expected{.exit_code = 0, .out = out, .err = ""};
    for (int i = 0; i < 2; ++i) EXPECT_EQ(run(example, {url}), expected) << example;
}

TEST(examples, sync) {
    expect_output("01_sync",
                  "ada, born 1815\n"
                  "tag poet\n"
                  "tag programmer\n");
}

TEST(examples, async_callback) {
    expect_output("02_async_callback", "100 of 100 values written and read back\n");
}

TEST(examples, coroutine) {
    expect_output("03_coroutine",
                  "hello, grace\n"
                  "not counted: ERR value is not an integer or out of range\n"
                  "there is no job\n");
}

TEST(examples, credentials) {
    expect_output("10_credentials", "app was interrupted 0 times\n");
}

TEST(examples, pipeline) {
    expect_output("04_pipeline",
                  "1000 keys written\n"
                  "hits 1, square 144\n"
                  "refused: WRONGTYPE\n");
}

TEST(examples, pubsub) {
    expect_output("09_pubsub",
                  "news: all is well\n"
                  "orders:us: two hats\n"
                  "weather:north: rain (by weather:*)\n");
}

TEST(examples, observability) {
    expect_output("11_observability",
                  "ada is no number\n"
                  "101 commands, 1 failed\n"
                  "nothing is left to do\n");
}

TEST(examples, cache) {
    expect_output("12_cache",
                  "999 of 1000 came from memory\n"
                  "and the news of a change came\n");
}

TEST(examples, errors) {
    expect_output("05_errors",
                  "ERR from the server: ERR value is not an integer or out of range\n"
                  "the server answered with an error: the server has answered, repeating it does not help\n"
                  "the keys of one command hash to more than one slot: it did not run, repeating it is safe\n"
                  "timed out: it may have run, look before you repeat it\n");
}

TEST(examples, scan) {
    expect_output("06_scan",
                  "1000 keys\n"
                  "1000 keys in parts\n"
                  "one = 1\n"
                  "two = 2\n");
}

TEST(examples, sentinel) {
    expect_output("07_sentinel",
                  "the primary has hopper\n"
                  "mymaster has 1 replica(s), quorum 1\n"
                  "and the client is where the sentinels say\n"
                  "the order is open\n",
                  world<servers>().watched.url());
}

TEST(examples, together) {
    expect_output("08_together",
                  "100 arrived\n"
                  "bought 1\n"
                  "bought 0\n"
                  "it was 3, and is 7\n"
                  "locked, for others: yes\n"
                  "10000 commands, 0 failed\n");
}

TEST(examples, commands) {
    expect_output("commands",
                  "session of ada, kept\n"
                  "Welcome by ?: visit 42\n"
                  "a string for a while\n"
                  "1 found, 1 removed\n"
                  "Notes, price unknown\n"
                  "title = Notes\n"
                  "year = 1843\n"
                  "sold = 7\n"
                  "next: wash\n"
                  "next: cook\n"
                  "done: wash\n"
                  "done: cook\n"
                  "done: eat\n"
                  "grace is in both\n"
                  "2 in the first, ada among them: true\n"
                  "ada has 13.5\n"
                  "grace has 9.5\n"
                  "2 have less than 10\n"
                  "what: login\n"
                  "who: ada\n"
                  "0 pending\n"
                  "about 166 km apart\n"
                  "Catania in 56 km\n"
                  "Palermo in 190 km\n"
                  "3 were here, the first was user 3\n"
                  "no more than 255\n"
                  "2 on Monday, 3 on both days\n"
                  "2 left\n"
                  "not enough\n"
                  "0 at that node have heard it\n"
                  "news has 0 subscribers\n"
                  "weather has 0 subscribers\n"
                  "PONG hello\n"
                  "user default, protocol 3\n"
                  "slowlog-max-len is 128\n"
                  "there are keys\n"
                  "a primary with 0 replicas\n"
                  "a primary with 0 replicas\n"
                  "a primary with 0 replicas\n"
                  "GET: allowed\n"
                  "DEL: User reader has no permissions to run the 'del' command\n"
                  "16384 slots are served\n"
                  "slot 15629 has keys\n");
}

TEST(examples, say_what_is_wrong) {
    for (const std::string example :
         {"01_sync", "02_async_callback", "03_coroutine", "04_pipeline", "05_errors", "07_sentinel", "commands"}) {
        EXPECT_EQ(run(example, {}), (program_result{.exit_code = 2, .out = "", .err = "usage: " + example + " URL\n"}));
        EXPECT_EQ(
            run(example, {"nonsense"}),
            (program_result{
                .exit_code = 1, .out = "", .err = "a URL looks like valkey://host:port; this one has no scheme\n"}));
    }
}

}  // namespace

}  // namespace valkeyxx::testing
