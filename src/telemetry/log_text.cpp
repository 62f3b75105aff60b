// Log records as lines.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "telemetry/text.hpp"

#include <valkeyxx/log.hpp>
#include <valkeyxx/value.hpp>

namespace valkeyxx {

std::string_view to_string(log_level level) noexcept {
    switch (level) {
        case log_level::debug:
            return "debug";
        case log_level::info:
            return "info";
        case log_level::warning:
            return "warning";
        case log_level::error:
            return "error";
    }
    return "error";
}

namespace {

// 2026-01-31T12:00:00.000Z
std::string text_of(std::chrono::system_clock::time_point at) {
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::milliseconds>(at - day)};
    std::string out;
    const auto put = [&out](long long number, std::size_t digits, char behind) {
        const std::string text = std::to_string(number);
        if (text.size() < digits) out.append(digits - text.size(), '0');
        out.append(text).push_back(behind);
    };
    put(int{date.year()}, 4, '-');
    put(unsigned{date.month()}, 2, '-');
    put(unsigned{date.day()}, 2, 'T');
    put(time.hours().count(), 2, ':');
    put(time.minutes().count(), 2, ':');
    put(time.seconds().count(), 2, '.');
    put(time.subseconds().count(), 3, 'Z');
    return out;
}

std::string text_of(double number) {
    char text[32];
    const auto [end, failure] = std::to_chars(std::begin(text), std::end(text), number);
    return {text, failure == std::errc{} ? end : text};
}

bool is_plain(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\';
    });
}

struct as_logfmt {
    std::string operator()(const std::string& text) const { return is_plain(text) ? text : telemetry::quoted(text); }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(double number) const { return text_of(number); }
    std::string operator()(bool truth) const { return truth ? "true" : "false"; }
};

struct as_json {
    std::string operator()(const std::string& text) const { return telemetry::quoted(text); }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(double number) const { return std::isfinite(number) ? text_of(number) : "null"; }
    std::string operator()(bool truth) const { return truth ? "true" : "false"; }
};

}  // namespace

std::string to_logfmt(const log_record& r) {
    std::string line = "time=" + text_of(r.at);
    line.append(" level=").append(to_string(r.level)).append(" event=").append(r.event);
    for (const log_field& f : r.fields) line.append(" ").append(f.name).append("=") += std::visit(as_logfmt{}, f.value);
    return line;
}

std::string to_json(const log_record& r) {
    std::string line = "{\"time\":\"" + text_of(r.at) + "\",\"level\":\"";
    line.append(to_string(r.level)).append("\",\"event\":\"").append(r.event).append("\"");
    for (const log_field& f : r.fields)
        line.append(",\"").append(f.name).append("\":") += std::visit(as_json{}, f.value);
    return line.append("}");
}

}  // namespace valkeyxx
