#include "checks.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "routing/attempt.hpp"
#include "server.hpp"

namespace valkeyxx::simulation {
namespace {

using namespace std::chrono_literals;

constexpr auto late = 1ms;                      // after its deadline a command may complete
constexpr std::uint32_t redirects_at_once = 4;  // of those in a row; the client waits before it follows more

// Why `value` cannot be what the key holds; empty: it can.
std::string wrong_value(const world& w, std::size_t key, std::string_view value) {
    const auto writer = [&](std::string_view word, operation what) {
        const command_number n = number_in(word);
        if (!w.commands.known(n)) return false;
        const record& r = w.commands.of(n);
        return r.what == what && r.key == key && r.executions != 0;
    };
    if (value.empty()) return {};
    switch (w.keys.keys()[key].holds) {
        case content::text:
            return writer(value, operation::set) ? "" : "a value that nobody has set";
        case content::list_of_tokens: {
            std::set<std::string_view> seen;
            while (!value.empty()) {
                const auto end = value.find(';');
                const auto token = value.substr(0, end);
                if (end == std::string_view::npos || !writer(token, operation::append))
                    return "a token nobody appended";
                if (!seen.insert(token).second && w.commands.of(number_in(token)).once) return "a token twice";
                value.remove_prefix(end + 1);
            }
            return {};
        }
        case content::counter:
            return value.find_first_not_of("0123456789") == std::string_view::npos ? "" : "no number";
    }
    return {};
}

std::string wrong_number(const record& r, command_number n, reply_view reply) {
    const auto value = reply.as_integer();
    if (!value) return "not an integer";
    if (*value / reply_unit != n) return "the reply of another command";
    if (r.executions == 1 && *value % reply_unit != r.result) return "not the result it had";
    return {};
}

// Of several parts, of which from `least` to `most` carried the number.
std::string wrong_sum(command_number n, reply_view reply, std::size_t least, std::size_t most, std::size_t limit) {
    const auto value = reply.as_integer();
    if (!value) return "not an integer";
    const auto numbers = static_cast<std::size_t>(*value / reply_unit);
    if (numbers % n != 0 || numbers / n < least || numbers / n > most) return "the reply of another command";
    return static_cast<std::size_t>(*value % reply_unit) > limit ? "a number out of range" : "";
}

std::string wrong_reply(const world& w, command_number n, reply_view reply) {
    const record& r = w.commands.of(n);
    const std::string mark = "#" + std::to_string(n);
    switch (r.what) {
        case operation::get:
            if (!reply.is_string() || !reply.text().starts_with(mark + "|")) return "the reply of another command";
            return wrong_value(w, r.key, reply.text().substr(mark.size() + 1));
        case operation::set:
            return reply.text() == "OK " + mark ? "" : "the reply of another command";
        case operation::append:
        case operation::incr:
            return wrong_number(r, n, reply);
        case operation::del:
            return wrong_sum(n, reply, 1, 1, 1 + r.more_keys.size());
        case operation::dbsize:
            return wrong_sum(n, reply, 1, w.nodes.size(), w.keys.keys().size() * w.nodes.size());
        case operation::mget: {
            const std::size_t keys = 1 + r.more_keys.size();
            if (reply.size() != keys + 1 || number_in(reply[keys].text()) != n) return "the reply of another command";
            for (std::size_t i = 0; i < keys; ++i) {
                const std::size_t key = i == 0 ? r.key : r.more_keys[i - 1];
                if (auto wrong = wrong_value(w, key, reply[i].text()); !wrong.empty()) return wrong;
            }
            return {};
        }
        case operation::ping:
            return reply.text() == mark ? "" : "the reply of another command";
    }
    return {};
}

std::string shown(reply_view reply) {
    if (!reply.is_aggregate()) return std::string{reply.text()};
    std::string all;
    for (const reply_view each : reply) all += shown(each) + ",";
    return all;
}

void completed(world& w, command_number n) {
    record& r = w.commands.of(n);
    r.done = scheduler::now();
    if (++r.completions != 1) w.judgement.fail("a command was completed twice: " + w.commands.describe(n));
    if (r.done > r.deadline + late) w.judgement.fail("completed after its deadline: " + w.commands.describe(n));
}

}  // namespace

void check_reply(world& w, command_number n, reply_view reply) {
    record& r = w.commands.of(n);
    r.reply = shown(reply);
    completed(w, n);
    w.log([&] { return "done: " + w.commands.describe(n); });
    if (r.executions == 0) w.judgement.fail("a reply to what was never executed: " + w.commands.describe(n));
    if (const std::string wrong = wrong_reply(w, n, reply); !wrong.empty()) {
        w.judgement.fail("a wrong reply (" + wrong + "): " + w.commands.describe(n));
    }
}

void check_error(world& w, command_number n, const error& why, bool closed) {
    record& r = w.commands.of(n);
    r.failure = why;
    completed(w, n);
    w.log([&] { return "done: " + w.commands.describe(n); });
    bool expected = false;
    switch (why.which()) {
        case errc::timed_out:
        case errc::cannot_connect:
        case errc::connection_lost:
        case errc::too_many_redirects:
        case errc::no_topology:
        case errc::slot_not_served:
            expected = true;
            break;
        case errc::partly_failed:
            expected = r.what == operation::ping || r.what == operation::dbsize || !r.more_keys.empty();
            break;
        case errc::queue_full:
            expected = w.settings.client.max_in_flight < 1000;
            break;
        case errc::client_closed:
            expected = closed;
            break;
        case errc::server_error:  // the last of many
            expected = w.settings.client.max_retries < 1000;
            break;
        default:
            break;
    }
    if (!expected) w.judgement.fail("an error that nothing explains: " + w.commands.describe(n));
    if (why.executed() == executed::yes) w.judgement.fail("an error of a command that ran: " + w.commands.describe(n));
    if (why.executed() == executed::no && r.executions != 0) {
        w.judgement.fail("said not to have run, but it has: " + w.commands.describe(n));
    }
    if (r.probe) w.judgement.fail("fails although all is well again: " + w.commands.describe(n));
}

namespace {

// How often a command may wait for its next try in that time.
double most_waits(const plan& p, duration time) {
    using real = std::chrono::duration<double>;
    const routing::retry_policy policy;
    const double shortest = time / real{policy.first_delay};
    // Waits grow by decorrelated jitter, to two fifths of the longest one on average. With chance below 1e-11 more of
    // them than this are over in that time.
    const double longest = time / real{policy.max_delay};
    const double grown = 2.5 * longest + 17.5 * std::sqrt(longest);
    // Each new map ends the waits before their time.
    const double maps = 2 + time / real{p.client.refresh_interval};
    return std::min(shortest, grown) + maps;
}

}  // namespace

void check_history(world& w, const stats& s) {
    const auto redirects = static_cast<std::uint32_t>(w.settings.client.max_redirects) + 1;
    std::uint64_t moved = 0;
    std::uint64_t ask = 0;
    for (command_number n = 1; n <= w.commands.all().size(); ++n) {
        const record& r = w.commands.of(n);
        // Of a lost reply the client knows nothing, but such a command it does not send again.
        if (r.once && r.more_keys.empty() && r.all_redirects <= redirects_at_once) {
            moved += r.followed_moved;
            ask += r.followed_ask;
        }
        const auto fail = [&](const char* what) { w.judgement.fail(what + (": " + w.commands.describe(n))); };
        if (r.completions != 1) fail("a command was not completed");
        // After a broken connection a command begins anew, which the servers cannot see.
        if (r.most_redirects > redirects && s.disconnects == 0) fail("too many redirects were followed");
        const double parts = r.what == operation::ping || r.what == operation::dbsize
                                 ? static_cast<double>(w.nodes.size())
                                 : static_cast<double>(1 + r.more_keys.size());
        const double waits = most_waits(w.settings, r.done - r.submitted);
        const auto sends = static_cast<double>(r.arrivals.size());
        const double tries = sends - r.all_redirects;  // what was sent on left again without a wait
        if (tries > parts * (1 + std::min<double>(waits, w.settings.client.max_retries))) fail("tried too often");
        if (sends > parts * (1 + waits) * (1 + redirects_at_once)) fail("sent too often");
        if (r.most_redirects > redirects_at_once + 1 + waits && s.disconnects == 0) fail("redirects followed too fast");
    }
    if (moved > s.moved || ask > s.ask) {
        w.judgement.fail("the client has waited before it followed a redirect, or has not counted it");
    }
}

void check_data(world& w) {
    const auto& keys = w.keys.keys();
    std::vector<std::string> tokens(keys.size());
    for (std::size_t k = 0; k < keys.size(); ++k) {
        const int owner = w.nodes.owner(keys[k].chunk);
        if (owner == nobody) continue;
        const std::string& value = w.nodes.at(owner).read(k);
        if (const std::string wrong = wrong_value(w, k, value); !wrong.empty()) {
            w.judgement.fail("key " + keys[k].name + " has " + wrong + ": " + value);
        }
        tokens[k] = ";" + value;
    }
    if (w.nodes.data_was_lost()) return;
    for (command_number n = 1; n <= w.commands.all().size(); ++n) {
        const record& r = w.commands.of(n);
        if (r.what != operation::append || r.failure || r.completions == 0) continue;
        if (tokens[r.key].find(";#" + std::to_string(n) + ";") == std::string::npos) {
            w.judgement.fail("acknowledged, and gone: " + w.commands.describe(n));
        }
    }
}

void check_refreshes(world& w, const stats& s) {
    const auto most = static_cast<std::uint64_t>(scheduler::elapsed() / w.settings.client.refresh_interval) + 2;
    if (s.refreshes > most) {
        w.judgement.fail(std::to_string(s.refreshes) + " topology refreshes, where " + std::to_string(most) +
                         " are allowed");
    }
}

std::string wrong_in_map(world& w, const shard_map& map) {
    const auto& chunks = w.keys.chunks();
    for (std::size_t c = 0; c < chunks.size(); ++c) {
        const node& owner = w.nodes.at(w.nodes.owner(static_cast<chunk_index>(c)));
        const std::string host = w.settings.host_names ? owner.name() : owner.at.host();
        for (std::uint32_t slot = chunks[c].first; slot <= chunks[c].last; ++slot) {
            const shard_info* shard = map.shard_of(static_cast<std::uint16_t>(slot));
            if (shard != nullptr && shard->primary.address.host == host) continue;
            return "the client takes " + (shard ? shard->primary.address.text() : std::string{"nobody"}) +
                   " for the primary of slot " + std::to_string(slot) + ", which is " + host;
        }
    }
    return {};
}

}  // namespace valkeyxx::simulation
