// Looking for valkey-server.
#include "support/server_binary.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <stdexcept>

namespace valkeyxx::testing {

namespace fs = std::filesystem;

namespace {

bool is_program(const fs::path& path) {
    return ::access(path.c_str(), X_OK) == 0 && !fs::is_directory(path);
}

std::string from_bin_dir(const std::string& variable, const char* folder) {
    const auto path = fs::absolute(folder) / "valkey-server";
    if (!is_program(path)) throw std::runtime_error(variable + " is set, but there is no program " + path.string());
    return path.string();
}

std::string from_path() {
    const char* folders = std::getenv("PATH");
    std::istringstream stream(folders != nullptr ? folders : "");
    for (std::string folder; std::getline(stream, folder, ':');) {
        if (folder.empty()) continue;
        if (const auto path = fs::absolute(folder) / "valkey-server"; is_program(path)) return path.string();
    }
    return {};
}

std::string from_tools_package() {
    constexpr const char* same_program = "/usr/bin/valkey-check-rdb";
    return is_program(same_program) ? same_program : std::string{};
}

std::string find_binary() {
    if (const char* folder = std::getenv("VALKEY_BIN_DIR")) return from_bin_dir("VALKEY_BIN_DIR", folder);
    if (auto path = from_path(); !path.empty()) return path;
    if (auto path = from_tools_package(); !path.empty()) return path;
    throw std::runtime_error(
        "no valkey-server found: set VALKEY_BIN_DIR to its folder, or install the package valkey-server or "
        "valkey-tools");
}

}  // namespace

std::string server_binary() {
    static const std::string path = find_binary();
    return path;
}

std::optional<std::string> newer_server_binary() {
    constexpr const char* variable = "VALKEY_NEWER_BIN_DIR";
    const char* folder = std::getenv(variable);
    return folder == nullptr ? std::nullopt : std::optional{from_bin_dir(variable, folder)};
}

}  // namespace valkeyxx::testing
