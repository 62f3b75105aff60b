// What the tests of reads from replicas share: who answered them, and streams of reads that go on while things happen.
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "integration/client_world.hpp"

namespace valkeyxx::testing {

/// How often a server has been given a command since its CONFIG RESETSTAT.
struct command_count {
    int run = 0;
    int refused = 0;  ///< MOVED, LOADING ...
};

inline command_count count_of(const valkey_server& node, const std::string& command) {
    const std::string all = node.admin()({"INFO", "commandstats"});
    const auto line = all.find("cmdstat_" + command + ":");
    if (line == std::string::npos) return {};
    const auto number = [&](const std::string& name) {
        return std::stoi(all.substr(all.find(name + "=", line) + name.size() + 1));
    };
    return {number("calls"), number("rejected_calls")};
}

inline int gets(const valkey_server& node) {
    return count_of(node, "get").run;
}

inline void forget_counts(valkey_cluster& nodes) {
    for (int i = 0; i < nodes.size(); ++i) {
        if (nodes.node(i).is_answering()) nodes.node(i).admin()({"CONFIG", "RESETSTAT"});
    }
}

/// Stores each key as its own value, and waits until the replicas have it.
inline void plant(valkey_cluster& nodes, const std::vector<std::string>& keys, int replicas) {
    for (const auto& key : keys) {
        auto owner = nodes.node_serving(key_slot(key)).admin();
        owner({"SET", key, key});
        poll_until("the replicas to have the key", [&] {
            return owner({"WAIT", std::to_string(replicas), "500"}) == std::to_string(replicas);
        });
    }
}

/// What a stream of reads has seen: each must bring its key's value, which is the key.
class read_log {
  public:
    void enter(const std::string& key, const result<std::optional<std::string>>& got) {
        if (got && *got == key) {
            ++reads_;
            return;
        }
        const std::lock_guard lock{mutex_};
        problems_.push_back(got ? "read " + got->value_or("nothing") + " for " + key : got.error().message());
    }
    int reads() const { return reads_; }
    std::vector<std::string> problems() {
        const std::lock_guard lock{mutex_};
        return problems_;
    }

  private:
    std::atomic<int> reads_{0};
    std::mutex mutex_;
    std::vector<std::string> problems_;
};

/// Threads that read, one key after the other.
class sync_reads {
  public:
    sync_reads(const config& settings, std::vector<std::string> keys) : client_{settings}, keys_{std::move(keys)} {
        for (std::size_t first = 0; first < 3; ++first) {
            pool_.emplace_back([this, first] {
                for (std::size_t i = first; !over_; ++i) {
                    const std::string& key = keys_[i % keys_.size()];
                    log_.enter(key, client_.try_execute(commands::get(key)));
                }
            });
        }
    }
    ~sync_reads() { over_ = true; }

    int reads() const { return log_.reads(); }
    std::vector<std::string> problems() { return log_.problems(); }
    cluster& client() { return client_; }
    /// Ends it. Returns the failures' messages, none if all is well.
    std::vector<std::string> finish() {
        over_ = true;
        pool_.clear();
        return log_.problems();
    }

  private:
    cluster client_;
    std::vector<std::string> keys_;
    read_log log_;
    std::atomic<bool> over_{false};
    std::vector<std::jthread> pool_;  // last: its threads use the others
};

/// Chains of reads, each of which starts the next one when it has completed.
class async_reads {
  public:
    async_reads(const config& settings, std::vector<std::string> keys) : keys_{std::move(keys)}, client_{settings} {
        for (std::size_t first = 0; first < 6; ++first) {
            ++chains_;
            read(first);
        }
    }
    ~async_reads() { over_ = true; }

    int reads() const { return log_.reads(); }
    std::vector<std::string> problems() { return log_.problems(); }
    async_cluster& client() { return client_; }
    std::vector<std::string> finish() {
        over_ = true;
        poll_until("the chains to end", [this] { return chains_ == 0; });
        return log_.problems();
    }

  private:
    void read(std::size_t i) {
        client_.execute(commands::get(keys_[i % keys_.size()]), [this, i](result<std::optional<std::string>> got) {
            log_.enter(keys_[i % keys_.size()], got);
            over_ ? static_cast<void>(--chains_) : read(i + 1);
        });
    }

    std::vector<std::string> keys_;
    read_log log_;
    std::atomic<bool> over_{false};
    std::atomic<int> chains_{0};
    async_cluster client_;  // last: its callbacks use the others
};

}  // namespace valkeyxx::testing
