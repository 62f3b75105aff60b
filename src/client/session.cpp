#include <valkeyxx/session.hpp>

#include "client/client_state.hpp"

namespace valkeyxx {

struct session::state {
    explicit state(client::state& whose) noexcept : of{whose} {}
    state(const state&) = delete;
    state& operator=(const state&) = delete;
    ~state() {
        const clients::engine::turn turn{*of.engine};
        of.engine->exclusive().end(held);
    }

    client::state& of;
    clients::lease held;
};

session::session(client::state& of) : state_{std::make_unique<state>(of)} {}
session::session(session&&) noexcept = default;
session& session::operator=(session&&) noexcept = default;
session::~session() = default;

void session::run(const encoded_command& c, detail::receiver& r) {
    state_->of.run(r, [&](clients::engine& e, clients::waiting_request& request) {
        request.set_command(c.bytes(), c.facts());
        request.run_on(state_->held);
        e.submit(request);
    });
}

result<pipeline_result> session::try_execute(const transaction& t) {
    return state_->of.run(t, &state_->held);
}

bool session::harmless() const {
    const std::lock_guard lock{state_->of.engine->mutex()};
    return state_->held.harmless();
}

}  // namespace valkeyxx
