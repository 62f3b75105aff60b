// Writing lines.
#include "demo/narrator.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <iostream>

namespace valkeyxx::demo {

namespace {

constexpr std::string_view bold = "\x1b[1m";
constexpr std::string_view yellow = "\x1b[33m";
constexpr std::string_view green = "\x1b[1;32m";
constexpr std::string_view red = "\x1b[1;31m";
constexpr std::string_view dim = "\x1b[2m";
constexpr std::string_view reset = "\x1b[0m";

}  // namespace

narrator::narrator() : colours_{::isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr} {}

void narrator::title(std::string_view text) {
    put("", bold, text);
}

void narrator::chapter(std::string_view heading) {
    put("\n", bold, std::to_string(++chapters_) + ". " + std::string{heading});
}

void narrator::tell(std::string_view line) {
    put("   ", "", line);
}

void narrator::stress(std::string_view line) {
    put("   ", yellow, line);
}

void narrator::table(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += row[i];
            if (i + 1 < row.size()) line.append(widths[i] - row[i].size() + 3, ' ');
        }
        put("   ", &row == &rows.front() ? dim : "", line);
    }
}

void narrator::verdict(bool passed, std::string_view line) {
    put("\n", passed ? green : red, line);
}

// Flushed: who follows the story through a pipe sees each line when it happens.
void narrator::put(std::string_view before, std::string_view style, std::string_view text) {
    const bool styled = colours_ && !style.empty();
    std::cout << before << (styled ? style : "") << text << (styled ? reset : "") << std::endl;
}

std::string to_text(std::chrono::nanoseconds time) {
    std::array<char, 32> text{};
    const double s = std::chrono::duration<double>{time}.count();
    std::snprintf(text.data(), text.size(), s < 1 ? "%.1f ms" : "%.2f s", s < 1 ? s * 1000 : s);
    return text.data();
}

std::string counted(std::size_t n, std::string_view noun) {
    return std::to_string(n) + " " + std::string{noun} + (n == 1 ? "" : "s");
}

}  // namespace valkeyxx::demo
