// An observer that writes redirects down.
#pragma once

#include <mutex>
#include <utility>
#include <vector>

#include <valkeyxx/observer.hpp>

namespace valkeyxx::demo {

class redirect_log final : public observer {
  public:
    struct entry {
        redirect_kind kind;
        std::uint16_t slot;
        endpoint from;
        endpoint to;
    };

    void redirected(redirect_kind kind, std::uint16_t slot, const endpoint& from, const endpoint& to) override {
        const std::lock_guard lock{mutex_};
        entries_.push_back({kind, slot, from, to});
    }

    /// What came since the last call.
    std::vector<entry> take() {
        const std::lock_guard lock{mutex_};
        return std::exchange(entries_, {});
    }

  private:
    std::mutex mutex_;
    std::vector<entry> entries_;
};

}  // namespace valkeyxx::demo
