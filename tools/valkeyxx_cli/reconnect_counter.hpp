// How often a connection took the place of an earlier one.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <map>

#include <valkeyxx/observer.hpp>

namespace valkeyxx::cli {

/// Counts the connections that do not make a node's open ones more than they ever were before.
class reconnect_counter final : public observer {
  public:
    void connected(const endpoint& node, int /*protocol*/) override {
        auto& of_node = nodes_[node];
        if (++of_node.open > of_node.most) {
            of_node.most = of_node.open;
        } else {
            ++again_;
        }
    }
    // Also when one could not be made: what comes after it is another attempt.
    void disconnected(const endpoint& node, const error& /*why*/) override {
        auto& of_node = nodes_[node];
        of_node.open = std::max(of_node.open - 1, 0);
    }

    /// From any thread.
    [[nodiscard]] std::uint64_t count() const { return again_; }

  private:
    struct connections {
        int open = 0;
        int most = 0;
    };

    std::map<endpoint, connections> nodes_;
    std::atomic<std::uint64_t> again_{0};
};

}  // namespace valkeyxx::cli
