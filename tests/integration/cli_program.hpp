// Runs the command-line program, and says what success and failure look like.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "support/program.hpp"

namespace valkeyxx::testing {

inline std::string url_of(std::uint16_t port) {
    return "valkey://127.0.0.1:" + std::to_string(port);
}

inline program_result cli(arguments words, stdout_is kind = stdout_is::pipe,
                          const arguments& environment = {"VALKEY_URL="}) {
    words.insert(words.begin(), VALKEYXX_CLI);
    return run_program(words, kind, environment);
}

inline program_result success(const std::string& out) {
    return {.exit_code = 0, .out = out, .err = ""};
}

inline program_result failure(const std::string& sentence) {
    return {.exit_code = 1, .out = "", .err = "valkeyxx: " + sentence + "\n"};
}

/// With one thing in the sentence that a test need not know.
inline void expect_failure(const program_result& found, const std::string& begin, const std::string& end) {
    EXPECT_EQ(found.exit_code, 1);
    EXPECT_EQ(found.out, "");
    EXPECT_EQ(found.err.find("valkeyxx: " + begin), 0U) << found.err;
    EXPECT_TRUE(found.err.ends_with(end + "\n")) << found.err;
    EXPECT_EQ(found.err.find('\n'), found.err.size() - 1) << "one line: " << found.err;
}

/// Throws nlohmann's parse_error unless it is JSON alone.
inline nlohmann::json parsed(const std::string& text) {
    return nlohmann::json::parse(text);
}

/// The complete lines of a file that a program is still writing.
inline std::vector<std::string> lines_of(const std::string& path) {
    std::ifstream file(path);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line) && !file.eof();) lines.push_back(line);
    return lines;
}

}  // namespace valkeyxx::testing
