#include <valkeyxx/async_client.hpp>

#include <new>
#include <thread>

#include "client/async_client_state.hpp"
#include "client/batch.hpp"

namespace valkeyxx {
namespace {

// One command of a caller that does not wait, in the room that its receiver keeps for it.
class started_request final : public clients::request, public clients::completion {
  public:
    started_request(clients::engine& e, detail::receiver& r) : request{e, false}, owner_{e}, receiver_{r} {}

    void on_reply(reply_view reply) noexcept override {
        receiver_.deliver(reply);
        owner_.defer(*this);
    }
    void on_error(error why) noexcept override {
        receiver_.fail(std::move(why));
        owner_.defer(*this);
    }
    void on_part(const endpoint& by, reply_view reply) noexcept override { receiver_.deliver_part(by, reply); }
    void on_part_error(const endpoint& by, error why) noexcept override { receiver_.fail_part(by, std::move(why)); }
    void run() noexcept override {
        detail::receiver& r = receiver_;
        this->~started_request();  // the receiver frees our room
        r.finish();
    }

  private:
    clients::engine& owner_;
    detail::receiver& receiver_;
};

static_assert(sizeof(started_request) <= detail::call_storage::size);

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

async_client::async_client(config settings) : async_client{std::move(settings), detail::layout::one_server} {}

async_client::async_client(config settings, detail::layout servers) {
    auto loop = new_loop();
    io::context& context = *loop;
    state_ = std::make_unique<state>(std::move(loop), context, std::move(settings), servers);
}

async_client::async_client(boost::asio::io_context& loop, config settings)
    : async_client{loop, std::move(settings), detail::layout::one_server} {}

async_client::async_client(boost::asio::io_context& loop, config settings, detail::layout servers)
    : state_{std::make_unique<state>(nullptr, loop, std::move(settings), servers)} {}

async_client::async_client(async_client&&) noexcept = default;
async_client& async_client::operator=(async_client&&) noexcept = default;
async_client::~async_client() = default;

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
    auto* request = new (storage.bytes) started_request{engine, r};
    request->set_command(c.bytes(), c.facts());
    std::unique_lock lock{engine.mutex()};
    request->set_deadline(engine.default_deadline());
    if (to == nullptr) [[likely]] {
        engine.submit(*request);
    } else {
        engine.submit(*request, *to, each);
    }
    engine.flush_soon();
}

void async_client::run(const pipeline& batch, pipeline_result& into, detail::receiver& r) {
    clients::engine& engine = *state_->engine;
    auto* owner = new started_batch{engine, r};
    auto& running = detail::batch::of(into);
    const std::unique_lock lock{engine.mutex()};
    running.start(engine, batch, into, engine.default_deadline(), *owner, false);
    engine.flush_soon();
}

stats async_client::statistics() const {
    const std::lock_guard lock{state_->engine->mutex()};
    return state_->engine->counters();
}

void async_client::close() {
    state_->close();
}

boost::asio::io_context& async_client::context() const noexcept {
    return state_->engine->loop();
}

}  // namespace valkeyxx
