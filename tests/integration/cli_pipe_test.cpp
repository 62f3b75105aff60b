// valkeyxx pipe: how it reads commands, and what becomes of them.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "integration/cli_program.hpp"
#include "support/cluster.hpp"
#include "support/poll.hpp"
#include "support/process.hpp"
#include "support/socket.hpp"
#include "support/temp_dir.hpp"
#include "support/world.hpp"

#include <valkeyxx/valkeyxx.hpp>

#include "valkeyxx_cli/command_reader.hpp"

// With a sanitizer most memory is its own.
#if defined(__SANITIZE_ADDRESS__)
#    define VALKEYXX_SANITIZED
#elif defined(__has_feature)
#    if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#        define VALKEYXX_SANITIZED
#    endif
#endif

namespace valkeyxx::testing {

namespace {

#ifdef VALKEYXX_SANITIZED
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

using namespace std::chrono_literals;
using namespace std::string_literals;
using cli::command_reader;
using status = command_reader::status;

using command_words = std::vector<std::string>;

// Everything a reader finds, with its input in pieces of these sizes (the last one again and again).
struct readings {
    std::vector<command_words> commands{};
    std::vector<std::uint64_t> begins{};
    std::vector<std::uint64_t> lines{};
    std::string flaw{};  // "line 1, byte 3: ..."
    std::uint64_t end = 0;

    bool operator==(const readings&) const = default;
};

// Puts in what fits, at most `most` bytes, and takes it away from `input`.
void feed(command_reader& reader, std::string_view& input, std::size_t most) {
    const auto room = reader.room();
    const auto count = std::min({most, room.size(), input.size()});
    std::copy_n(input.data(), count, room.data());
    reader.add(count);
    input.remove_prefix(count);
}

readings read(std::string_view input, std::size_t first, std::size_t others, command_reader::limits limits = {}) {
    command_reader reader{limits};
    readings all;
    std::size_t most = first;
    for (;;) {
        const auto found = reader.next();
        if (found == status::command) {
            all.commands.emplace_back(reader.words().begin(), reader.words().end());
            all.begins.push_back(reader.begin().byte);
            all.lines.push_back(reader.begin().line);
        } else if (found == status::more) {
            if (input.empty()) {
                reader.end_input();
            } else {
                feed(reader, input, std::exchange(most, others));
            }
        } else {
            const auto& flaw = reader.flaw();
            if (found == status::malformed) {
                all.flaw = "line " + std::to_string(flaw.at.line) + ", byte " + std::to_string(flaw.at.byte) + ": " +
                           flaw.what;
                EXPECT_EQ(reader.next(), status::malformed) << "it lasts";
            }
            all.end = reader.end().byte;
            return all;
        }
    }
}

readings read(std::string_view input, command_reader::limits limits = {}) {
    return read(input, input.size(), input.size(), limits);
}

std::string flaw_of(std::string_view input, command_reader::limits limits = {}) {
    const auto whole = read(input, limits);
    EXPECT_EQ(read(input, 1, 1, limits).flaw, whole.flaw) << input;
    return whole.flaw;
}

std::string resp(const command_words& words) {
    std::string text = "*" + std::to_string(words.size()) + "\r\n";
    for (const auto& word : words) text += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
    return text;
}

std::size_t kib_of(pid_t pid, const std::string& field) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with(field + ":")) return std::stoul(line.substr(field.size() + 1));
    }
    throw std::runtime_error("no " + field);
}

}  // namespace

