// What is behind a synchronous client.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <utility>

#include "client/baton.hpp"
#include "client/engine.hpp"
#include "client/start.hpp"
#include "client/transaction_receiver.hpp"
#include "client/waiting_batch.hpp"
#include "client/waiting_request.hpp"

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
        if (engine->inherited()) [[unlikely]]
            return now;
        // Connections may have died unnoticed, sentinels have announced something.
        if (now - (engine->of_service() ? last_look : last_call) > std::chrono::milliseconds{50}) [[unlikely]] {
            lock.unlock();
            loop.poll();
            lock.lock();
            last_look = now;
        }
        last_call = now;
        if (!engine->timers().empty() && engine->timers().earliest() <= now) engine->run_timers(now);
        return now;
    }

    // Runs one request to its end: `submit(engine, request)` says which, and starts it. Inlined, as it is the way of
    // every command.
    template <class Submit>
    [[gnu::always_inline]] void run(detail::receiver& r, Submit submit) {
        clients::waiting_request request{*engine, baton, r};
        std::unique_lock lock{engine->mutex()};
        request.set_deadline(arrive(lock) + engine->settings().command_timeout);
        submit(*engine, request);
        engine->flush_soon();
        while (!baton.wait(lock, request, request.deadline())) {
            // One that waited for room has more time once it blocks at the server.
            if (io::clock::now() < request.deadline() && !engine->inherited()) continue;
            engine->expire(request);
            engine->flush_soon();  // others may have waited for its room
            return;
        }
    }

    // Starts a pipeline, which `waiting` then waits for.
    void start(std::unique_lock<std::mutex>& lock, const pipeline& commands, pipeline_result& into,
               clients::waiting_batch& waiting) {
        const auto deadline = arrive(lock) + engine->settings().command_timeout;
        engine->take_all_news();
        detail::batch::of(into).start(*engine, commands, into, deadline, waiting, true);
        engine->flush_soon();
    }

    // @param session  the one to run it in; nullptr: none
    result<pipeline_result> run(const transaction& t, clients::lease* session) {
        if (auto why = detail::transaction_access::problem(t, *engine)) return *std::move(why);
        detail::transaction_receiver out{t};
        run(out, [&](clients::engine& e, clients::waiting_request& request) {
            detail::transaction_access::prepare(t, request);
            if (session != nullptr) request.run_on(*session);
            e.submit(request);
        });
        return out.take();
    }

    io::context loop;
    boost::asio::executor_work_guard<io::context::executor_type> busy{loop.get_executor()};
    std::shared_ptr<clients::engine> engine;
    clients::baton baton;
    io::time_point last_call{};
    io::time_point last_look{};
};

}  // namespace valkeyxx
