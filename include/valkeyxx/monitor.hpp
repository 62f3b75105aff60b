// A look into a client from outside, for those who do not have the client itself: an exporter, say.
#pragma once

#include <memory>
#include <vector>

#include <valkeyxx/cache.hpp>
#include <valkeyxx/stats.hpp>

namespace valkeyxx {

namespace clients {
class engine;
struct sight;
}  // namespace clients

/// Refers to a client without keeping it alive: once the client is gone there is nothing to see. An `observer` gets one
/// (observer::attached). Cheap to copy; thread-safe. Not to be asked from within an observer's calls, which come while
/// the client holds its lock.
class monitor {
  public:
    /// Of no client.
    monitor() noexcept = default;

    /// Whether both are of the same client.
    bool operator==(const monitor&) const noexcept = default;
    /// Whether the client is still there.
    [[nodiscard]] bool alive() const;
    /// What it is doing at each node; without nodes if it is gone.
    [[nodiscard]] std::vector<node_stats> nodes() const;
    /// What it has done so far; all 0 if it is gone.
    [[nodiscard]] stats statistics() const;
    /// What its cache has done so far; all 0 if it is gone, or has none.
    [[nodiscard]] cache_stats cache() const;

  private:
    friend class clients::engine;
    explicit monitor(std::shared_ptr<clients::sight> of) noexcept;

    std::shared_ptr<clients::sight> of_;
};

}  // namespace valkeyxx