TEST(command_reader, reads_lines_as_valkey_cli_does) {
    const auto found =
        read("SET a b\n\n  \t \r\nset  'it\\'s \\n' \"\\x41\\xfF\\n\\\\\\\"\\q\\x4\"\r\nfoo\"bar\" x'y'\nGET \"\"");
    EXPECT_EQ(found.commands,
              (std::vector<command_words>{
                  {"SET", "a", "b"}, {"set", "it's \\n", "A\xff\n\\\"qx4"}, {"foobar", "xy"}, {"GET", ""}}));
    EXPECT_EQ(found.begins, (std::vector<std::uint64_t>{0, 15, 54, 68}));
    EXPECT_EQ(found.lines, (std::vector<std::uint64_t>{1, 4, 5, 6}));
    EXPECT_EQ(found.flaw, "");
    EXPECT_EQ(read("GET \0x\x80\n"s).commands, (std::vector<command_words>{{"GET", "\0x\x80"s}}));
    EXPECT_EQ(read("").commands.size(), 0U);
    EXPECT_EQ(read("\r\n\n").end, 3U);
}

TEST(command_reader, reads_arrays_with_any_bytes) {
    const command_words odd{"SET", "", "\r\n*1\r\n$4\r\nPING\r\n\0\xff"s};
    const auto found = read(resp(odd) + "\r\n" + resp({"PING"}) + "GET a\n" + resp({"GET", "b"}));
    EXPECT_EQ(found.commands, (std::vector<command_words>{odd, {"PING"}, {"GET", "a"}, {"GET", "b"}}));
    EXPECT_EQ(found.lines, (std::vector<std::uint64_t>{1, 13, 16, 17}));
}

TEST(command_reader, does_not_care_where_its_input_is_cut) {
    const std::string input = resp({"SET", "k", std::string(300, 'x') + "\r\n"}) + "SET \"a b\" 'c'\r\n\n" +
                              resp({"GET", "\0\n"s}) + "GET \\x\nPING";
    const auto whole = read(input);
    EXPECT_EQ(whole.commands.size(), 5U);
    EXPECT_EQ(whole.end, input.size());
    for (std::size_t at = 1; at < input.size(); ++at) EXPECT_EQ(read(input, at, input.size()), whole) << at;
    for (const std::size_t piece : {1U, 2U, 3U, 7U}) EXPECT_EQ(read(input, piece, piece), whole) << piece;
}

// Only a line, which its end completes, can lack its end.
TEST(command_reader, notices_an_array_without_its_end) {
    const std::string before = "PING\n";
    const std::string array = resp({"SET", "k", "value"});
    for (std::size_t size = 1; size < array.size(); ++size) {
        const auto found = read(before + array.substr(0, size));
        EXPECT_EQ(found.flaw, "line 2, byte 5: the input ends within this command") << size;
        EXPECT_EQ(found.commands.size(), 1U);
        EXPECT_EQ(found.end, 5U) << "what was not given is not done with";
    }
}

TEST(command_reader, says_what_is_wrong_and_where) {
    EXPECT_EQ(flaw_of("PING\nSET \"a b\n"), "line 2, byte 9: the quote that opens here is not closed");
    EXPECT_EQ(flaw_of("SET 'a\\'"), "line 1, byte 4: the quote that opens here is not closed");
    EXPECT_EQ(flaw_of("SET \"a\"b\n"), "line 1, byte 7: behind the closing quote is 'b', not a space");
    EXPECT_EQ(flaw_of("*0\r\n"), "line 1, byte 0: this command has no words");
    EXPECT_EQ(flaw_of("*-1\r\n"), "line 1, byte 0: behind '*' must be a number and CR LF");
    EXPECT_EQ(flaw_of("*\r\n"), "line 1, byte 0: behind '*' must be a number and CR LF");
    EXPECT_EQ(flaw_of("*1x\r\n"), "line 1, byte 0: behind '*' must be a number and CR LF");
    EXPECT_EQ(flaw_of("*1\n$4\nPING\n"), "line 1, byte 0: behind '*' must be a number and CR LF");
    EXPECT_EQ(flaw_of("*" + std::string(100, '0')), "line 1, byte 0: behind '*' must be a number and CR LF");
    EXPECT_EQ(flaw_of("*1\r\n+PING\r\n"), "line 2, byte 4: here is '+', not '$'");
    EXPECT_EQ(flaw_of("*1\r\n$-1\r\n"), "line 2, byte 4: behind '$' must be a number and CR LF");
    EXPECT_EQ(flaw_of("*1\r\n$3\r\nPING\r\n"), "line 3, byte 11: CR LF is missing behind a word of 3 bytes");
    EXPECT_EQ(flaw_of("*2\r\n$3\r\nGET\r\n\xff"), "line 4, byte 13: here is byte 0xff, not '$'");
}

