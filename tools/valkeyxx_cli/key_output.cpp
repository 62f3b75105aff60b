#include "valkeyxx_cli/key_output.hpp"

#include <algorithm>
#include <utility>

#include <valkeyxx/print.hpp>

#include "valkeyxx_cli/show.hpp"

namespace valkeyxx::cli {

namespace {

std::string json_string(const std::string& text) {
    // As `exec --json` writes it, also if it is not UTF-8.
    const resp::node whole{
        .at = 0, .size = static_cast<std::uint32_t>(text.size()), .span = 1, .kind = value_kind::bulk_string};
    return to_json(reply_view{text.data(), &whole});
}

}  // namespace

std::string key_output::prefix_of(const std::string& key) const {
    const auto end = key.find(separator_);
    return end == std::string::npos ? std::string{} : key.substr(0, end);
}

void key_output::add(const std::vector<std::string>& keys) {
    count_ += keys.size();
    if (kind_ == kind::count) return;
    std::string lines;
    for (const auto& key : keys) {
        if (kind_ == kind::count_by_prefix) {
            ++prefixes_[prefix_of(key)];
        } else {
            lines += (json_ ? json_string(key) : key) + "\n";
        }
    }
    write_result(lines);
}

// The largest first.
std::vector<std::pair<std::string, std::uint64_t>> key_output::by_size() const {
    std::vector<std::pair<std::string, std::uint64_t>> all{prefixes_.begin(), prefixes_.end()};
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    return all;
}

void key_output::end() const {
    if (kind_ == kind::keys) return;
    const std::string total = std::to_string(count_);
    std::string out;
    if (json_) {
        for (const auto& [prefix, keys] : by_size()) {
            out += (out.empty() ? "" : ",") + json_string(prefix) + ":" + std::to_string(keys);
        }
        out = kind_ == kind::count ? "" : ",\"by_prefix\":{" + out + "}";
        write_result("{\"keys\":" + total + out + "}\n");
        return;
    }
    if (kind_ == kind::count) {
        write_result(total + "\n");
        return;
    }
    const auto line = [&](std::uint64_t keys, const std::string& name) {
        const std::string number = std::to_string(keys);
        const std::size_t width = std::max(total.size(), number.size());
        return std::string(width - number.size(), ' ') + number + "  " + name + "\n";
    };
    for (const auto& [prefix, keys] : by_size()) {
        out += line(keys, prefix.empty() ? "(none)" : prefix + separator_);
    }
    write_result(out + line(count_, "in all"));
}

}  // namespace valkeyxx::cli
