// One thread that writes and writes, and keeps book of what the client told it about each write.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <valkeyxx/cluster.hpp>

namespace valkeyxx::demo {

using clock = std::chrono::steady_clock;

/// One command and its outcome.
struct write {
    enum class outcome : std::uint8_t { acknowledged, failed, may_have_run };

    std::string key;
    std::string value;  ///< of SET; empty for INCR
    clock::time_point started;
    clock::time_point ended;
    outcome how = outcome::failed;
    std::string problem{};  ///< why it was not acknowledged

    [[nodiscard]] bool is_incr() const { return value.empty(); }
    [[nodiscard]] bool is_acknowledged() const { return how == outcome::acknowledged; }
    [[nodiscard]] std::uint16_t slot() const { return key_slot(key); }
};

/// SETs of ever new keys, all over the slots; every 5th command is an INCR of one of a few counters, which nobody may
/// repeat unasked. One after the other, with a pause of 1 ms.
class writer {
  public:
    /// Starts. The client it makes gives each command 15 s.
    explicit writer(const std::string& seed);
    writer(const writer&) = delete;
    writer& operator=(const writer&) = delete;
    ~writer() { stop(); }

    [[nodiscard]] std::size_t acknowledged() const;
    /// The first acknowledged write of which the predicate holds.
    [[nodiscard]] std::optional<write> find(const std::function<bool(const write&)>& wanted) const;

    /// Ends after the write under way.
    void stop();
    /// To be called after stop().
    [[nodiscard]] const std::vector<write>& writes() const { return writes_; }
    [[nodiscard]] stats statistics() const { return client_.statistics(); }

  private:
    void run();
    void record(write done);

    cluster client_;
    std::atomic<bool> stopping_{false};
    mutable std::mutex mutex_;
    std::vector<write> writes_;
    std::thread thread_;  // last: it uses all the others
};

}  // namespace valkeyxx::demo
