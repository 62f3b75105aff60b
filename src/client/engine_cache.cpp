// What the engine has to do with kept replies: asks the cache before a server, and tells it what outdates them. What
// connections have to do with them is in connection_cache.cpp.
#include "client/engine.hpp"

#include <string>
#include <vector>

#include "command/keys.hpp"
#include "routing/fanout.hpp"
#include "routing/standing.hpp"

namespace valkeyxx::clients {

bool engine::ended_by_cache(request& r) {
    if (r.facts_.how == handling::uncacheable) {
        const auto* const why = r.facts_.kept_for.is_zero()
                                    ? "it is to be cached for no time"
                                    : "it cannot be cached: its reply depends on more than its keys "
                                      "hold, or changes them";
        r.scatter_.reset();
        r.lease_ = nullptr;
        r.attempt_.reset({});
        fail(r, error{errc::invalid_argument, why}, executed::no);
        return true;
    }
    const bool by_its_keys =
        !r.scatter_ && r.lease_ == nullptr && r.pinned_ == routing::no_node && r.shard_ == routing::no_node;
    if (!cache_ || !by_its_keys) {
        r.facts_.how = handling::ordinary;
        return false;
    }
    if (r.facts_.route != key_route::slot && !one_shard()) return false;  // to be taken apart, or refused
    const auto found = cache_->find(r.bytes_, io::clock::now());
    if (!found) return false;
    if (found->ask) connection_to(found->from).probe(found->key);
    r.attempt_.reset({});
    finished(r, nullptr);
    r.on_reply(found->reply);
    return true;
}

// Its own writes, when they are started and again when they are over: what is asked for after that is not answered with
// what was there before. The server's word is too late for it: it comes behind the reply, or by another connection.
void engine::overwrite(const request& r) {
    const bool by_slot = r.facts_.route == key_route::slot && !one_shard();
    if (by_slot && !cache_->knows(r.facts_.slot)) return;
    if (r.facts_.how == handling::transaction || r.facts_.how == handling::script) {
        // Keys stand in a transaction's commands, and a script's behind the script. A script without any writes
        // nothing.
        if (by_slot) {
            cache_->overwrite_slot(r.facts_.slot);
        } else if (r.facts_.how == handling::transaction || r.facts_.route != key_route::any) {
            cache_->overwrite_all();
        }
        return;
    }
    const listed_command& info = *r.facts_.info;
    if (info.keys.empty() && info.id == command_id::raw && r.facts_.route != key_route::any) {
        cache_->overwrite_slot(r.facts_.slot);  // a module's command: its first argument is probably its key
        return;
    }
    const auto words = routing::words_of(r.bytes_);
    std::vector<std::uint32_t> positions;
    if (find_keys(info, words, positions) == key_search::found) {
        for (const auto at : positions) cache_->overwrite(words[at]);
    } else if (by_slot) {
        cache_->overwrite_slot(r.facts_.slot);
    } else if (info.has(command_flags::write) || info.id == command_id::exec) {
        cache_->overwrite_all();  // FLUSHALL, SWAPDB; what a session has put between MULTI and EXEC
    }
}

// >2 invalidate [key ...], or null instead of the keys: all.
bool engine::invalidated(const connection& c, reply_view push) {
    if (!cache_ || push.size() != 2 || push[0].text() != "invalidate") return false;
    const reply_view keys = push[1];
    if (keys.is_null()) {
        cache_->flush(c.node());
    } else {
        for (const reply_view key : keys) cache_->invalidate(key.text());
    }
    return true;
}

void engine::owners_changed() {
    cache_->owners_changed([this](std::uint16_t slot) { return router_.primary(slot); });
}

void engine::take_news(const command_facts& about) {
    if (about.route != key_route::slot) {  // it will be taken apart
        take_all_news();
        return;
    }
    if (!cache_ || !cache_->knows(about.slot)) return;
    const routing::node_id node = router_.primary(about.slot);
    if (node != routing::no_node && connected(node, false)) connection_to(node).look();
}

void engine::take_all_news() {
    if (!cache_) return;
    // A connection that is found broken may have others be made.
    for (std::size_t i = 0; i < connections_.size(); ++i) {
        const auto c = connections_[i];
        if (c && c->tracks()) c->look();
    }
}

void engine::probed(const connection& c, std::uint16_t slot, io::time_point asked, reply_view reply) {
    switch (routing::standing_of(reply)) {
        case routing::standing::serves:
            break;
        case routing::standing::slot_leaves:
            cache_->overwrite_slot(slot);
            want_map(c.node());
            break;
        case routing::standing::cut_off:
            cache_->flush(c.node());
            want_map(routing::no_node);
            return;
    }
    cache_->confirmed(c.node(), asked);
}

}  // namespace valkeyxx::clients
