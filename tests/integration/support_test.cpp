// The fixtures themselves: one server, its process, and what is left when a test program ends in any way.
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>
#include <system_error>

#include "support/network.hpp"
#include "support/poll.hpp"
#include "support/process.hpp"
#include "support/server.hpp"
#include "support/temp_dir.hpp"

namespace valkeyxx::testing {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

std::string read_file(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

// A zombie that nobody reaps yet has ended too.
bool is_alive(pid_t pid) {
    const auto stat = read_file("/proc/" + std::to_string(pid) + "/stat");
    const auto state = stat.rfind(") ");
    return state != std::string::npos && stat[state + 2] != 'Z';
}

class environment_value {
  public:
    environment_value(const char* name, const std::string& value) : name_(name) { ::setenv(name, value.c_str(), 1); }
    environment_value(const environment_value&) = delete;
    environment_value& operator=(const environment_value&) = delete;
    ~environment_value() { ::unsetenv(name_); }

  private:
    const char* name_;
};

// This test program once more, running only one of the tests that are disabled below.
class same_program {
  public:
    explicit same_program(const std::string& test) {
        const auto self = fs::read_symlink("/proc/self/exe").string();
        process_.start(
            {{self, "--gtest_also_run_disabled_tests", "--gtest_filter=" + test}, output_file(), folder_.path()});
    }

    testing::process& process() { return process_; }
    std::string output() const { return read_file(output_file()); }

    std::string wait_for_end() {
        poll_until(
            "the second program to end", [this] { return !process_.running(); }, 30s);
        return process_.end_text();
    }

    // What it has printed behind "name=" up to the end of the line.
    std::string wait_for_value(const std::string& name) {
        std::string value;
        poll_until("the second program to print " + name, [&] {
            const bool has_ended = !process_.running();  // asked first: what it printed is then complete
            const auto text = output();
            const auto begin = text.find(name + "=");
            if (begin == std::string::npos || text.find('\n', begin) == std::string::npos) {
                if (has_ended) throw give_up("the second program ended: " + text);
                return false;
            }
            value = text.substr(begin + name.size() + 1, text.find('\n', begin) - begin - name.size() - 1);
            return true;
        });
        return value;
    }

  private:
    std::string output_file() const { return folder_.file("output"); }

    temp_dir folder_;
    testing::process process_;
};

}  // namespace

TEST(support_server, starts_answers_and_leaves_nothing) {
    pid_t pid = 0;
    std::string folder;
    {
        valkey_server server;
        server.wait();
        EXPECT_EQ(server.admin()({"SET", "key", "value"}), "OK");
        EXPECT_EQ(server.admin()({"GET", "key"}), "value");
        EXPECT_EQ(server.role(), "primary");
        pid = server.pid();
        folder = server.folder();
        EXPECT_TRUE(is_alive(pid));
        EXPECT_TRUE(fs::exists(folder));
    }
    EXPECT_FALSE(is_alive(pid));
    EXPECT_FALSE(fs::exists(folder));
}

TEST(support_server, killed_comes_back_on_the_same_port) {
    valkey_server server;
    server.wait();
    const auto port = server.port();
    server.kill9();
    EXPECT_FALSE(server.is_running());
    EXPECT_THROW(server.admin(), std::system_error);
    server.restart();
    EXPECT_EQ(server.port(), port);
    EXPECT_EQ(server.admin()({"PING"}), "PONG");
}

TEST(support_server, paused_accepts_but_stays_silent) {
    valkey_server server;
    server.wait();
    server.pause();
    EXPECT_TRUE(server.is_running());
    EXPECT_FALSE(server.is_answering());
    try {
        server.admin(100ms)({"PING"});
        ADD_FAILURE() << "a paused server answered";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::timed_out) << error.what();
    }
    server.resume();
    EXPECT_EQ(server.admin()({"PING"}), "PONG");
}

TEST(support_server, that_cannot_start_says_why_at_once) {
    valkey_server server{{.extra = {"--no-such-option", "1"}}};
    try {
        server.wait();
        ADD_FAILURE() << "a server with a wrong option started";
    } catch (const give_up& error) {
        EXPECT_NE(std::string(error.what()).find("exit code 1"), std::string::npos) << error.what();
        EXPECT_NE(std::string(error.what()).find("no-such-option"), std::string::npos) << error.what();
    }
}

TEST(support_server, takes_password_and_other_addresses) {
    valkey_server server{{.bind = "127.0.0.1 ::1", .password = "secret"}};
    server.wait();
    EXPECT_EQ(server.admin()({"PING"}), "PONG");
    EXPECT_TRUE(admin(server.port()).call({"PING"}).is_error());
    EXPECT_THROW(admin(server.port(), {.password = "wrong"}), admin_error);
    EXPECT_EQ(admin(server.port(), {.host = "::1", .password = "secret"})({"PING"}), "PONG");
}

