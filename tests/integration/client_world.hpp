// What the tests of the client share: configurations for the fixtures' servers, keys for every slot, a watcher.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/cluster.hpp"
#include "support/poll.hpp"

#include <valkeyxx/valkeyxx.hpp>

namespace valkeyxx::testing {

/// All nodes as seeds; deadlines stretched for slow machines.
inline config config_for(valkey_cluster& nodes) {
    config c = parse_url(nodes.url()).value();
    c.command_timeout = stretched(std::chrono::seconds{5});
    c.connect_timeout = stretched(std::chrono::seconds{1});
    return c;
}

/// One key for each slot, at the slot's place; all start with the prefix.
inline std::vector<std::string> key_for_each_slot(const std::string& prefix) {
    std::vector<std::string> keys(slot_count);
    std::size_t missing = keys.size();
    for (std::uint64_t i = 0; missing > 0; ++i) {
        std::string key = prefix + std::to_string(i);
        std::string& place = keys[key_slot(key)];
        if (!place.empty()) continue;
        place = std::move(key);
        --missing;
    }
    return keys;
}

/// Some primary that does not serve the slot.
inline valkey_server& other_primary(valkey_cluster& nodes, std::uint16_t slot) {
    for (int shard = 0; shard < nodes.shards(); ++shard) {
        valkey_server& primary = nodes.primary(shard);
        if (&primary != &nodes.node_serving(slot)) return primary;
    }
    throw std::logic_error{"one primary serves everything"};
}

/// A key of a slot that this primary serves.
inline std::string key_served_by(valkey_cluster& nodes, const valkey_server& primary, const std::string& prefix) {
    for (int i = 0;; ++i) {
        std::string key = prefix + std::to_string(i);
        if (&nodes.node_serving(key_slot(key)) == &primary) return key;
    }
}

/// Writes down what the client tells of itself.
class recorder final : public observer {
  public:
    struct redirect {
        redirect_kind kind;
        std::uint16_t slot;
        endpoint from;
        endpoint to;
    };

    void connected(const endpoint& /*node*/, int protocol) override {
        const std::lock_guard lock{mutex_};
        protocols_.push_back(protocol);
    }
    void disconnected(const endpoint& /*node*/, const error& why) override {
        const std::lock_guard lock{mutex_};
        losses_.push_back(why);
    }
    void redirected(redirect_kind kind, std::uint16_t slot, const endpoint& from, const endpoint& to) override {
        const std::lock_guard lock{mutex_};
        redirects_.push_back({kind, slot, from, to});
    }
    void retried(std::string_view command, std::string_view reason) override {
        const std::lock_guard lock{mutex_};
        retries_.push_back(std::string{command} + ": " + std::string{reason});
    }
    void topology_changed(const shard_map& /*now*/) override { ++maps_; }

    std::vector<int> protocols() const { return copy_of(protocols_); }
    std::vector<error> losses() const { return copy_of(losses_); }
    std::vector<redirect> redirects() const { return copy_of(redirects_); }
    std::vector<std::string> retries() const { return copy_of(retries_); }
    int maps() const { return maps_; }

  private:
    template <class T>
    std::vector<T> copy_of(const std::vector<T>& list) const {
        const std::lock_guard lock{mutex_};
        return list;
    }

    mutable std::mutex mutex_;
    std::vector<int> protocols_;
    std::vector<error> losses_;
    std::vector<redirect> redirects_;
    std::vector<std::string> retries_;
    std::atomic<int> maps_{0};
};

/// How long it has been since this was made.
class stopwatch {
  public:
    using clock = std::chrono::steady_clock;
    std::chrono::milliseconds elapsed() const {
        return std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - begin_);
    }

  private:
    clock::time_point begin_ = clock::now();
};

}  // namespace valkeyxx::testing
