#include <valkeyxx/client.hpp>

#include "client/client_state.hpp"

#include <valkeyxx/commands/connection.hpp>
#include <valkeyxx/session.hpp>

namespace valkeyxx {

client::client(std::string_view url) : client{parse_url(url).value()} {}
client::client(config settings) : client{settings, clients::layout_for(settings)} {}
client::client(config settings, detail::layout servers) : state_{new state{std::move(settings), servers}} {}
client::client(client&&) noexcept = default;
client& client::operator=(client&&) noexcept = default;
client::~client() = default;

void client::let_go::operator()(state* s) const noexcept {
    if (s->engine->inherited()) {
        clients::leave_behind(s);
    } else {
        delete s;
    }
}

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
    state_->run(r, [&](clients::engine& engine, clients::waiting_request& request) {
        request.set_command(c.bytes(), c.facts());
        if (c.facts().how == handling::cached) [[unlikely]]
            engine.take_news(c.facts());
        if (to == nullptr) [[likely]] {
            engine.submit(request);
        } else {
            engine.submit(request, *to, each);
        }
    });
}

result<pipeline_result> client::try_execute(const transaction& t) {
    return state_->run(t, nullptr);
}

session client::new_session() {
    return session{*state_};
}

pipeline_result client::execute(const pipeline& batch) {
    pipeline_result into;
    execute(batch, into);
    return into;
}

void client::execute(const pipeline& batch, pipeline_result& into) {
    clients::waiting_batch waiting{*state_->engine, state_->baton, detail::batch::of(into)};
    std::unique_lock lock{state_->engine->mutex()};
    state_->start(lock, batch, into, waiting);
    waiting.wait(lock);
}

stats client::statistics() const {
    const std::lock_guard lock{state_->engine->mutex()};
    return state_->engine->statistics();
}

std::vector<node_stats> client::node_statistics() const {
    const std::lock_guard lock{state_->engine->mutex()};
    return state_->engine->node_statistics();
}

cache_stats client::cache_statistics() const {
    const std::lock_guard lock{state_->engine->mutex()};
    return state_->engine->cache_statistics();
}

std::shared_ptr<const shard_map> client::topology() const {
    const std::lock_guard lock{state_->engine->mutex()};
    return state_->engine->current_map();
}

void client::close() {
    state_->close();
}

}  // namespace valkeyxx