TEST(support_admin, reads_every_kind_of_reply) {
    valkey_server server;
    server.wait();
    auto admin = server.admin();
    EXPECT_EQ(admin({"RPUSH", "list", "a", "", "c"}), "3");
    const auto list = admin.call({"LRANGE", "list", "0", "-1"});
    ASSERT_EQ(list.items.size(), 3U);
    EXPECT_EQ(list.items[1].kind, admin_reply::type::bulk);
    EXPECT_EQ(list.flat(), "a  c");
    EXPECT_EQ(admin.call({"GET", "none"}).kind, admin_reply::type::nil);
    EXPECT_EQ(admin.call({"GET", "list"}).text.substr(0, 9), "WRONGTYPE");
    EXPECT_THROW(admin({"GET", "list"}), admin_error);
    EXPECT_EQ(server.admin()({"CLIENT", "KILL", "TYPE", "normal"}), "1");
    EXPECT_TRUE(admin.is_closed_by_server());
}

TEST(support_process, reports_a_program_that_is_not_there) {
    const temp_dir folder;
    process none;
    EXPECT_THROW(none.start({{"/no/such/program"}, folder.file("out"), folder.path()}), std::system_error);
    EXPECT_FALSE(none.running());
}

TEST(support_network, hands_out_each_port_once) {
    std::set<int> ports;
    for (int i = 0; i < 500; ++i) ports.insert(next_port());
    EXPECT_EQ(ports.size(), 500U);
    EXPECT_GE(*ports.begin(), 22000);
    EXPECT_LT(*ports.rbegin(), 32768);
}

TEST(support_poll, names_what_it_waited_for) {
    try {
        poll_until(
            "godot", []() -> bool { throw std::runtime_error("not today"); }, 10ms);
        ADD_FAILURE() << "it came";
    } catch (const std::runtime_error& error) {
        const std::string text = error.what();
        EXPECT_NE(text.find("waiting for: godot; last error seen: not today"), std::string::npos) << text;
    }
}

// Not tests but programs for the tests below.
TEST(support_second_program, DISABLED_holds_a_server) {
    valkey_server server;
    server.wait();
    std::cout << "pid=" << server.pid() << "\nfolder=" << server.folder() << std::endl;
    poll_until(
        "SIGKILL", [] { return false; }, 60s);
}

TEST(support_second_program, DISABLED_fails) {
    valkey_server server;
    server.wait();
    std::cout << "port=" << server.port() << "\nfolder=" << server.folder() << std::endl;
    FAIL() << "on purpose";
}

TEST(support_program_end, by_sigkill_takes_its_servers_along) {
    std::string folder;
    {
        same_program second("*DISABLED_holds_a_server");
        const auto pid = std::stoi(second.wait_for_value("pid"));
        folder = second.wait_for_value("folder");
        EXPECT_TRUE(is_alive(pid));
        second.process().kill();
        poll_until(
            "its server to die", [&] { return !is_alive(pid); }, 2s);
    }
    EXPECT_TRUE(fs::exists(folder)) << "a killed program cannot clean up";
    same_program third("*DISABLED_fails");
    third.wait_for_end();
    EXPECT_FALSE(fs::exists(fs::path(folder).parent_path())) << "so the next one does";
    EXPECT_FALSE(fs::exists(fs::path(third.wait_for_value("folder")).parent_path()))
        << "and takes its own folders along";
}

TEST(support_program_end, with_a_failed_test_shows_and_copies_the_logs) {
    const temp_dir logs;
    const environment_value keep_logs("VALKEYXX_TEST_LOGS", logs.path());
    same_program second("*DISABLED_fails");
    EXPECT_EQ(second.wait_for_end(), "exit code 1");
    const auto name = "server-" + second.wait_for_value("port");
    EXPECT_NE(second.output().find("--- end of the log of " + name), std::string::npos) << second.output();
    EXPECT_NE(second.output().find("Ready to accept connections"), std::string::npos) << second.output();
    const auto copy = logs.file(fs::read_symlink("/proc/self/exe").filename().string() + "-" + name + ".log");
    EXPECT_NE(read_file(copy).find("Ready to accept connections"), std::string::npos) << copy;
}

TEST(support_program_end, without_a_server_binary_is_a_skip_here_and_a_failure_in_ci) {
    const char* given = std::getenv("VALKEY_BIN_DIR");
    const std::string before = given != nullptr ? given : "";
    ::setenv("VALKEY_BIN_DIR", "/no/such/folder", 1);
    {
        const environment_value not_ci("CI", "false");
        same_program second("*DISABLED_fails");
        EXPECT_EQ(second.wait_for_end(), "exit code 77");
        EXPECT_NE(second.output().find("/no/such/folder/valkey-server"), std::string::npos) << second.output();
    }
    {
        const environment_value in_ci("CI", "true");
        same_program second("*DISABLED_fails");
        EXPECT_EQ(second.wait_for_end(), "exit code 1");
    }
    if (given != nullptr) {
        ::setenv("VALKEY_BIN_DIR", before.c_str(), 1);
    } else {
        ::unsetenv("VALKEY_BIN_DIR");
    }
}

}  // namespace valkeyxx::testing
