// What is behind a credential_source.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <valkeyxx/credentials.hpp>

namespace valkeyxx {

struct credential_source::core {
    explicit core(question q) : ask{std::move(q)} {}

    struct listener {
        std::weak_ptr<const void> whose;
        std::function<void()> again;
    };

    /// Calls `again` whenever they have changed, for as long as there is `whose`.
    void listen(std::weak_ptr<const void> whose, std::function<void()> again) {
        const std::lock_guard lock{mutex_};
        forget_gone();  // many clients may come and go before anything changes
        listeners_.push_back({std::move(whose), std::move(again)});
    }
    void tell_all() {
        const std::lock_guard lock{mutex_};
        forget_gone();
        for (const listener& l : listeners_) l.again();
    }

    const question ask;

  private:
    void forget_gone() {
        std::erase_if(listeners_, [](const listener& l) { return l.whose.expired(); });
    }

    std::mutex mutex_;
    std::vector<listener> listeners_;
};

}  // namespace valkeyxx
