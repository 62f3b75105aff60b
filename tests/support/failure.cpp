// Logs of servers after a failed test.
#include "support/failure.hpp"

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <system_error>
#include <utility>

namespace valkeyxx::testing {

namespace fs = std::filesystem;

namespace {

std::function<bool()>& hook() {
    static std::function<bool()> has_failed;
    return has_failed;
}

std::string program_name() {
    std::error_code error;
    const auto path = fs::read_symlink("/proc/self/exe", error);
    return error ? "program" : path.filename().string();
}

}  // namespace

void set_failure_hook(std::function<bool()> has_failed) {
    hook() = std::move(has_failed);
}

bool has_failed() {
    return hook() && hook()();
}

void report_log(const std::string& server_name, const std::string& log_path, const std::string& tail) {
    std::cerr << "--- end of the log of " << server_name << '\n' << tail << std::flush;
    const char* folder = std::getenv("VALKEYXX_TEST_LOGS");
    if (folder == nullptr) return;
    const auto target = fs::path(folder) / (program_name() + "-" + server_name + ".log");
    std::error_code error;
    fs::create_directories(folder, error);
    if (!error) fs::copy_file(log_path, target, fs::copy_options::overwrite_existing, error);
    if (error) std::cerr << "cannot copy " << log_path << " to " << target << ": " << error.message() << '\n';
}

}  // namespace valkeyxx::testing
