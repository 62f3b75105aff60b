#include "faults.hpp"

#include <algorithm>

namespace valkeyxx::simulation {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, fault_kinds> names{
    "crash",       "power_loss",  "crash_replica", "stop",        "freeze",          "half_open",
    "cut_client",  "split",       "slow",          "stale",       "moved_nowhere",   "moved_loop",
    "lost_reply",  "cut_request", "reset",         "migrate",     "manual_failover", "restart_elsewhere",
    "restart_all", "outage",      "flicker",       "name_failure"};

constexpr std::array holding_up{fault::stop,  fault::freeze,     fault::half_open, fault::cut_client,
                                fault::split, fault::power_loss, fault::slow,      fault::outage};

}  // namespace

std::string_view to_string(fault f) noexcept {
    return names[static_cast<std::size_t>(f)];
}

void faults::schedule() {
    for (const planned_fault& f : world_.settings.faults) {
        world_.time.at(f.begin, [this, &f] {
            world_.log([&] { return "fault: " + std::string{to_string(f.kind)}; });
            if (begin(f)) ++happened_[static_cast<std::size_t>(f.kind)];
        });
    }
}

bool faults::held_up_bytes() const noexcept {
    return std::any_of(holding_up.begin(), holding_up.end(),
                       [this](fault f) { return happened_[static_cast<std::size_t>(f)] != 0; });
}

bool faults::will_hold_up_bytes() const noexcept {
    const auto& planned = world_.settings.faults;
    return std::any_of(planned.begin(), planned.end(), [](const planned_fault& f) {
        return std::find(holding_up.begin(), holding_up.end(), f.kind) != holding_up.end();
    });
}

void faults::later(duration length, task<> undo) {
    world_.time.after(length, std::move(undo));
}

node& faults::any_node() {
    return world_.nodes.at(static_cast<int>(world_.random.below(world_.nodes.size())));
}

node* faults::running_node(bool primary) {
    std::vector<node*> fit;
    for (std::size_t i = 0; i < world_.nodes.size(); ++i) {
        node& n = world_.nodes.at(static_cast<int>(i));
        if (n.runs() && (n.is_primary() || !primary)) fit.push_back(&n);
    }
    return fit.empty() ? nullptr : world_.random.one_of(fit);
}

node* faults::running_replica() {
    std::vector<node*> fit;
    for (std::size_t i = 0; i < world_.nodes.size(); ++i) {
        node& n = world_.nodes.at(static_cast<int>(i));
        if (n.runs() && !n.is_primary()) fit.push_back(&n);
    }
    return fit.empty() ? nullptr : world_.random.one_of(fit);
}

bool faults::end_process(node& n, process how, duration length) {
    if (!n.runs()) return false;
    n.become(how);
    later(length, [this, &n, how] {
        if (n.state() == how) world_.nodes.restart(n, false);
    });
    return true;
}

bool faults::suspend(node& n, process how, duration length) {
    if (!n.runs()) return false;
    n.become(how);
    later(length, [&n, how] {
        if (n.state() == how) n.become(process::up);
    });
    return true;
}

bool faults::split(duration length) {
    const std::size_t most = (world_.nodes.size() - 1) / 2;
    const std::size_t alone = 1 + world_.random.below(std::max<std::size_t>(most, 1));
    const bool with_client = world_.random.percent(40);  // then the client reaches them no more
    std::vector<node*> cut;
    for (std::size_t i = 0; i < alone; ++i) {
        node& n = any_node();
        n.group = 1;
        world_.log([&] { return n.name() + " is with the minority"; });
        if (with_client && !n.cut) {
            world_.nodes.cut_client(n, true);
            cut.push_back(&n);
        }
    }
    later(length, [this, cut = std::move(cut)] {
        world_.nodes.join();
        for (node* n : cut) world_.nodes.cut_client(*n, false);
    });
    return true;
}

void faults::flicker(node& n, time_point end) {
    n.refuses = !n.refuses && scheduler::now() < end;
    if (scheduler::now() >= end) return;
    later(world_.random.between(duration{500us}, duration{10ms}), [this, &n, end] { flicker(n, end); });
}

bool faults::lie_nowhere(duration length) {
    node* const n = running_node(true);
    if (n == nullptr) return false;
    const auto chunk = static_cast<chunk_index>(world_.random.below(world_.keys.chunks().size()));
    n->lies[chunk] = nobody;
    world_.log([&] { return n->name() + " sends chunk " + std::to_string(chunk) + " nowhere"; });
    later(length, [n, chunk] { n->lies.erase(chunk); });
    return true;
}

bool faults::lie_in_a_loop(duration length) {
    const auto chunk = static_cast<chunk_index>(world_.random.below(world_.keys.chunks().size()));
    const int owner = world_.nodes.owner(chunk);
    if (owner == nobody) return false;
    node& a = world_.nodes.at(owner);
    node& b = any_node();
    if (&a == &b) return false;
    a.lies[chunk] = b.index();
    b.lies[chunk] = a.index();
    world_.log([&] { return a.name() + " and " + b.name() + " send chunk " + std::to_string(chunk) + " round"; });
    later(length, [&a, &b, chunk] {
        a.lies.erase(chunk);
        b.lies.erase(chunk);
    });
    return true;
}

