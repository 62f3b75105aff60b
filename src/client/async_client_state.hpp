// What is behind an asynchronous client.
#pragma once

#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "client/engine.hpp"
#include "client/start.hpp"

#include <valkeyxx/async_client.hpp>

namespace valkeyxx {

struct async_client::state {
    state(std::shared_ptr<io::context> own, io::context& loop, config settings, detail::layout servers)
        : own_loop{std::move(own)},
          engine{std::make_shared<clients::engine>(loop, clients::checked(std::move(settings), servers), servers,
                                                   clients::drive::by_loop)} {
        if (!own_loop) return;
        busy.emplace(own_loop->get_executor());
        thread = std::thread{[context = own_loop] { context->run(); }};
    }
    state(const state&) = delete;
    state& operator=(const state&) = delete;

    ~state() {
        {
            const clients::engine::turn last{*engine};
            engine->close();
            engine->leave_nobody_behind();
        }
        busy.reset();
        if (!thread.joinable()) return;
        if (thread.get_id() == std::this_thread::get_id()) {
            thread.detach();  // a completion destroys the client: the loop ends by itself when there is nothing left
        } else {
            thread.join();
        }
    }

    void close() {
        const auto keep = engine;
        const clients::engine::turn turn{*keep};
        keep->close();
    }

    std::shared_ptr<io::context> own_loop;
    std::optional<boost::asio::executor_work_guard<io::context::executor_type>> busy;
    std::shared_ptr<clients::engine> engine;
    std::thread thread;
};

}  // namespace valkeyxx
