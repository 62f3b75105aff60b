#include <valkeyxx/async_client.hpp>

#include <new>
#include <thread>

#include "client/async_client_state.hpp"
#include "client/batch.hpp"
#include "client/started_request.hpp"

namespace valkeyxx {
namespace {

class started_batch final : public detail::batch::owner, public clients::completion {
  public:
    started_batch(clients::engine& e, detail::receiver& r) : engine_{e}, receiver_{r} {}

    void batch_done() noexcept override { engine_.defer(*this); }
    void run() noexcept override {
        detail::receiver& r = receiver_;
        delete this;
        r.finish();
    }

  private:
    clients::engine& engine_;
    detail::receiver& receiver_;
};

}  // namespace

namespace {

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
    run(c, to, false, r, storage);
}

void async_client::run_each(const encoded_command& c, const target& to, detail::receiver& r,
                            detail::call_storage& storage) {
    run(c, &to, true, r, storage);
}

void async_client::run(const encoded_command& c, const target* to, bool each, detail::receiver& r,
                       detail::call_storage& storage) {
    clients::engine& engine = *state_->engine;
    auto* request = new (storage.bytes) clients::started_request{engine, r};
    request->set_command(c.bytes(), c.facts());
    const clients::engine::visit visit{engine};
    request->set_deadline(engine.default_deadline());
    if (to == nullptr) [[likely]] {
        engine.submit(*request);
    } else {
        engine.submit(*request, *to, each);
    }
}

void async_client::run(const pipeline& batch, pipeline_result& into, detail::receiver& r) {
    clients::engine& engine = *state_->engine;
    auto* owner = new started_batch{engine, r};
    auto& running = detail::batch::of(into);
    const clients::engine::visit visit{engine};
    running.start(engine, batch, into, engine.default_deadline(), *owner, false);
}

void async_client::run(const transaction& t, detail::receiver& r, detail::call_storage& storage) {
    clients::start(*state_->engine, t, r, storage, nullptr);
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
