#include <valkeyxx/command_stream.hpp>

#include "client/client_state.hpp"
#include "client/waiting_batch.hpp"

namespace valkeyxx::detail {

struct running_pipeline::state {
    state(client::state& whose, batch& running) : of{whose}, waiting{whose.baton, running} {}

    client::state& of;
    clients::waiting_batch waiting;
};

running_pipeline::running_pipeline(client& c, const pipeline& commands, pipeline_result& into) {
    client::state& of = *c.state_;
    auto& running = batch::of(into);
    state_ = std::make_unique<state>(of, running);
    std::unique_lock lock{of.engine->mutex()};
    const auto deadline = of.arrive(lock) + of.engine->settings().command_timeout;
    running.start(*of.engine, commands, into, deadline, state_->waiting, true);
    of.engine->flush_soon();
}

running_pipeline::~running_pipeline() {
    std::unique_lock lock{state_->of.engine->mutex()};
    // What came while the next chunk was made has come in time, however long that took.
    state_->of.arrive(lock);
    state_->waiting.wait(lock);
}

}  // namespace valkeyxx::detail
