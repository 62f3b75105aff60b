#include <valkeyxx/async_session.hpp>

#include "client/async_client_state.hpp"
#include "client/started_request.hpp"

namespace valkeyxx {

struct async_session::state {
    explicit state(std::shared_ptr<clients::engine> e) : engine{std::move(e)} {}
    state(const state&) = delete;
    state& operator=(const state&) = delete;
    ~state() {
        const clients::engine::turn turn{*engine};
        engine->exclusive().end(held);
    }

    std::shared_ptr<clients::engine> engine;
    clients::lease held;
};

async_session::async_session(std::shared_ptr<state> s) noexcept : state_{std::move(s)} {}
async_session::async_session(async_session&&) noexcept = default;
async_session& async_session::operator=(async_session&&) noexcept = default;
async_session::~async_session() = default;

namespace {

template <class... Ticket>
void start(clients::engine& e, const encoded_command& c, clients::lease& session, detail::receiver& r,
           detail::call_storage& storage, Ticket&... ticket) {
    const auto submit = [&](clients::request& request) {
        request.set_command(c.bytes(), c.facts());
        request.run_on(session);
        e.submit(request);
    };
    clients::start(e, r, storage, submit, ticket...);
}

}  // namespace

void async_session::run(const encoded_command& c, detail::receiver& r, detail::call_storage& storage,
                        detail::cancel_ticket* ticket) {
    if (ticket == nullptr) {
        start(*state_->engine, c, state_->held, r, storage);
    } else {
        start(*state_->engine, c, state_->held, r, storage, *ticket);
    }
}

void async_session::run(const transaction& t, detail::receiver& r, detail::call_storage& storage,
                        detail::cancel_ticket* ticket) {
    clients::start(*state_->engine, t, r, storage, &state_->held, ticket);
}

bool async_session::harmless() const {
    const std::lock_guard lock{state_->engine->mutex()};
    return state_->held.harmless();
}

boost::asio::io_context& async_session::context() const noexcept {
    return state_->engine->loop();
}

async_session async_client::new_session() {
    return async_session{std::make_shared<async_session::state>(state_->engine)};
}

}  // namespace valkeyxx
