#include "telemetry/tallies.hpp"

#include <algorithm>

namespace valkeyxx::telemetry {
namespace {

// Codes are upper case. What scripts make up may be anything.
bool is_code(std::string_view word) noexcept {
    return !word.empty() && word.size() <= 32 && std::all_of(word.begin(), word.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
}

}  // namespace

void named_counts::add(std::string_view name, std::uint64_t count) {
    auto found = counts_.find(name);
    if (found == counts_.end()) found = counts_.emplace(counts_.size() < most ? name : "other", 0).first;
    found->second += count;
}

named_counts& named_counts::operator+=(const named_counts& others) {
    for (const auto& [name, count] : others.counts_) add(name, count);
    return *this;
}

node_tally& node_tally::operator+=(const node_tally& other) {
    for (std::size_t i = 0; i < durations.size(); ++i) durations[i] += other.durations[i];
    errors += other.errors;
    connects += other.connects;
    reconnects += other.reconnects;
    disconnects += other.disconnects;
    suspicions += other.suspicions;
    authentication_failures += other.authentication_failures;
    unverified += other.unverified;
    not_tracked += other.not_tracked;
    return *this;
}

node_tally& node_tallies::of(const endpoint& node) {
    if (last_ == nullptr || *last_ != node) {
        auto found = nodes_.find(node);
        if (found == nodes_.end()) {
            if (nodes_.size() >= most_) {
                any_other_ = true;
                return other_;
            }
            found = nodes_.try_emplace(node).first;
        }
        last_ = &found->first;
        last_tally_ = &found->second;
    }
    last_tally_->heard = true;
    return *last_tally_;
}

void node_tallies::forget(std::chrono::steady_clock::time_point now, std::chrono::seconds after) {
    last_ = nullptr;
    for (auto at = nodes_.begin(); at != nodes_.end();) {
        node_tally& tally = at->second;
        if (tally.heard || tally.connections > 0) tally.last_heard = now;
        tally.heard = false;
        if (tally.last_heard == now || now - tally.last_heard < after) {
            ++at;
            continue;
        }
        gone_ += tally;
        any_gone_ = true;
        at = nodes_.erase(at);
    }
}

std::string kind_of(const error& why) {
    std::string kind{to_string(why.which())};
    if (why.which() != errc::server_error) return kind;
    const auto code = why.server_code();
    return kind.append(":").append(is_code(code) ? code : "other");
}

std::string_view kind_of_retry(std::string_view reason) noexcept {
    const auto word = reason.substr(0, reason.find(' '));
    return is_code(word) ? word : "lost";
}

}  // namespace valkeyxx::telemetry
