// What is behind a synchronous client.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <utility>

#include "client/baton.hpp"
#include "client/engine.hpp"
#include "client/start.hpp"

#include <valkeyxx/client.hpp>

namespace valkeyxx {

struct client::state {
    state(config settings, detail::layout servers)
        : engine{std::make_shared<clients::engine>(loop, clients::checked(std::move(settings), servers), servers,
                                                   clients::drive::by_waiters)},
          baton{*engine} {}
    state(const state&) = delete;
    state& operator=(const state&) = delete;
    ~state() {
        close();
        loop.poll();  // lets go of what was cancelled
    }

    void close() {
        const clients::engine::turn turn{*engine};
        engine->close();
    }

    // Before a command: does what fell due while nobody was here. Returns the time.
    io::time_point arrive(std::unique_lock<std::mutex>& lock) {
        const auto now = io::clock::now();
        if (now - last_call > std::chrono::milliseconds{50}) [[unlikely]] {  // connections may have died unnoticed
            lock.unlock();
            loop.poll();
            lock.lock();
        }
        last_call = now;
        if (!engine->timers().empty() && engine->timers().earliest() <= now) engine->run_timers(now);
        return now;
    }

    io::context loop;
    boost::asio::executor_work_guard<io::context::executor_type> busy{loop.get_executor()};
    std::shared_ptr<clients::engine> engine;
    clients::baton baton;
    io::time_point last_call{};
};

}  // namespace valkeyxx