TEST(command_reader, refuses_huge_lengths_without_room_for_them) {
    EXPECT_EQ(flaw_of("*1048577\r\n"), "line 1, byte 0: 1048577 words are more than 1048576");
    EXPECT_EQ(flaw_of("*99999999999999999999\r\n"), "line 1, byte 0: 99999999999999999999 words are more than 1048576");
    EXPECT_EQ(flaw_of("*1\r\n$536870913\r\n"), "line 2, byte 4: 536870913 bytes are more than 536870912");

    // What is allowed is announced and does not come.
    std::string_view input = "*1048576\r\n$536870912\r\nSET";
    command_reader reader;
    feed(reader, input, input.size());
    EXPECT_EQ(reader.next(), status::more);
    EXPECT_LT(reader.room().size(), 1'000'000U);

    const command_reader::limits low{.words = 3, .word_bytes = 10, .command_bytes = 40};
    EXPECT_EQ(read("SET k 0123456789\n" + resp({"SET", "k", "0123456789"}), low).commands.size(), 2U);
    EXPECT_EQ(flaw_of("SET k v NX\n", low), "line 1, byte 8: this line has more than 3 words");
    EXPECT_EQ(flaw_of("SET k 0123456789a\n", low), "line 1, byte 6: this word is longer than 10 bytes");
    EXPECT_EQ(flaw_of("\nSET" + std::string(38, ' ') + "\n", low), "line 2, byte 1: this line is longer than 40 bytes");
    EXPECT_EQ(flaw_of(resp({"0123456789", "0123456789", "0123456789"}), low),
              "line 1, byte 0: this command is longer than 40 bytes");
}

