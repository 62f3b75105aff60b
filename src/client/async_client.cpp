#include <valkeyxx/async_client.hpp>

#include <thread>

#include "client/async_client_state.hpp"
#include "client/batch.hpp"
#include "client/cancellable.hpp"
#include "client/started_request.hpp"

namespace valkeyxx {
namespace {

class started_batch : public detail::batch::owner, public clients::completion {
  public:
    started_batch(clients::engine& e, detail::batch& /*running*/, detail::receiver& r) : engine_{e}, receiver_{r} {}
    virtual ~started_batch() = default;

    /// It is about to be started; requires the engine's lock.
    void begins() noexcept {}
    void batch_done() noexcept override { engine_.defer(*this); }
    void run() noexcept override {
        detail::receiver& r = receiver_;
        delete this;
        r.finish();
    }

  protected:
    clients::engine& engine_;

  private:
    detail::receiver& receiver_;
};

// The same for a caller who may cancel it.
class cancellable_batch final : public started_batch, public clients::cancellable<cancellable_batch> {
  public:
    cancellable_batch(clients::engine& e, detail::batch& running, detail::receiver& r)
        : started_batch{e, running, r}, running_{running} {}

    void begins(detail::cancel_ticket& ticket) { cancellable::begins(engine_, ticket); }
    void cancel(bool only_unnoticed) noexcept {
        if (!only_unnoticed || running_.unnoticed()) running_.cancel();
    }
    void batch_done() noexcept override {
        ends();
        started_batch::batch_done();
    }

  private:
    detail::batch& running_;
};

template <class Owner, class... Ticket>
void start(clients::engine& e, const pipeline& batch, pipeline_result& into, detail::receiver& r, Ticket&... ticket) {
    auto& running = detail::batch::of(into);
    auto* owner = new Owner{e, running, r};
    const clients::engine::visit visit{e};
    owner->begins(ticket...);
    running.start(e, batch, into, e.default_deadline(), *owner, false);
}

template <class... Ticket>
void start(clients::engine& e, const encoded_command& c, const target* to, bool each, detail::receiver& r,
           detail::call_storage& storage, Ticket&... ticket) {
    const auto submit = [&](clients::request& request) {
        request.set_command(c.bytes(), c.facts());
        if (to == nullptr) [[likely]] {
            e.submit(request);
        } else {
            e.submit(request, *to, each);
        }
    };
    clients::start(e, r, storage, submit, ticket...);
}

std::shared_ptr<io::context> new_loop() {
    return std::make_shared<io::context>(1);
}

}  // namespace

async_client::async_client(std::string_view url) : async_client{parse_url(url).value()} {}

async_client::async_client(config settings) : async_client{settings, clients::layout_for(settings)} {}

async_client::async_client(config settings, detail::layout servers) {
    auto loop = new_loop();
    io::context& context = *loop;
    state_.reset(new state{std::move(loop), context, std::move(settings), servers});
}

async_client::async_client(boost::asio::io_context& loop, config settings)
    : async_client{loop, settings, clients::layout_for(settings)} {}

async_client::async_client(boost::asio::io_context& loop, config settings, detail::layout servers)
    : state_{new state{nullptr, loop, std::move(settings), servers}} {}

async_client::async_client(async_client&&) noexcept = default;
async_client& async_client::operator=(async_client&&) noexcept = default;
async_client::~async_client() = default;

void async_client::let_go::operator()(state* s) const noexcept {
    if (s->engine->inherited()) {
        clients::leave_behind(s);
    } else {
        delete s;
    }
}

void async_client::run(const encoded_command& c, const target* to, detail::receiver& r, detail::call_storage& storage) {
    start(*state_->engine, c, to, false, r, storage);
}

void async_client::run_each(const encoded_command& c, const target& to, detail::receiver& r,
                            detail::call_storage& storage) {
    start(*state_->engine, c, &to, true, r, storage);
}

void async_client::run(const encoded_command& c, const target* to, bool each, detail::receiver& r,
                       detail::call_storage& storage, detail::cancel_ticket& ticket) {
    start(*state_->engine, c, to, each, r, storage, ticket);
}

void async_client::run(const pipeline& batch, pipeline_result& into, detail::receiver& r) {
    start<started_batch>(*state_->engine, batch, into, r);
}

void async_client::run(const pipeline& batch, pipeline_result& into, detail::receiver& r,
                       detail::cancel_ticket& ticket) {
    start<cancellable_batch>(*state_->engine, batch, into, r, ticket);
}

void async_client::run(const transaction& t, detail::receiver& r, detail::call_storage& storage,
                       detail::cancel_ticket* ticket) {
    clients::start(*state_->engine, t, r, storage, nullptr, ticket);
}

stats async_client::statistics() const {
    const std::lock_guard lock{state_->engine->mutex()};
    return state_->engine->statistics();
}

std::vector<node_stats> async_client::node_statistics() const {
    const std::lock_guard lock{state_->engine->mutex()};
    return state_->engine->node_statistics();
}

cache_stats async_client::cache_statistics() const {
    const std::lock_guard lock{state_->engine->mutex()};
    return state_->engine->cache_statistics();
}

std::shared_ptr<const shard_map> async_client::topology() const {
    const std::lock_guard lock{state_->engine->mutex()};
    return state_->engine->current_map();
}

void async_client::close() {
    state_->close();
}

boost::asio::io_context& async_client::context() const noexcept {
    return state_->engine->loop();
}

}  // namespace valkeyxx
