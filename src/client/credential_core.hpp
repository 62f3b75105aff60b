// What is behind a credential_source.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include <valkeyxx/credentials.hpp>

namespace valkeyxx {

struct credential_source::core {
    explicit core(question q) : ask{std::move(q)} {}

    /// Calls `again` whenever they have changed, until it returns false.
    void listen(std::function<bool()> again) {
        const std::lock_guard lock{mutex};
        listeners.push_back(std::move(again));
    }

    const question ask;
    std::mutex mutex;
    std::vector<std::function<bool()>> listeners;
};

}  // namespace valkeyxx