TEST(command_reader, grows_for_a_long_command_and_shrinks_again) {
    const std::string value(5'000'000, 'v');
    const std::string input = resp({"SET", "k", value}) + "SET k " + value + "\nPING\n";
    const auto whole = read(input, 65'536, 65'536);
    ASSERT_EQ(whole.commands.size(), 3U);
    EXPECT_EQ(whole.commands[0], (command_words{"SET", "k", value}));
    EXPECT_EQ(whole.commands[1], whole.commands[0]);
    EXPECT_EQ(whole.commands[2], command_words{"PING"});

    command_reader reader;
    std::string_view left = input;
    std::size_t largest = 0;
    for (auto found = reader.next(); !left.empty() || found == status::command; found = reader.next()) {
        if (found == status::more) feed(reader, left, 65'536);
        largest = std::max(largest, reader.room().size());
    }
    EXPECT_GT(largest, 1'000'000U);
    EXPECT_LT(reader.room().size(), 200'000U);
}

namespace {

struct servers {
    valkey_cluster cluster{{.shards = 3, .replicas = 0}};
    valkey_server single{};
    void wait() {
        single.wait();
        cluster.wait();
    }
};
const auto registered = use_world<servers>();

valkey_cluster& nodes() {
    return world<servers>().cluster;
}

std::int64_t keys() {
    valkeyxx::cluster c{nodes().url()};
    return c.execute(raw<std::int64_t>("DBSIZE"));
}

class cli_pipe : public ::testing::Test {
  protected:
    void SetUp() override { nodes().flush_all(); }

    std::string file_with(const std::string& text) {
        const std::string path = folder_.file("commands");
        std::ofstream{path, std::ios::binary} << text;
        return path;
    }

    program_result pipe(const std::string& input, const arguments& words = {}, const std::string& url = nodes().url()) {
        arguments all{"pipe", "--url", url, file_with(input)};
        all.insert(all.end(), words.begin(), words.end());
        return testing::cli(all);
    }

    temp_dir folder_;
};

// A run whose input comes by a named pipe, as this program writes it.
class slow_run {
  public:
    explicit slow_run(const temp_dir& folder, const arguments& words = {}) : output_{folder.file("output")} {
        const std::string path = folder.file("fifo");
        if (::mkfifo(path.c_str(), 0600) != 0) throw std::system_error(errno, std::generic_category(), "mkfifo");
        arguments all{VALKEYXX_CLI, "pipe", "--url", nodes().url(), path};
        all.insert(all.end(), words.begin(), words.end());
        program_.start({all, output_, folder.path()});
        // Without the program at the other end this fails, and does not wait.
        poll_until("the program to open its input", [&] {
            input_ = unique_fd{::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC)};
            return static_cast<bool>(input_);
        });
        ::fcntl(input_.get(), F_SETFL, 0);
    }

    void write(std::string_view text) {
        while (!text.empty()) {
            const auto count = ::write(input_.get(), text.data(), text.size());
            if (count < 0) throw std::system_error(errno, std::generic_category(), "write");
            text.remove_prefix(static_cast<std::size_t>(count));
        }
    }
    void end_input() { input_.reset(); }
    int unread() const {
        int bytes = -1;
        if (::ioctl(input_.get(), FIONREAD, &bytes) != 0)
            throw std::system_error(errno, std::generic_category(), "ioctl");
        return bytes;
    }
    pid_t pid() { return program_.pid(); }
    /// How it ended, and all it said.
    std::string end() {
        poll_until(
            "its end", [&] { return !program_.running(); }, 30s);
        std::ifstream file(output_);
        return program_.end_text() + "\n" + std::string{std::istreambuf_iterator<char>{file}, {}};
    }

  private:
    std::string output_;
    process program_{};
    unique_fd input_{};
};

}  // namespace

TEST_F(cli_pipe, runs_lines_and_arrays) {
    const std::string value = "a\r\nb\0\xff"s;
    EXPECT_EQ(pipe("SET one 1\n" + resp({"SET", "two", value}) + "\nINCRBY one 41\nSET three \"\\x00 '\"\n"),
              success("4 commands, 0 errors (0 may have run)\n"));
    valkeyxx::cluster c{nodes().url()};
    EXPECT_EQ(c.execute(commands::get("one")), "42");
    EXPECT_EQ(c.execute(commands::get("two")), value);
    EXPECT_EQ(c.execute(commands::get("three")), "\0 '"s);
    EXPECT_EQ(pipe(""), success("0 commands, 0 errors (0 may have run)\n"));
}

TEST_F(cli_pipe, reads_stdin) {
    const std::string command = "printf 'SET a 1\\nSET b 2\\n' | " VALKEYXX_CLI " pipe --url " + nodes().url();
    const auto expected = success("2 commands, 0 errors (0 may have run)\n");
    EXPECT_EQ(run_program({"/bin/sh", "-c", command}), expected);
    EXPECT_EQ(run_program({"/bin/sh", "-c", command + " -"}), expected);
    EXPECT_EQ(keys(), 2);
    const auto closed = run_program({"/bin/sh", "-c", VALKEYXX_CLI " pipe --url " + nodes().url() + " <&-"});
    EXPECT_EQ(closed, failure("cannot read stdin: Bad file descriptor"));
}

TEST_F(cli_pipe, runs_on_one_server_and_in_one_of_its_databases) {
    valkey_server& server = world<servers>().single;
    EXPECT_EQ(pipe("SET a 1\n", {}, url_of(server.port())).exit_code, 0);
    EXPECT_EQ(pipe("SET a 3\n", {}, url_of(server.port()) + "/3").exit_code, 0);
    EXPECT_EQ(server.admin()({"GET", "a"}), "1");
    auto admin = server.admin();
    admin({"SELECT", "3"});
    EXPECT_EQ(admin({"GET", "a"}), "3");
}

TEST_F(cli_pipe, keeps_the_order_of_each_key) {
    std::string input;
    for (int i = 0; i < 3000; ++i) input += "APPEND {t}key" + std::to_string(i % 3) + " " + std::to_string(i) + ",\n";
    EXPECT_EQ(pipe(input, {"--chunk", "7"}).exit_code, 0);
    std::string expected;
    for (int i = 1; i < 3000; i += 3) expected += std::to_string(i) + ",";
    valkeyxx::cluster c{nodes().url()};
    EXPECT_EQ(c.execute(commands::get("{t}key1")), expected);
}

TEST_F(cli_pipe, counts_errors_by_kind_and_tells_the_first_ten) {
    std::string input = "SADD s m\n\n";
    for (int i = 0; i < 15; ++i) input += "INCR s\n";
    input += "MSET a 1 b 2\nSELECT 1\nSET after 1\n";
    const auto found = pipe(input, {"--json"});
    EXPECT_EQ(found.exit_code, 1);
    const auto report = parsed(found.out);
    EXPECT_EQ(report["commands"], 19);
    EXPECT_EQ(report["bytes"], input.size());
    EXPECT_EQ(report["errors"]["total"], 17);
    EXPECT_EQ(report["errors"]["may_have_run"], 0);
    EXPECT_EQ(report["errors"]["by_kind"].dump(),
              R"({"cross_slot":1,"invalid_argument":1,"server_error:WRONGTYPE":15})");
    EXPECT_GT(report["seconds"], 0.0);
    EXPECT_GT(report["per_second"], 0.0);
    EXPECT_EQ(std::count(found.err.begin(), found.err.end(), '\n'), 11) << found.err;
    EXPECT_EQ(found.err.find("valkeyxx: command 2 (line 3, byte 10): INCR at 127.0.0.1:"), 0U) << found.err;
    EXPECT_TRUE(found.err.ends_with("valkeyxx: 7 more errors\n")) << found.err;
    EXPECT_EQ(keys(), 2);
}

TEST_F(cli_pipe, counts_apart_what_may_have_run) {
    valkey_server& silent = nodes().node_serving(key_slot("counter"));
    slow_run run{folder_, {"--deadline", "400ms"}};
    run.write("INCR counter\n");
    poll_until("a connection", [] { return keys() == 1; });
    silent.pause();
    run.write("INCR counter\nINCR counter\n");
    run.end_input();
    const auto said = run.end();
    nodes().heal();
    EXPECT_EQ(said.find("exit code 1\nvalkeyxx: command 2 (line 2, byte 13): INCR at 127.0.0.1:"), 0U) << said;
    EXPECT_TRUE(said.ends_with("\n3 commands, 2 errors (2 may have run)\n")) << said;
}

TEST_F(cli_pipe, ends_at_a_malformed_command_after_those_before_it) {
    const auto found = pipe("SET a 1\nSET b 2\n*1\r\n$x\r\nSET c 3\n");
    EXPECT_EQ(found.exit_code, 1);
    EXPECT_EQ(found.out, "2 commands, 0 errors (0 may have run)\n");
    EXPECT_EQ(found.err, "valkeyxx: " + folder_.file("commands") +
                             ": line 4, byte 20: behind '$' must be a number and CR LF\n"
                             "valkeyxx: the first 16 bytes were sent, and nothing behind them\n");
    EXPECT_EQ(keys(), 2);
}

TEST_F(cli_pipe, refuses_what_cannot_be) {
    expect_failure(testing::cli({"pipe", "--url", nodes().url(), "/nowhere"}), "cannot open /nowhere",
                   "No such file or directory");
    expect_failure(pipe("", {"--chunk", "0"}), "--chunk", "(see valkeyxx pipe --help)");
    expect_failure(testing::cli({"pipe"}), "which cluster?", "(see valkeyxx pipe --help)");
    const auto folder = testing::cli({"pipe", "--url", nodes().url(), "/"});
    EXPECT_EQ(folder.exit_code, 1);
    EXPECT_EQ(folder.out, "0 commands, 0 errors (0 may have run)\n");
    EXPECT_EQ(folder.err.find("valkeyxx: cannot read /: Is a directory\n"), 0U) << folder.err;
}

TEST_F(cli_pipe, shows_how_far_it_is_and_leaves_nothing_of_it) {
    std::string input;
    for (int i = 0; i < 20'000; ++i) input += "SET key" + std::to_string(i) + " v\n";
    const auto found = pipe(input, {"--progress"});
    EXPECT_EQ(found.out, "20000 commands, 0 errors (0 may have run)\n");
    EXPECT_NE(found.err.find(" commands, "), std::string::npos) << found.err;
    EXPECT_NE(found.err.find(" %"), std::string::npos) << found.err;
    EXPECT_TRUE(found.err.ends_with("\r\x1b[K")) << found.err;
    EXPECT_EQ(pipe(input).err, "") << "stderr is no terminal";
}

// While it waits for input nothing is left under way, and what came is at the servers.
TEST_F(cli_pipe, loads_100_000_commands_in_bounded_memory) {
    slow_run run{folder_};
    constexpr int count = 100'000;
    const std::string value(500, 'v');
    std::string input;
    for (int i = 0; i < count; ++i) {
        const std::string key = "key" + std::to_string(i);
        input += i % 2 == 0 ? resp({"SET", key, value}) : "SET " + key + " " + value + "\n";
    }
    run.write(input);
    poll_until("all keys", [] { return keys() == count; });
    const auto most = kib_of(run.pid(), "VmHWM");
    EXPECT_LT(most, sanitized ? 1'000'000U : 24'000U) << "KiB, of an input of " << input.size() << " bytes";
    run.write("GET key1");
    run.end_input();
    EXPECT_EQ(run.end(), "exit code 0\n100001 commands, 0 errors (0 may have run)\n");
}

TEST_F(cli_pipe, says_how_far_it_came_when_it_is_interrupted) {
    slow_run run{folder_};
    run.write("SET a 1\nSET b 2\nSET c");  // 16 bytes, and a command that is not complete
    poll_until("both keys", [] { return keys() == 2; });
    ::kill(run.pid(), SIGINT);
    EXPECT_EQ(run.end(),
              "exit code 1\nvalkeyxx: interrupted; the first 16 bytes were sent, and nothing behind them\n"
              "2 commands, 0 errors (0 may have run)\n");
}

// A server that is silent for a while: what is under way is waited for, and nothing else is sent.
TEST_F(cli_pipe, tells_what_was_under_way_when_it_is_interrupted) {
    valkey_server& silent = nodes().node_serving(key_slot("counter"));
    slow_run run{folder_, {"--chunk", "10"}};
    std::string input;
    for (int i = 0; i < 5000; ++i) input += "INCR counter\n";
    run.write("INCR counter\n");
    poll_until("the first one", [&] { return keys() == 1; });
    silent.pause();
    run.write(input);
    poll_until("all to be read, so that some is under way", [&] { return run.unread() == 0; });
    ::kill(run.pid(), SIGINT);
    silent.resume();
    const auto said = run.end();
    valkeyxx::cluster c{nodes().url()};
    const auto counted = std::stoul(c.execute(commands::get("counter")).value());
    EXPECT_EQ(said, "exit code 1\nvalkeyxx: interrupted; the first " + std::to_string(counted * 13) +
                        " bytes were sent, and nothing behind them\n" + std::to_string(counted) +
                        " commands, 0 errors (0 may have run)\n");
    EXPECT_LT(counted, 5001U);
    nodes().heal();
}

}  // namespace valkeyxx::testing
