#include <valkeyxx/async_cluster.hpp>

#include <new>
#include <thread>

#include "client/batch.hpp"
#include "client/engine.hpp"
#include "client/start.hpp"

namespace valkeyxx {
namespace {

// One command of a caller that does not wait, in the room that its receiver keeps for it.
class started_request final : public client::request, public client::completion {
  public:
    started_request(client::engine& e, detail::receiver& r) : request{e, false}, owner_{e}, receiver_{r} {}

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
    client::engine& owner_;
    detail::receiver& receiver_;
};

static_assert(sizeof(started_request) <= detail::call_storage::size);

class started_batch final : public detail::batch::owner, public client::completion {
  public:
    started_batch(client::engine& e, detail::receiver& r) : engine_{e}, receiver_{r} {}

    void batch_done() noexcept override { engine_.defer(*this); }
    void run() noexcept override {
        detail::receiver& r = receiver_;
        delete this;
        r.finish();
    }

  private:
    client::engine& engine_;
    detail::receiver& receiver_;
};

}  // namespace

struct async_cluster::state {
    state(std::shared_ptr<io::context> own, io::context& loop, config settings)
        : own_loop{std::move(own)},
          engine{std::make_shared<client::engine>(loop, client::checked(std::move(settings)), client::drive::by_loop)} {
        if (!own_loop) return;
        busy.emplace(own_loop->get_executor());
        thread = std::thread{[context = own_loop] { context->run(); }};
    }
    state(const state&) = delete;
    state& operator=(const state&) = delete;

    ~state() {
        close();
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
        const client::engine::turn turn{*keep};
        keep->close();
    }

    std::shared_ptr<io::context> own_loop;
    std::optional<boost::asio::executor_work_guard<io::context::executor_type>> busy;
    std::shared_ptr<client::engine> engine;
    std::thread thread;
};

namespace {

std::shared_ptr<io::context> new_loop() {
    return std::make_shared<io::context>(1);
}

}  // namespace

async_cluster::async_cluster(std::string_view url) : async_cluster{parse_url(url).value()} {}

async_cluster::async_cluster(config settings) {
    auto loop = new_loop();
    io::context& context = *loop;
    state_ = std::make_unique<state>(std::move(loop), context, std::move(settings));
}

async_cluster::async_cluster(boost::asio::io_context& loop, config settings)
    : state_{std::make_unique<state>(nullptr, loop, std::move(settings))} {}

async_cluster::async_cluster(async_cluster&&) noexcept = default;
async_cluster& async_cluster::operator=(async_cluster&&) noexcept = default;
async_cluster::~async_cluster() = default;

void async_cluster::run(const encoded_command& c, const target* to, detail::receiver& r,
                        detail::call_storage& storage) {
    run(c, to, false, r, storage);
}

void async_cluster::run_each(const encoded_command& c, const target& to, detail::receiver& r,
                             detail::call_storage& storage) {
    run(c, &to, true, r, storage);
}

void async_cluster::run(const encoded_command& c, const target* to, bool each, detail::receiver& r,
                        detail::call_storage& storage) {
    client::engine& engine = *state_->engine;
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

void async_cluster::run(const pipeline& batch, pipeline_result& into, detail::receiver& r) {
    client::engine& engine = *state_->engine;
    auto* owner = new started_batch{engine, r};
    auto& running = detail::batch::of(into);
    const std::unique_lock lock{engine.mutex()};
    running.start(engine, batch, into, engine.default_deadline(), *owner, false);
    engine.flush_soon();
}

std::shared_ptr<const shard_map> async_cluster::topology() const {
    const std::lock_guard lock{state_->engine->mutex()};
    return state_->engine->current_map();
}

std::optional<endpoint> async_cluster::node_for(std::string_view key) const {
    const std::lock_guard lock{state_->engine->mutex()};
    return client::primary_of(*state_->engine, key);
}

std::optional<endpoint> async_cluster::default_node() const {
    const std::lock_guard lock{state_->engine->mutex()};
    return client::default_node_of(*state_->engine);
}

bool async_cluster::set_default_node(const endpoint& node) {
    const std::lock_guard lock{state_->engine->mutex()};
    return client::set_default_node_of(*state_->engine, node);
}

stats async_cluster::statistics() const {
    const std::lock_guard lock{state_->engine->mutex()};
    return state_->engine->counters();
}

void async_cluster::close() {
    state_->close();
}

boost::asio::io_context& async_cluster::context() const noexcept {
    return state_->engine->loop();
}

}  // namespace valkeyxx
