#include "node.hpp"

#include <algorithm>

#include "request_reader.hpp"
#include "server.hpp"
#include "world.hpp"

namespace valkeyxx::simulation {
namespace {

using namespace std::chrono_literals;

}  // namespace

node::node(world& w, int index, place where)
    : at{where}, data(w.keys.keys().size()), world_{w}, index_{index}, id_{std::to_string(index)} {
    id_.insert(0, 40 - id_.size(), '0');
    world_.net.listen(at.on_network(), *this);
}

std::string node::name() const {
    return "n" + std::to_string(index_) + ".sim";
}

bool node::cluster_down() const {
    return isolated || refuses || scheduler::now() < ready_again || (world_.settings.full_coverage && sees.uncovered());
}

claim node::word() const {
    claim c{.node = index_, .version = version, .epoch = epoch, .primary = primary, .at = at, .chunks = {}};
    if (!is_primary()) return c;
    for (std::size_t i = 0; i < sees.owners().size(); ++i) {
        if (sees.owners()[i] == index_) c.chunks.push_back(static_cast<chunk_index>(i));
    }
    return c;
}

listener::door node::at_the_door() const noexcept {
    switch (state_) {
        case process::up:
        case process::stopped:
            return door::open;
        case process::down:
            return door::refused;
        case process::frozen:
        case process::off:
            break;
    }
    return door::silent;
}

duration node::latency() noexcept {
    return world_.random.between(world_.settings.near, world_.settings.far) + distance;
}

void node::accepted(const std::shared_ptr<link>& from) {
    from->state().authenticated = world_.settings.client.password.empty();
    links_.push_back(from);
}

void node::heard(link& from) {
    if (state_ != process::up) return;
    if (slowness == duration{}) {
        serve(from);
        return;
    }
    busy_until_ = std::max(busy_until_, scheduler::now()) + slowness;
    world_.time.at(busy_until_, [this, l = from.shared_from_this()] {
        if (state_ == process::up) serve(*l);
    });
}

void node::serve(link& from) {
    if (!from.open_at_server()) return;
    out_.clear();
    from.read_by_server();
    std::string& unread = from.state().unread;
    request_reader requests{unread};
    while (const auto* words = requests.next()) answer(world_, *this, from.state(), *words, out_);
    unread.erase(0, requests.consumed());
    from.reply(out_);
    if (from.ended_by_client()) from.close_by_server();
    if (!from.open_at_server()) std::erase_if(links_, [&](const auto& l) { return l.get() == &from; });
}

void node::become(process p) {
    const process before = std::exchange(state_, p);
    world_.log([&] {
        static constexpr const char* names[] = {"runs", "is stopped", "is frozen", "has crashed", "is off"};
        return name() + " " + names[static_cast<std::size_t>(p)];
    });
    switch (p) {
        case process::up:
            if (before == process::frozen) world_.net.resume(*this);
            if (before == process::frozen || before == process::stopped) {
                for (const auto& l : std::vector{links_}) serve(*l);
            }
            break;
        case process::stopped:
        case process::frozen:
            break;
        case process::down:
            drop_clients();
            break;
        case process::off:
            for (const auto& l : std::exchange(links_, {})) l->vanish();
            break;
    }
}

void node::drop_clients() {
    for (const auto& l : std::exchange(links_, {})) l->close_by_server();
}

void node::start_at(place where) {
    if (where != at) {
        world_.net.unlisten(at.on_network());
        at = where;
        world_.net.listen(at.on_network(), *this);
    }
    become(process::up);
    world_.net.resume(*this);
}

void node::write(std::size_t key, std::string value) {
    data[key] = value;
    log.push_back({scheduler::now(), key, std::move(value)});
}

void node::catch_up(const node& from, bool all) {
    if (source != from.index() || source_log != from.log_number) {
        data = from.data;
        source = from.index();
        source_log = from.log_number;
        position = from.log.size();
        loading_until = scheduler::now() + world_.random.between(duration{5ms}, duration{200ms});
        return;
    }
    for (; position < from.log.size(); ++position) {
        const change& c = from.log[position];
        if (!all && c.when + lag > scheduler::now()) break;
        data[c.key] = c.value;
    }
}

}  // namespace valkeyxx::simulation
