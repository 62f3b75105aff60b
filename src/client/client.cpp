#include <valkeyxx/client.hpp>

#include "client/batch.hpp"
#include "client/client_state.hpp"

#include <valkeyxx/commands/connection.hpp>

namespace valkeyxx {
namespace {

// One command of a waiting thread, on its stack.
class waiting_request final : public clients::request, public clients::waiter {
  public:
    waiting_request(clients::engine& e, clients::baton& b, detail::receiver& r)
        : request{e, true}, baton_{b}, receiver_{r} {}

    void on_reply(reply_view reply) noexcept override {
        receiver_.deliver(reply);
        baton_.finish(*this);
    }
    void on_error(error why) noexcept override {
        receiver_.fail(std::move(why));
        baton_.finish(*this);
    }
    void on_part(const endpoint& by, reply_view reply) noexcept override { receiver_.deliver_part(by, reply); }
    void on_part_error(const endpoint& by, error why) noexcept override { receiver_.fail_part(by, std::move(why)); }
    clients::connection* awaited() noexcept override { return in_flight_on(); }

  private:
    clients::baton& baton_;
    detail::receiver& receiver_;
};

class waiting_batch final : public detail::batch::owner, public clients::waiter {
  public:
    waiting_batch(clients::baton& b, detail::batch& running) : baton_{b}, batch_{running} {}
    void batch_done() noexcept override { baton_.finish(*this); }
    clients::connection* awaited() noexcept override { return batch_.awaited(); }

  private:
    clients::baton& baton_;
    detail::batch& batch_;
};

}  // namespace

client::client(std::string_view url) : client{parse_url(url).value()} {}
client::client(config settings) : client{std::move(settings), detail::layout::one_server} {}
client::client(config settings, detail::layout servers)
    : state_{std::make_unique<state>(std::move(settings), servers)} {}
client::client(client&&) noexcept = default;
client& client::operator=(client&&) noexcept = default;
client::~client() = default;

void client::connect() {
    execute(commands::echo({}));  // to any node that answers; PING would go to each primary
}

void client::run(const encoded_command& c, const target* to, detail::receiver& r) {
    run(c, to, false, r);
}

void client::run_each(const encoded_command& c, const target& to, detail::receiver& r) {
    run(c, &to, true, r);
}

void client::run(const encoded_command& c, const target* to, bool each, detail::receiver& r) {
    clients::engine& engine = *state_->engine;
    waiting_request request{engine, state_->baton, r};
    request.set_command(c.bytes(), c.facts());
    std::unique_lock lock{engine.mutex()};
    const auto deadline = state_->arrive(lock) + engine.settings().command_timeout;
    request.set_deadline(deadline);
    if (to == nullptr) [[likely]] {
        engine.submit(request);
    } else {
        engine.submit(request, *to, each);
    }
    engine.flush_soon();
    if (!state_->baton.wait(lock, request, deadline)) engine.expire(request);
}

pipeline_result client::execute(const pipeline& batch) {
    pipeline_result into;
    execute(batch, into);
    return into;
}

void client::execute(const pipeline& batch, pipeline_result& into) {
    clients::engine& engine = *state_->engine;
    auto& running = detail::batch::of(into);
    waiting_batch waiting{state_->baton, running};
    std::unique_lock lock{engine.mutex()};
    const auto deadline = state_->arrive(lock) + engine.settings().command_timeout;
    running.start(engine, batch, into, deadline, waiting, true);
    engine.flush_soon();
    if (!state_->baton.wait(lock, waiting, deadline)) running.expire();
}

stats client::statistics() const {
    const std::lock_guard lock{state_->engine->mutex()};
    return state_->engine->counters();
}

void client::close() {
    state_->close();
}

}  // namespace valkeyxx
