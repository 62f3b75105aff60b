// Changing a running cluster: failover, healing, moving slots.
#include <cstdint>
#include <set>
#include <string>

#include "support/cluster.hpp"
#include "support/poll.hpp"

namespace valkeyxx::testing {

void valkey_cluster::heal() {
    for (auto& one : nodes_) {
        if (one.proxy) one.proxy->clear();
        one.server.resume();
        if (!one.server.is_running()) one.server.start();
    }
    wait();
}

void valkey_cluster::flush_all() {
    for (int shard = 0; shard < shards(); ++shard) {
        auto admin = primary(shard).admin();
        admin({"FLUSHALL", "SYNC"});
        poll_until("replicas to flush", [&] {
            return admin({"WAIT", std::to_string(options_.replicas), "500"}) == std::to_string(options_.replicas);
        });
    }
}

void valkey_cluster::failover(int shard, failover_mode mode) {
    auto& next = replica(shard);
    admin::request command{"CLUSTER", "FAILOVER"};
    if (mode == failover_mode::force) command.emplace_back("FORCE");
    if (mode == failover_mode::takeover) command.emplace_back("TAKEOVER");
    next.admin()(command);
    poll_until(
        "replica to be promoted", [&] { return &primary(shard) == &next; }, std::chrono::seconds{30});
    wait_ok();
}

void valkey_cluster::move_slot(std::uint16_t slot, valkey_server& to) {
    begin_migration(slot, to);
    migrate_keys(slot, to);
    finish_migration(slot, to);
}

// The target learns of it first: it must be ready when the source starts to send clients there.
void valkey_cluster::begin_migration(std::uint16_t slot, valkey_server& to) {
    auto& from = node_serving(slot);
    const auto number = std::to_string(slot);
    to.admin()({"CLUSTER", "SETSLOT", number, "IMPORTING", id_of(from)});
    from.admin()({"CLUSTER", "SETSLOT", number, "MIGRATING", id_of(to)});
}

int valkey_cluster::migrate_keys(std::uint16_t slot, valkey_server& to, int limit) {
    auto source = node_serving(slot).admin();
    int moved = 0;
    while (moved < limit) {
        const auto batch = std::to_string(std::min(100, limit - moved));
        const auto keys = source.call({"CLUSTER", "GETKEYSINSLOT", std::to_string(slot), batch}).items;
        if (keys.empty()) break;
        admin::request command{"MIGRATE", to.host(), std::to_string(to.secure_port()), "", "0", "5000"};
        if (!options_.password.empty()) command.insert(command.end(), {"AUTH", options_.password});
        command.emplace_back("KEYS");
        for (const auto& key : keys) command.push_back(key.text);
        source(command);
        moved += static_cast<int>(keys.size());
    }
    return moved;
}

// The target first: it takes the slot with a new epoch, and the source then never points to a node that refuses.
void valkey_cluster::finish_migration(std::uint16_t slot, valkey_server& to) {
    auto& from = node_serving(slot);
    const auto& owner = id_of(to);
    const admin::request command{"CLUSTER", "SETSLOT", std::to_string(slot), "NODE", owner};
    to.admin()(command);
    from.admin()(command);
    // With its new epoch, too: a node that takes the slot back before it has heard of that would choose the same one.
    poll_until("all nodes to know the slot's new owner", [&] {
        std::set<std::uint64_t> epochs;
        for (const auto& one : ask_running()) {
            const auto* line = one.view.owner(slot);
            if (line == nullptr || line->id != owner) return false;
            epochs.insert(line->epoch);
        }
        return epochs.size() == 1;
    });
}

void valkey_cluster::cancel_migration(std::uint16_t slot, valkey_server& to) {
    const admin::request command{"CLUSTER", "SETSLOT", std::to_string(slot), "STABLE"};
    node_serving(slot).admin()(command);
    to.admin()(command);
}

}  // namespace valkeyxx::testing
