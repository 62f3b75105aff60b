#include <valkeyxx/command_stream.hpp>

#include "client/client_state.hpp"

namespace valkeyxx::detail {

struct running_pipeline::state {
    state(client::state& whose, batch& running) : of{whose}, waiting{*whose.engine, whose.baton, running} {}

    client::state& of;
    clients::waiting_batch waiting;
};

running_pipeline::running_pipeline(client& c, const pipeline& commands, pipeline_result& into) {
    client::state& of = *c.state_;
    state_ = std::make_unique<state>(of, batch::of(into));
    std::unique_lock lock{of.engine->mutex()};
    of.start(lock, commands, into, state_->waiting);
}

running_pipeline::~running_pipeline() {
    std::unique_lock lock{state_->of.engine->mutex()};
    // What came while the next chunk was made has come in time, however long that took.
    state_->of.arrive(lock);
    state_->waiting.wait(lock);
}

}  // namespace valkeyxx::detail
