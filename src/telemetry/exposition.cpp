#include "telemetry/exposition.hpp"

#include <algorithm>
#include <charconv>

namespace valkeyxx::telemetry {
namespace {

void append_label(std::string& out, std::string_view name, std::string_view value) {
    if (!out.empty()) out += ',';
    out.append(name).append("=\"");
    for (const char c : value) {
        if (c == '\n') {
            out += "\\n";
        } else {
            if (c == '"' || c == '\\') out += '\\';
            out += c;
        }
    }
    out += '"';
}

}  // namespace

exposition::exposition(const std::vector<std::pair<std::string, std::string>>& constant) {
    for (const auto& [name, value] : constant) append_label(constant_, name, value);
}

void exposition::family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    text_.append("# HELP ").append(name).append(" ").append(help);
    text_.append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
}

void exposition::line(std::string_view suffix, labels of, std::string_view upper_end, std::string_view value) {
    std::string all = constant_;
    for (const auto& [name, text] : of) append_label(all, name, text);
    if (!upper_end.empty()) append_label(all, "le", upper_end);
    text_.append(name_).append(suffix);
    if (!all.empty()) text_.append("{").append(all).append("}");
    text_.append(" ").append(value).append("\n");
}

void exposition::sample(labels of, std::uint64_t value) {
    line({}, of, {}, std::to_string(value));
}

void exposition::histogram(labels of, const duration_histogram& h) {
    std::uint64_t up_to_here = 0;
    for (std::size_t i = 0; i < duration_histogram::bounds.size(); ++i) {
        up_to_here += h.buckets()[i];
        line("_bucket", of, in_seconds(duration_histogram::bounds[i]), std::to_string(up_to_here));
    }
    line("_bucket", of, "+Inf", std::to_string(h.count()));
    line("_sum", of, {}, in_seconds(h.sum()));
    line("_count", of, {}, std::to_string(h.count()));
}

bool is_label_name(std::string_view text) noexcept {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    const auto fits = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
    return !text.empty() && letter(text.front()) && std::all_of(text.begin(), text.end(), fits) &&
           !text.starts_with("__") && text != "le";
}

std::string in_seconds(std::chrono::nanoseconds time) {
    char text[64];
    const auto [end, failure] = std::to_chars(std::begin(text), std::end(text),
                                              std::chrono::duration<double>{time}.count(), std::chars_format::fixed);
    return {text, failure == std::errc{} ? end : text};
}

}  // namespace valkeyxx::telemetry
