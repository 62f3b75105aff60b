#include "client/subscription_hub.hpp"

#include <algorithm>
#include <utility>

#include "client/engine.hpp"
#include "resp/server_error.hpp"

#include <valkeyxx/observer.hpp>

namespace valkeyxx::clients {

using act = routing::subscriptions::step::act;
using routing::subscriptions;

subscription_hub::subscription_hub(engine& e, bool shared) : engine_{e}, shared_{shared} {
    subscriptions_.set_one_server(e.one_shard());
}

subscription_hub::~subscription_hub() = default;

// --- for subscribers -------------------------------------------------------------------------------------------------

auto subscription_hub::audience_of(item_id item) -> audience& {
    if (item >= audiences_.size()) audiences_.resize(item + 1);
    return audiences_[item];
}

void subscription_hub::join(feed& f, channel_kind kind, std::string_view name, scope where) {
    if (closed_ || f.ended()) return;
    const item_id known = subscriptions_.find(kind, name);
    if (known != subscriptions::no_item) {
        if (f.subscriptions().contains({known, where})) return;
        said_goodbye(audience_of(known), kind, name);
    }
    const item_id item = subscriptions_.want(kind, name, where);
    auto& members = audience_of(item).members;
    auto found = std::find_if(members.begin(), members.end(), [&](const member& m) { return m.who == &f; });
    if (found == members.end()) found = members.insert(found, {.who = &f});
    (where == scope::one ? found->once : found->everywhere) = true;
    f.subscriptions().emplace(std::pair{item, where}, false);
    if (!subscriptions_.live(item)) return;
    f.set_live(item, where, true);
    tell_one(f, message_kind::subscribed, kind, name);
}

void subscription_hub::step_out(feed& f, item_id item, scope where) {
    f.set_live(item, where, false);
    f.subscriptions().erase({item, where});
    auto& members = audience_of(item).members;
    const auto found = std::find_if(members.begin(), members.end(), [&](const member& m) { return m.who == &f; });
    (where == scope::one ? found->once : found->everywhere) = false;
    if (!found->once && !found->everywhere) members.erase(found);
    subscriptions_.unwant(item, where);
}

void subscription_hub::leave(feed& f, channel_kind kind, std::string_view name, scope where) {
    const item_id item = subscriptions_.find(kind, name);
    if (item == subscriptions::no_item || !f.subscriptions().contains({item, where})) return;
    step_out(f, item, where);
    audience& left = audience_of(item);
    left.leaving.push_back(&f);
    ++f.leaving_;
    // For others it goes on: there is nothing to wait for.
    if (!left.members.empty()) said_goodbye(left, kind, name);
}

void subscription_hub::leave_all(feed& f, channel_kind kind, scope where) {
    std::vector<item_id> all;
    for (const auto& [what, live] : f.subscriptions()) {
        if (what.second == where && subscriptions_.kind(what.first) == kind) all.push_back(what.first);
    }
    for (const item_id item : all) leave(f, kind, std::string{subscriptions_.name(item)}, where);
}

void subscription_hub::remove(feed& f) {
    while (!f.subscriptions().empty()) {
        const auto [item, where] = f.subscriptions().begin()->first;
        step_out(f, item, where);
    }
    for (audience& a : audiences_) std::erase(a.leaving, &f);
    std::erase(feeds_, &f);
    std::erase(failed_, &f);
    settle();
}

void subscription_hub::fail(feed& f, const error& why) {
    f.end(why);
    failed_.push_back(&f);
}

void subscription_hub::pause() {
    paused_ = true;
    for (auto& [node, link] : links_) {
        if (link->ready()) link->pause();
    }
}

void subscription_hub::resume() {
    if (!std::exchange(paused_, false)) return;
    std::vector<subscription_link*> all;  // what a link brings may open another one
    all.reserve(links_.size());
    for (const auto& [node, link] : links_) all.push_back(link.get());
    for (subscription_link* const link : all) {
        if (!paused_ && link->ready()) link->resume();
    }
}

connection* subscription_hub::only_connection() const noexcept {
    connection* only = nullptr;
    for (const auto& [node, link] : links_) {
        if (link->opening() || (link->ready() && only != nullptr)) return nullptr;
        if (link->ready()) only = link->on();
    }
    return only;
}

// --- for the engine --------------------------------------------------------------------------------------------------

void subscription_hub::map_changed() {
    subscriptions_.topology_changed();
    settle();
}

bool subscription_hub::hears(routing::node_id node) const noexcept {
    const auto found = links_.find(node);
    return found != links_.end() && found->second->well();
}

void subscription_hub::close(const error& why) {
    closed_ = true;
    timer_queue::remove(*this);
    for (feed* const f : feeds_) {
        f->end(why);
        f->hub_ = nullptr;
    }
    feeds_.clear();
    links_.clear();
}

// --- what is decided is done -----------------------------------------------------------------------------------------

void subscription_hub::settle() {
    again_ = true;
    if (settling_ || closed_) return;  // what is done brings about more
    settling_ = true;
    while (std::exchange(again_, false)) {
        for (feed* const f : std::exchange(failed_, {})) {
            while (!f->subscriptions().empty()) {
                const auto [item, where] = f->subscriptions().begin()->first;
                step_out(*f, item, where);
            }
        }
        const auto tick = engine_.router().tick();
        subscriptions_.settle(engine_.router(), io::clock::now());
        if (engine_.router().tick() != tick) engine_.map_outdated();
        for (const auto& n : subscriptions_.take_notices()) tell(n);
        for (const auto& s : subscriptions_.take_steps()) perform(s);
    }
    settling_ = false;
    if (const auto due = subscriptions_.due()) {
        engine_.timers().add(*this, *due);
    } else {
        timer_queue::remove(*this);
    }
}

void subscription_hub::on_due(io::time_point /*now*/) noexcept {
    settle();
}

void subscription_hub::perform(const subscriptions::step& s) {
    switch (s.what) {
        case act::open: {
            auto& link = links_[s.node];
            if (!link) link = std::make_unique<subscription_link>(*this, s.node, shared_);
            link->open();
            break;
        }
        case act::close:
            links_.at(s.node)->close();
            break;
        case act::subscribe:
        case act::unsubscribe: {
            std::vector<std::string_view> names;
            names.reserve(s.items.size());
            for (const item_id item : s.items) names.push_back(subscriptions_.name(item));
            links_.at(s.node)->say(s.what == act::subscribe, s.kind, names);
            break;
        }
        case act::refresh:
            engine_.want_map(s.node);
            break;
        case act::suspect:
            if (engine_.refusal_of(s.node, io::clock::now()) == nullptr) engine_.unheard(s.node);
            break;
    }
}

// Those who have left are told so.
void subscription_hub::said_goodbye(audience& to, channel_kind kind, std::string_view name) {
    for (feed* const f : std::exchange(to.leaving, {})) {
        --f->leaving_;
        tell_one(*f, message_kind::unsubscribed, kind, name);
    }
}

void subscription_hub::tell_one(feed& f, message_kind what, channel_kind kind, std::string_view name) {
    f.tell({.what = what,
            .kind = kind,
            .channel = std::string{name},
            .pattern = kind == channel_kind::pattern ? std::string{name} : std::string{}});
}

void subscription_hub::tell_watcher(const subscriptions::notice& n) const {
    const auto& watcher = engine_.settings().watcher;
    if (!watcher) return;
    watcher->subscription_changed({.what = n.what,
                                   .kind = n.kind,
                                   .name = n.name,
                                   .node = n.node == routing::no_node ? nullptr : &engine_.router().at(n.node)});
}

void subscription_hub::tell(const subscriptions::notice& n) {
    tell_watcher(n);
    audience& to = audience_of(n.item);
    if (n.what == message_kind::unsubscribed) {
        said_goodbye(to, n.kind, n.name);
        to.echoes = {};
        if (last_item_ == n.item) last_item_ = subscriptions::no_item;
        return;
    }
    valkeyxx::message event{.what = n.what,
                            .kind = n.kind,
                            .channel = n.name,
                            .pattern = n.kind == channel_kind::pattern ? n.name : std::string{},
                            .payload = resp::without_arguments(n.text),
                            .from = n.from,
                            .to = n.to};
    if (n.node != routing::no_node) event.node = engine_.router().at(n.node);
    const bool live = n.what == message_kind::subscribed || n.what == message_kind::gap;
    for (const member& m : std::vector<member>{to.members}) {
        m.who->tell(valkeyxx::message{event});
        if (n.what == message_kind::gap_began) ++m.who->stats_.gaps;
        if (n.what == message_kind::refused) {
            m.who->refused(resp::read_server_error(n.text).with("SUBSCRIBE", event.node.text(), 1, executed::no));
            continue;
        }
        if (m.once) m.who->set_live(n.item, scope::one, live);
        if (m.everywhere) m.who->set_live(n.item, scope::everywhere, live);
    }
}

// --- for links -------------------------------------------------------------------------------------------------------

void subscription_hub::ready(subscription_link& by) {
    if (paused_) by.pause();
    subscriptions_.link_ready(by.node(), io::clock::now());
    settle();
}

void subscription_hub::lost(subscription_link& by, bool alive, const error& why) {
    if (closed_) return;
    last_problem_ = why.with({}, engine_.router().at(by.node()).text(), 0, executed::no);
    subscriptions_.link_lost(by.node(), alive, io::clock::now());
    settle();
    if (why.which() == errc::authentication_failed) shut_out(*last_problem_);
}

void subscription_hub::no_map(const error& why) {
    last_problem_ = why;
    if (why.which() == errc::authentication_failed) shut_out(why);  // else it is waited for as long as the caller likes
}

void subscription_hub::shut_out(const error& why) {
    const bool others = std::any_of(links_.begin(), links_.end(),
                                    [](const auto& known) { return known.second->opening() || known.second->ready(); });
    if (others) return;
    for (feed* const f : feeds_) f->shut_out(why);
}

void subscription_hub::message(const subscription_link& by, channel_kind kind, std::string_view name,
                               std::string_view channel, std::string_view payload) {
    // Nearly always the same one as before.
    if (last_item_ == subscriptions::no_item || subscriptions_.kind(last_item_) != kind ||
        subscriptions_.name(last_item_) != name) {
        last_item_ = subscriptions_.find(kind, name);
        if (last_item_ == subscriptions::no_item) return;
    }
    const item_id item = last_item_;
    if (!subscriptions_.takes(item, by.node())) return;
    const bool home = subscriptions_.is_home(item, by.node());
    audience& to = audiences_[item];
    if (!subscriptions_.is_everywhere(item)) {
        const auto print = sessions::echo_filter::print_of(channel, payload);
        if (to.echoes.is_echo(by.node(), print, by.heard())) return;
    }
    const std::string_view pattern = kind == channel_kind::pattern ? name : std::string_view{};
    for (const member& m : to.members) {
        if (m.everywhere || home) m.who->accept(kind, channel, pattern, payload, by.on()->at());
    }
    if (!failed_.empty()) [[unlikely]]
        settle();
}

void subscription_hub::pushed(subscription_link& by, bool subscribed, channel_kind kind, std::string_view name) {
    if (!subscriptions_.pushed(by.node(), subscribed, kind, name)) {
        by.on()->fail(error{errc::protocol_error, "the server confirmed a subscription that nobody asked for"});
        return;
    }
    settle();
}

bool subscription_hub::replied(subscription_link& by, std::optional<std::string_view> error_text) {
    using verdict = routing::subscription_dialogue::verdict;
    const auto v = subscriptions_.replied(by.node(), error_text, engine_.router(), io::clock::now());
    if (v == verdict::broken) {
        by.on()->fail(error{errc::protocol_error, "the server answered a subscription with something else"});
        return true;
    }
    settle();
    return v == verdict::over;
}

}  // namespace valkeyxx::clients
