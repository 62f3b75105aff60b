// What metrics counts, without the lock and the text.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "telemetry/duration_histogram.hpp"

#include <valkeyxx/endpoint.hpp>
#include <valkeyxx/observer.hpp>

namespace valkeyxx::telemetry {

/// Counts by a name that comes from outside: at most so many names, the rest are "other".
class named_counts {
  public:
    static constexpr std::size_t most = 64;

    void add(std::string_view name, std::uint64_t count = 1);
    named_counts& operator+=(const named_counts& others);
    [[nodiscard]] const std::map<std::string, std::uint64_t, std::less<>>& all() const noexcept { return counts_; }

  private:
    std::map<std::string, std::uint64_t, std::less<>> counts_;
};

/// Of one node.
struct node_tally {
    static constexpr std::size_t classes = 6;  // of commands

    std::array<duration_histogram, classes> durations{};
    named_counts errors{};
    std::uint64_t connects = 0;
    std::uint64_t reconnects = 0;
    std::uint64_t disconnects = 0;
    std::uint64_t suspicions = 0;
    std::uint64_t authentication_failures = 0;
    std::uint64_t unverified = 0;   // connections
    std::uint64_t not_tracked = 0;  // for the cache
    std::int64_t connections = 0;   // now
    bool heard = true;              // since the last look
    std::chrono::steady_clock::time_point last_heard{};

    node_tally& operator+=(const node_tally& other);
};

/// Of all nodes: of each that is in use, of those that have gone together, and of those that are too many.
class node_tallies {
  public:
    explicit node_tallies(std::size_t most) : most_{most} {}

    /// Of this node; marks it as heard of.
    node_tally& of(const endpoint& node);
    /// Of what concerns no one node: commands that never got to one ("none"), or that went to several ("several").
    node_tally& of_none() noexcept { return none_; }
    node_tally& of_several() noexcept { return several_; }
    /// Of nodes that are too many to be counted apart.
    node_tally& of_others() noexcept { return other_; }
    /// Forgets those that have no connection and were not heard of for so long.
    void forget(std::chrono::steady_clock::time_point now, std::chrono::seconds after);
    /// Gives each tally to `use`, with its name.
    template <class Use>
    void each(Use use) const {
        for (const auto& [node, tally] : nodes_) use(node.text(), tally);
        if (any_gone_) use(std::string{"gone"}, gone_);
        if (any_other_) use(std::string{"other"}, other_);
        use(std::string{"none"}, none_);
        use(std::string{"several"}, several_);
    }

  private:
    std::size_t most_;
    std::map<endpoint, node_tally> nodes_;
    const endpoint* last_ = nullptr;  // most often it is the same one as before
    node_tally* last_tally_ = nullptr;
    node_tally gone_;
    node_tally other_;
    node_tally none_;
    node_tally several_;
    bool any_gone_ = false;
    bool any_other_ = false;
};

/// What an error is called: "timed_out", "server_error:WRONGTYPE". Only the first word of what a server says is in it,
/// if it looks like a code.
std::string kind_of(const error& why);
/// Of a reason to try again.
std::string_view kind_of_retry(std::string_view reason) noexcept;

}  // namespace valkeyxx::telemetry
