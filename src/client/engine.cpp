#include "client/engine.hpp"

#include <algorithm>
#include <string>

#include "command/blocking.hpp"
#include "command/keys.hpp"
#include "resp/server_error.hpp"
#include "routing/fanout.hpp"

#include <valkeyxx/observer.hpp>
#include <valkeyxx/print.hpp>
#include <valkeyxx/slot.hpp>

namespace valkeyxx::clients {
namespace {

std::uint64_t fresh_seed(const void* salt) {
    const auto now = static_cast<std::uint64_t>(io::clock::now().time_since_epoch().count());
    return now ^ (reinterpret_cast<std::uintptr_t>(salt) * 0x9E3779B97F4A7C15ULL);
}

// Of a command that may wait without end.
io::time_point far_future(io::time_point from) {
    return from + std::chrono::hours{24 * 365 * 10};
}

// The first two keys of a command that are of different slots, for the error.
std::string slots_of_keys(const listed_command& info, std::string_view bytes) {
    const auto words = routing::words_of(bytes);
    std::vector<std::uint32_t> positions;
    find_keys(info, words, positions);
    const auto first = positions.empty() ? std::uint32_t{0} : positions.front();
    const auto other = std::find_if(positions.begin(), positions.end(),
                                    [&](std::uint32_t at) { return key_slot(words[at]) != key_slot(words[first]); });
    if (other == positions.end()) return {};
    const auto described = [&](std::uint32_t at) {
        const std::string_view key = words[at].substr(0, 64);
        const resp::node text{
            .at = 0, .size = static_cast<std::uint32_t>(key.size()), .span = 1, .kind = value_kind::bulk_string};
        return to_cli_text({key.data(), &text}) + (key.size() < words[at].size() ? "..." : "") + " is of slot " +
               std::to_string(key_slot(words[at]));
    };
    return ": " + described(first) + ", " + described(*other);
}

}  // namespace

engine::engine(io::context& loop, config settings, detail::layout servers, drive how, std::uint64_t seed)
    : loop_{loop},
      config_{std::move(settings)},
      servers_{servers},
      drive_{how},
      policy_{.max_redirects = config_.max_redirects,
              .max_retries = config_.max_retries,
              .reads = config_.reads,
              .one_server = servers != detail::layout::cluster,
              .follow_redirect = servers == detail::layout::one_server},
      router_{seed != 0 ? seed : fresh_seed(this),
              servers == detail::layout::one_server ? nullptr : config_.address_remap},
      keeper_{make_map_keeper(*this)},
      wants_commands_{config_.watcher && config_.watcher->wants_commands()},
      nothing_is_ordinary_{config_.reads != read_from::primary || config_.repeat == repeat_policy::at_least_once ||
                           wants_commands_ || config_.cache.enabled},
      timer_{loop},
      limit_{config_.max_in_flight} {
    if (config_.tls.enabled) start_tls(tls_, config_.tls);
    const tls_options& of_sentinels = config_.sentinel_tls ? *config_.sentinel_tls : config_.tls;
    if (of_sentinels.enabled) start_tls(sentinel_tls_, of_sentinels);
    if (config_.cache.enabled) cache_ = std::make_unique<sessions::client_cache>(config_.cache, !one_shard());
    router_.set_own_zone(config_.availability_zone);
    if (servers == detail::layout::one_server || servers == detail::layout::sentinels) adopt_seeds();
}

void engine::start_tls(std::optional<io::tls_context>& context, const tls_options& options) {
    context.emplace(options);
    if (const auto loaded = context->load(); !loaded) throw exception{loaded.error()};
}

// They are what there is: the first one, and others to take its place.
void engine::adopt_seeds() {
    const auto reached = [this](const endpoint& seed) {
        return config_.remap_seeds && config_.address_remap ? config_.address_remap(seed) : seed;
    };
    shard_info all{.primary = {.address = reached(config_.seeds.front())}, .slots = {{0, slot_count - 1}}};
    for (std::size_t i = 1; i < config_.seeds.size(); ++i) {
        all.replicas.push_back({.address = reached(config_.seeds[i])});
    }
    router_.adopt(shard_map{{std::move(all)}}, router_.tick());
}

void engine::refuse(request& r) {
    error why = end_reason();
    if (!closed_) {
        why = error{{.code = errc::queue_full, .text = crowd(), .command = r.name()}};
    }
    turn_away(r, std::move(why));
}

void engine::refuse(request& r, const error& why) {
    turn_away(r, why.with(r.name(), {}, 0, executed::no));
}

void engine::ask(request& r) {
    if (closed_) {
        r.on_error(end_reason());
        return;
    }
    r.counted_ = false;
    r.attempt_.reset({.by_reader = r.by_reader_, .pinned = r.pinned_});
    timers_.add(r, r.deadline_);
    perform(r, r.attempt_.start(router_, policy_));
}

bool engine::prepare(request& r) {
    if (wants_commands_) watch(r);
    if (r.facts_.how >= handling::cached && ended_by_cache(r)) return false;
    if (cache_ && !r.facts_.info->has(command_flags::readonly)) {
        overwrite(r);
        r.at_end_ |= request::tell_cache;
    }
    const bool by_words = r.facts_.how == handling::binds || r.facts_.how == handling::blocks;
    const auto words = by_words ? routing::words_of(r.bytes_) : std::vector<std::string_view>{};
    if (by_words) r.facts_.how = handling_of(*r.facts_.info, words);
    if (r.facts_.how == handling::breaks || (r.facts_.how == handling::binds && r.lease_ == nullptr)) {
        const auto* const why = r.facts_.how == handling::breaks
                                    ? "it cannot be run as a command: its replies are not one for each request"
                                    : "it changes the state of its connection, which all share: run it in a session";
        r.lease_ = nullptr;  // it does not have its turn there
        fail(r, error{errc::invalid_argument, why}, executed::no);
        return false;
    }
    if (r.facts_.how == handling::blocks) {
        const auto own = *blocking_time(*r.facts_.info, words);
        const bool endless = own == std::chrono::milliseconds::max();
        if (!config_.limit_blocking) r.deadline_ = endless ? far_future(r.deadline_) : r.deadline_ + own;
        if (!r.has_own_clock()) timers_.add_apart(r, r.deadline_);
    }
    if (r.lease_ != nullptr) {
        if (const auto why = r.lease_->begin()) {
            r.lease_ = nullptr;  // it does not have its turn there
            fail(r, *why, executed::no);
            return false;
        }
        if (!r.lease_->open()) r.pinned_ = r.lease_->node();
    }
    r.attempt_.reset(special_subject(r));
    return true;
}

routing::subject engine::special_subject(const request& r) const noexcept {
    const bool reads = config_.reads != read_from::primary && r.facts_.info->has(command_flags::readonly) &&
                       !r.primary_only_ && r.facts_.how != handling::cached;
    const bool any_slot = one_shard() && r.facts_.route != key_route::any;
    return {.route = any_slot ? key_route::slot : r.facts_.route,
            .slot = r.facts_.slot,
            .repeatable = r.facts_.repeatable || config_.repeat == repeat_policy::at_least_once,
            .reads = reads,
            .any_will_do = r.facts_.info->has(command_flags::no_mandatory_keys),
            .apart = r.lease_ != nullptr || r.facts_.how == handling::blocks,
            .has_script = r.facts_.how == handling::script,
            .by_reader = r.by_reader_,
            .pinned = r.pinned_,
            .shard = r.shard_};
}

bool engine::must_wait(request& r) {
    if (r.attempt_.leads_to_primary()) {
        const auto head = router_.primary(r.attempt_.slot());
        if (waiting_.count_for(head) != 0) {
            connection& c = connection_to(head);
            if (!shard_takes(c, r)) {
                crowded(r, c);
                return true;
            }
        }
    }
    if (!waiting_.blocks(r)) return false;
    wait_behind(r);
    return true;
}

void engine::submit(request& r, const target& to, bool each) {
    switch (to.to()) {
        case target::where::by_command:
            if (!each) {
                submit(r);
                return;
            }
            break;
        case target::where::primary:
            if (!each) {
                r.insist_on_primary();
                submit(r);
                return;
            }
            break;
        case target::where::slot:
            if (to.slot() >= slot_count) {
                turn_away(r, error{errc::invalid_argument, "slot " + std::to_string(to.slot()) + " is not below " +
                                                               std::to_string(slot_count)});
                return;
            }
            break;
        default:
            break;
    }
    r.scatter_ = scatter_owner{new scatter{*this, r, to, each}};
    r.facts_.route = key_route::any;  // its parts know where they go
    submit(r);
}

void engine::start_elsewhere(request& r) {
    if (r.facts_.route != key_route::slot && r.facts_.route != key_route::unlisted && !r.scatter_ &&
        r.pinned_ == routing::no_node && r.shard_ == routing::no_node && !one_shard()) {
        const auto how = routing::spread_of(r.facts_);
        if (how != routing::spread::one) r.scatter_ = scatter_owner{new scatter{*this, r, how}};
    }
    begin(r);
}

// For the first time, or again after a wait.
void engine::begin(request& r) {
    if (r.facts_.route == key_route::unlisted && router_.ready() && !one_shard()) {
        if (!dictionary_.resolve(r)) {
            wait(r, r.deadline_, false);
            return;
        }
        r.attempt_.reset(special_subject(r));
        start_elsewhere(r);
    } else if (!r.scatter_) {
        perform(r, r.attempt_.start(router_, policy_));
    } else if (router_.ready()) {
        r.place_ = request::place::scattered;
        r.scatter_->start();
    } else {
        perform(r, {.act = routing::action::wait, .refresh = true, .delay = policy_.max_delay});
    }
}

void engine::perform(request& r, const routing::step& s) {
    if (s.refresh) [[unlikely]] {
        if (s.act == routing::action::send) {
            keeper_->patched(io::clock::now(), s.node);
        } else {
            keeper_->want(io::clock::now());
        }
    }
    switch (s.act) {
        case routing::action::send:
            if (waiting_.blocks(r)) {
                wait_behind(r);
            } else if (r.lease_ != nullptr || r.facts_.how == handling::blocks) {
                exclusive_.send(r, s.node, s.reading, s.asking);
            } else {
                connection_to(s.node, s.reading).submit(r, s.asking);
            }
            return;
        case routing::action::wait:
            wait(r, io::clock::now() + s.delay, s.alone);
            return;
        case routing::action::finish:
            break;
    }
    const auto because = [&r] { return r.last_error_ ? ": " + r.last_error_->text() : std::string{}; };
    switch (s.how) {
        case routing::verdict::reply:
            // A transaction of which a command was refused has not run.
            fail(r, *r.last_error_, r.queueing_ && r.queueing_->refusal ? executed::no : executed::yes);
            return;
        case routing::verdict::refused:
            fail(r, *r.last_error_, executed::no);
            return;
        case routing::verdict::of_a_cluster:
            fail(r,
                 error{errc::server_error, r.last_error_->text() + " (the server is part of a cluster, for which there "
                                                                   "is valkeyxx::cluster)"},
                 executed::no);
            return;
        case routing::verdict::too_many_redirects:
            fail(r, error{errc::too_many_redirects, "redirected too often; the last redirect was" + because()},
                 executed::no);
            return;
        case routing::verdict::lost:
            fail(r, error{errc::connection_lost, "the connection broke before the reply came" + because()},
                 executed::unknown);
            return;
        case routing::verdict::nowhere:
            fail(r, r.last_error_ ? *r.last_error_ : error{errc::unknown_node, "the node has left the cluster"},
                 executed::no);
            return;
        case routing::verdict::exhausted:
        case routing::verdict::shut_out:
            fail(r, *r.last_error_, executed::no);
            return;
        case routing::verdict::cross_slot:
            fail(r,
                 error{errc::cross_slot, "the keys hash to different slots, which no single node can serve" +
                                             slots_of_keys(*r.facts_.info, r.bytes_) +
                                             "; give them a common hash tag such as {user:1}, or let across_slots send "
                                             "one command for each"},
                 executed::no);
            return;
    }
}

void engine::rejected(request& r, std::string_view text) {
    if (r.queueing_ && r.queueing_->refusal) {
        text = *r.queueing_->refusal;  // what EXEC says is only a consequence of it
        if (r.queueing_->multi_refused) {
            fail(r, resp::read_server_error(text), executed::unknown);
            return;
        }
    }
    const routing::node_id from = r.attempt_.at();
    const auto before = router_.tick();
    const routing::step s = r.attempt_.on_error(text, router_, policy_);
    if (router_.tick() != before) map_outdated();  // a MOVED, whether it is followed now or after a wait
    r.place_ = request::place::nowhere;
    r.last_error_ = resp::read_server_error(text);
    if (from != routing::no_node) ++tally(from).errors;
    if (s.whole) r.on_->forget_scripts();
    if (s.act == routing::action::send && !s.whole) {
        note_redirect(s, r, from);
    } else if (s.act != routing::action::finish) {
        ++stats_.retries;
        if (config_.watcher) config_.watcher->retried(r.name(), r.last_error_->text());
    }
    perform(r, s);
}

void engine::note_redirect(const routing::step& s, const request& r, routing::node_id from) {
    ++(s.asking ? stats_.ask : stats_.moved);
    if (config_.watcher) {
        config_.watcher->redirected(s.asking ? observer::redirect_kind::ask : observer::redirect_kind::moved,
                                    r.attempt_.slot(), router_.at(from), router_.at(s.node));
    }
}

void engine::lost(request& r, bool sent, const error& why) {
    if (closed_) {
        fail(r, error{errc::client_closed, "the client was closed before the reply came"},
             sent ? executed::unknown : executed::no);
        return;
    }
    const bool shut_out = !sent && why.which() == errc::authentication_failed;
    if (shut_out || !r.attempt_.was_shut_out()) r.last_error_ = why;  // else there is a better reason already
    if (r.attempt_.at() != routing::no_node) ++tally(r.attempt_.at()).errors;
    const routing::step s =
        shut_out ? r.attempt_.on_shut_out(router_, policy_) : r.attempt_.on_lost(sent, router_, policy_);
    if (s.act == routing::action::wait) {
        ++stats_.retries;
        if (config_.watcher) config_.watcher->retried(r.name(), why.text());
    }
    perform(r, s);
}

void engine::fail(request& r, const error& why, executed ran) {
    const std::string node = r.attempt_.at() == routing::no_node ? std::string{} : router_.at(r.attempt_.at()).text();
    if (ran == executed::no && r.attempt_.may_have_run()) ran = executed::unknown;
    error whole = why.with(r.name(), node, r.attempt_.sends(), ran);
    finished(r, &whole);
    r.on_error(std::move(whole));
}

void engine::wait(request& r, io::time_point until, bool alone) {
    r.place_ = request::place::waiting;
    waiting_.add(r, until, alone, r.attempt_.has_slot() ? router_.primary(r.attempt_.slot()) : routing::no_node,
                 !router_.ready());
}

void engine::wait_behind(request& r) {
    wait(r, {}, false);
}

void engine::resume(waiting_room::group& ready) noexcept {
    while (!ready.empty()) {
        request& r = ready.front();
        ready.pop_front();
        r.place_ = request::place::nowhere;
        if (waiting_.blocks(r)) {
            wait_behind(r);  // one before it has gone straight back to waiting
        } else {
            begin(r);
        }
    }
}

void engine::close() {
    if (std::exchange(closed_, true)) return;
    limit_ = 0;
    keeper_->stop();
    succession_.stop();
    replicas_.stop();
    authenticator_.close();
    // Called from a completion: those that this thread has not come to yet must not come after the client's end.
    for (completing& c : completing_) {
        if (c.thread == std::this_thread::get_id()) completions_.splice(completions_.end(), c.left);
    }
    const error why{errc::client_closed, "the client was closed"};
    while (!gate_.empty()) {
        request& r = gate_.front();
        leave_gate(r);
        refuse(r, why);
    }
    for (connection* const c : std::exchange(full_, {})) {
        while (!c->room().waiting().empty()) {
            request& r = c->room().next();
            leave_line(r);
            fail(r, why, executed::no);
        }
    }
    no_map(why);
    hubs_.close(why);  // before their links fail, which they would mend
    // A connection's failure can only finish requests now, not start any.
    for (const auto& c : connections_) {
        if (c) c->fail(why);
    }
    exclusive_.close(why);
    while (!pauses_.empty()) {
        pause& p = pauses_.front();
        timer_queue::remove(p);
        p.on_due(io::clock::now());
    }
    timer_.cancel();
    connections_.clear();
    dirty_.clear();
}

}  // namespace valkeyxx::clients
