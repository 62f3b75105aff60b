#include <valkeyxx/cluster.hpp>

#include "client/batch.hpp"
#include "client/baton.hpp"
#include "client/engine.hpp"
#include "client/start.hpp"

#include <valkeyxx/commands/connection.hpp>

namespace valkeyxx {
namespace {

using namespace std::chrono_literals;

constexpr auto long_pause = 50ms;  // after which connections may have died unnoticed

// One command of a waiting thread, on its stack.
class waiting_request final : public client::request, public client::waiter {
  public:
    waiting_request(client::engine& e, client::baton& b, detail::receiver& r)
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
    client::connection* awaited() noexcept override { return in_flight_on(); }

  private:
    client::baton& baton_;
    detail::receiver& receiver_;
};

class waiting_batch final : public detail::batch::owner, public client::waiter {
  public:
    waiting_batch(client::baton& b, detail::batch& running) : baton_{b}, batch_{running} {}
    void batch_done() noexcept override { baton_.finish(*this); }
    client::connection* awaited() noexcept override { return batch_.awaited(); }

  private:
    client::baton& baton_;
    detail::batch& batch_;
};

}  // namespace

struct cluster::state {
    explicit state(config settings)
        : engine{std::make_shared<client::engine>(loop, client::checked(std::move(settings)),
                                                  client::drive::by_waiters)},
          baton{*engine} {}
    state(const state&) = delete;
    state& operator=(const state&) = delete;
    ~state() {
        close();
        loop.poll();  // lets go of what was cancelled
    }

    void close() {
        const client::engine::turn turn{*engine};
        engine->close();
    }

    // Before a command: does what fell due while nobody was here. Returns the time.
    io::time_point arrive(std::unique_lock<std::mutex>& lock) {
        const auto now = io::clock::now();
        if (now - last_call > long_pause) [[unlikely]] {
            lock.unlock();
            loop.poll();
            lock.lock();
        }
        last_call = now;
        if (!engine->timers().empty() && engine->timers().earliest() <= now) engine->run_timers(now);
        return now;
    }

    io::context loop;
    boost::asio::executor_work_guard<io::context::executor_type> busy{loop.get_executor()};
    std::shared_ptr<client::engine> engine;
    client::baton baton;
    io::time_point last_call{};
};

cluster::cluster(std::string_view url) : cluster{parse_url(url).value()} {}
cluster::cluster(config settings) : state_{std::make_unique<state>(std::move(settings))} {}
cluster::cluster(cluster&&) noexcept = default;
cluster& cluster::operator=(cluster&&) noexcept = default;
cluster::~cluster() = default;

void cluster::connect() {
    execute(commands::echo({}));  // to any node that answers; PING would go to each primary
}

void cluster::run(const encoded_command& c, const target* to, detail::receiver& r) {
    run(c, to, false, r);
}

void cluster::run_each(const encoded_command& c, const target& to, detail::receiver& r) {
    run(c, &to, true, r);
}

void cluster::run(const encoded_command& c, const target* to, bool each, detail::receiver& r) {
    client::engine& engine = *state_->engine;
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

pipeline_result cluster::execute(const pipeline& batch) {
    pipeline_result into;
    execute(batch, into);
    return into;
}

void cluster::execute(const pipeline& batch, pipeline_result& into) {
    client::engine& engine = *state_->engine;
    auto& running = detail::batch::of(into);
    waiting_batch waiting{state_->baton, running};
    std::unique_lock lock{engine.mutex()};
    const auto deadline = state_->arrive(lock) + engine.settings().command_timeout;
    running.start(engine, batch, into, deadline, waiting, true);
    engine.flush_soon();
    if (!state_->baton.wait(lock, waiting, deadline)) running.expire();
}

std::shared_ptr<const shard_map> cluster::topology() const {
    const std::lock_guard lock{state_->engine->mutex()};
    return state_->engine->current_map();
}

std::optional<endpoint> cluster::node_for(std::string_view key) const {
    const std::lock_guard lock{state_->engine->mutex()};
    return client::primary_of(*state_->engine, key);
}

std::optional<endpoint> cluster::default_node() const {
    const std::lock_guard lock{state_->engine->mutex()};
    return client::default_node_of(*state_->engine);
}

bool cluster::set_default_node(const endpoint& node) {
    const std::lock_guard lock{state_->engine->mutex()};
    return client::set_default_node_of(*state_->engine, node);
}

stats cluster::statistics() const {
    const std::lock_guard lock{state_->engine->mutex()};
    return state_->engine->counters();
}

void cluster::close() {
    state_->close();
}

}  // namespace valkeyxx
