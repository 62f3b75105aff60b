// Chapter: a primary dies under load.
#include <algorithm>

#include "demo/audit.hpp"
#include "demo/chapters.hpp"
#include "demo/interrupt.hpp"
#include "demo/require.hpp"
#include "demo/writer.hpp"

namespace valkeyxx::demo {

namespace {

using namespace std::chrono_literals;
using testing::poll_until;

// What happened when.
struct timeline {
    clock::time_point kill;      // SIGKILL is about to be sent
    clock::time_point dead;      // the process is gone
    clock::time_point promoted;  // the nodes name another primary
};

void write_more(const writer& load, std::size_t count) {
    const auto enough = load.acknowledged() + count;
    poll_until("writes to be acknowledged", [&] {
        check_interrupt();
        return load.acknowledged() >= enough;
    });
}

testing::valkey_server& wait_for_primary(testing::valkey_cluster& servers, int shard) {
    testing::valkey_server* found = nullptr;
    poll_until(
        "the replica to be promoted",
        [&] {
            check_interrupt();
            found = &servers.primary(shard);
            return true;
        },
        30s);
    return *found;
}

write wait_for_write(const writer& load, const std::function<bool(const write&)>& wanted) {
    std::optional<write> found;
    poll_until(
        "a write to the slots of the dead primary",
        [&] {
            check_interrupt();
            found = load.find(wanted);
            return found.has_value();
        },
        30s);
    return *found;
}

// Requires that there is one.
const write& last_of(const std::vector<write>& writes, const std::function<bool(const write&)>& wanted) {
    return *std::find_if(writes.rbegin(), writes.rend(),
                         [&](const write& w) { return w.is_acknowledged() && wanted(w); });
}

std::string count_of(const std::vector<write>& writes, write::outcome how) {
    return std::to_string(std::count_if(writes.begin(), writes.end(), [how](const write& w) { return w.how == how; }));
}

void tell_outcomes(narrator& out, const writer& load) {
    const auto& writes = load.writes();
    out.tell(std::to_string(writes.size()) + " writes: " + count_of(writes, write::outcome::acknowledged) +
             " acknowledged, " + count_of(writes, write::outcome::failed) + " failed, " +
             count_of(writes, write::outcome::may_have_run) + " may have run; " +
             std::to_string(load.statistics().retries) + " tries were repeated by the client");
    for (const auto& one : writes) {
        if (!one.is_acknowledged()) out.tell("not acknowledged: " + one.problem);
    }
}

void tell_audit(narrator& out, const audit_result& found) {
    out.tell("looked up: " + counted(found.sets, "acknowledged SET") + " and " + counted(found.counters, "counter") +
             " with " + counted(found.increments, "acknowledged INCR"));
    if (found.lost_sets == 0 && found.lost_increments == 0) {
        out.tell("all of them are there, and no counter counted twice");
        return;
    }
    out.stress(
        "the server lost " + counted(static_cast<std::size_t>(found.lost_sets), "SET") + " and " +
        counted(static_cast<std::size_t>(found.lost_increments), "INCR") +
        " which the old primary had acknowledged within its last second: replication is asynchronous, and Valkey "
        "promises no more; everything else is there, and no counter counted twice");
}

}  // namespace

void survive_failover(narrator& out, testing::valkey_cluster& servers, const std::string& seed, cluster& client,
                      std::chrono::milliseconds node_timeout) {
    out.chapter("A primary dies under load");
    constexpr int shard = 0;
    auto& victim = servers.primary(shard);
    const endpoint address{victim.host(), victim.port()};
    const auto map = client.topology();
    const auto concerned = [&](const write& w) { return map->shard_of(w.slot())->primary.address == address; };

    writer load{seed};
    out.tell(
        "one thread writes through the synchronous client: SETs, every 5th command an INCR, 1 ms apart; when one "
        "waits, all wait");
    write_more(load, 300);

    timeline t;
    t.kill = clock::now();
    victim.kill9();
    t.dead = clock::now();
    const auto& heir = wait_for_primary(servers, shard);
    t.promoted = clock::now();
    // What is acknowledged right after the kill was written before it: no heir is elected before the node timeout.
    const auto old_news = t.dead + node_timeout / 2;
    const auto first = wait_for_write(load, [&](const write& w) { return concerned(w) && w.ended > old_news; });
    write_more(load, 300);
    load.stop();

    const auto last = last_of(load.writes(), [&](const write& w) { return concerned(w) && w.ended <= old_news; });

    const auto after = [&](clock::time_point when) { return "+" + to_text(when - t.kill); };
    out.table({{"time", "event"},
               {"+0.00 s", "SIGKILL to " + address.text() + ", a primary and the client's only seed"},
               {after(t.promoted),
                "the nodes say that " + endpoint{heir.host(), heir.port()}.text() + " is primary in its place"},
               {after(first.ended), "the first write to its slots is acknowledged again"}});
    out.tell("it had stayed " + to_text(first.ended - first.started) +
             " inside its call, while the client tried again and again; from the old primary's last acknowledgement "
             "to this one passed " +
             to_text(first.ended - last.ended));
    tell_outcomes(out, load);

    const auto may_be_lost = [&](const write& w) {
        return concerned(w) && w.ended > t.kill - 1s && w.ended < old_news;
    };
    tell_audit(out, audit(client, load.writes(), may_be_lost));
}

}  // namespace valkeyxx::demo
