// The examples do what they say: each is run against a real cluster, twice, since nobody cleans up between runs.
#include <gtest/gtest.h>

#include <string>

#include "support/cluster.hpp"
#include "support/program.hpp"
#include "support/world.hpp"

namespace valkeyxx::testing {

namespace {

struct servers {
    valkey_cluster cluster{{.shards = 3, .replicas = 0}};
    void wait() { cluster.wait(); }
};
[[maybe_unused]] const auto registered = use_world<servers>();

program_result run(const std::string& example, const arguments& words) {
    arguments line{std::string{VALKEYXX_EXAMPLES "/"} + example};
    line.insert(line.end(), words.begin(), words.end());
    return run_program(line);
}

void expect_output(const std::string& example, const std::string& out) {
    const program_result expected{.exit_code = 0, .out = out, .err = ""};
    for (int i = 0; i < 2; ++i) EXPECT_EQ(run(example, {world<servers>().cluster.url()}), expected) << example;
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
                  "not counted: ERR value is not an integer or out of range\n");
}

TEST(examples, pipeline) {
    expect_output("04_pipeline",
                  "1000 keys written\n"
                  "hits 1, square 144\n"
                  "refused: WRONGTYPE\n");
}

TEST(examples, errors) {
    expect_output("05_errors",
                  "ERR from the server: ERR value is not an integer or out of range\n"
                  "the server answered with an error: the server has answered, repeating it does not help\n"
                  "the keys of one command hash to more than one slot: it did not run, repeating it is safe\n"
                  "timed out: it may have run, look before you repeat it\n");
}

TEST(examples, say_what_is_wrong) {
    for (const std::string example : {"01_sync", "02_async_callback", "03_coroutine", "04_pipeline", "05_errors"}) {
        EXPECT_EQ(run(example, {}), (program_result{.exit_code = 2, .out = "", .err = "usage: " + example + " URL\n"}));
        EXPECT_EQ(
            run(example, {"nonsense"}),
            (program_result{
                .exit_code = 1, .out = "", .err = "a URL looks like valkey://host:port; this one has no scheme\n"}));
    }
}

}  // namespace

}  // namespace valkeyxx::testing