bool faults::migrate(duration length) {
    const auto chunk = static_cast<chunk_index>(world_.random.below(world_.keys.chunks().size()));
    node* const to = running_node(true);
    const int from = world_.nodes.owner(chunk);
    const auto each = world_.random.between(duration{0}, length / 4);
    if (to == nullptr || !world_.nodes.migrate(chunk, to->index(), each)) return false;
    if (world_.random.percent(50)) {
        later(length, [this, chunk, from, each] {
            if (scheduler::now() < world_.settings.calm) world_.nodes.migrate(chunk, from, each);
        });
    }
    return true;
}

bool faults::break_links(fault kind) {
    const auto links = world_.net.usable_links();
    if (links.empty()) return false;
    const auto& chosen = links[world_.random.below(links.size())];
    switch (kind) {
        case fault::half_open:
            for (const auto& l : links) {
                if (&l->server() == &chosen->server()) l->go_dead();
            }
            break;
        case fault::lost_reply:
            chosen->cut_next_reply();
            break;
        case fault::cut_request:
            chosen->cut_next_request();
            break;
        default:
            chosen->close_by_server();
            break;
    }
    return true;
}

bool faults::restart_everything(bool elsewhere, duration length) {
    for (std::size_t i = 0; i < world_.nodes.size(); ++i) {
        node& n = world_.nodes.at(static_cast<int>(i));
        if (n.runs()) n.become(process::down);
        const auto after = length + world_.random.between(duration{0}, duration{500ms});
        later(after, [this, &n, elsewhere] {
            if (n.state() == process::down) world_.nodes.restart(n, elsewhere);
        });
    }
    return true;
}

void faults::heal() {
    for (std::size_t i = 0; i < world_.nodes.size(); ++i) {
        node& n = world_.nodes.at(static_cast<int>(i));
        n.view_frozen = false;
        n.lies.clear();
        n.slowness = n.distance = {};
        n.group = 0;
        world_.nodes.cut_client(n, false);
        switch (n.state()) {
            case process::up:
                break;
            case process::stopped:
            case process::frozen:
                n.become(process::up);
                break;
            case process::down:
            case process::off:
                world_.nodes.restart(n, false);
                break;
        }
    }
    for (const auto& l : world_.net.usable_links()) l->disarm();
    // With many replicas to read from, a dead connection may be met late: then a read is lost to it long after.
    if (world_.settings.client.reads != read_from::primary) world_.net.tell_of_dead_links();
    world_.nodes.publish_names();
    world_.log([] { return std::string{"the faults are over"}; });
}

bool faults::begin(const planned_fault& f) {
    node* n = nullptr;
    switch (f.kind) {
        case fault::crash:
            n = running_node(true);
            return n != nullptr && end_process(*n, process::down, f.length);
        case fault::power_loss:
            n = running_node(true);
            return n != nullptr && end_process(*n, process::off, f.length);
        case fault::crash_replica:
            n = running_replica();
            return n != nullptr && end_process(*n, process::down, f.length);
        case fault::stop:
            n = running_node(world_.random.percent(80));
            return n != nullptr && suspend(*n, process::stopped, f.length);
        case fault::freeze:
            n = running_node(world_.random.percent(80));
            return n != nullptr && suspend(*n, process::frozen, f.length);
        case fault::cut_client:
            n = running_node(world_.random.percent(80));
            if (n == nullptr || n->cut) return false;
            world_.nodes.cut_client(*n, true);
            later(f.length, [this, n] { world_.nodes.cut_client(*n, false); });
            return true;
        case fault::split:
            return split(f.length);
        case fault::slow:
            n = &any_node();
            n->slowness = world_.random.between(duration{1ms}, duration{150ms});
            later(f.length, [n] { n->slowness = {}; });
            return true;
        case fault::stale:
            n = &any_node();
            n->view_frozen = true;
            world_.log([&] { return n->name() + " learns nothing new"; });
            later(f.length, [n] { n->view_frozen = false; });
            return true;
        case fault::moved_nowhere:
            return lie_nowhere(f.length);
        case fault::moved_loop:
            return lie_in_a_loop(f.length);
        case fault::half_open:
        case fault::lost_reply:
        case fault::cut_request:
        case fault::reset:
            return break_links(f.kind);
        case fault::migrate:
            return migrate(f.length);
        case fault::manual_failover:
            n = running_replica();
            return n != nullptr && world_.nodes.promote(*n, world_.random.percent(80));
        case fault::restart_elsewhere:
            n = running_node(world_.random.percent(60));
            if (n == nullptr) return false;
            n->become(process::down);
            later(f.length, [this, n] {
                if (n->state() == process::down) world_.nodes.restart(*n, true);
            });
            return true;
        case fault::restart_all:
            return restart_everything(world_.random.percent(70), f.length);
        case fault::outage:
            for (std::size_t i = 0; i < world_.nodes.size(); ++i) {
                world_.nodes.cut_client(world_.nodes.at(static_cast<int>(i)), true);
            }
            later(f.length, [this] {
                for (std::size_t i = 0; i < world_.nodes.size(); ++i) {
                    world_.nodes.cut_client(world_.nodes.at(static_cast<int>(i)), false);
                }
            });
            return true;
        case fault::flicker:
            n = running_node(true);
            if (n == nullptr) return false;
            flicker(*n, std::min(scheduler::now() + f.length, world_.settings.calm));
            return true;
        case fault::name_failure:
            for (std::size_t i = 0; i < world_.nodes.size(); ++i) {
                world_.net.name(world_.nodes.at(static_cast<int>(i)).name(), {});
            }
            world_.net.name("seed.sim", {});
            later(f.length, [this] { world_.nodes.publish_names(); });
            return true;
    }
    return false;
}

}  // namespace valkeyxx::simulation
