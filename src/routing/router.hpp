// Which node serves a slot now: the last topology, mended by each MOVED since.
//
//   router r{seed};
//   r.adopt(map, r.tick());                    // from CLUSTER SLOTS
//   r.moved(866, r.intern({"10.0.0.7", 7001})); // from a MOVED
//   node_id n = r.primary(866);
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/random.hpp"
#include "routing/node_id.hpp"

#include <valkeyxx/config.hpp>
#include <valkeyxx/shard_map.hpp>

namespace valkeyxx::routing {

enum class health : std::uint8_t {
    well,
    cut_off,  ///< a replica that answers and does not hear from its primary
    silent,   ///< it does not answer, or not yet
};

class router {
  public:
    /// Where to reach what the cluster calls by an address; empty: there.
    using remap = std::function<endpoint(const endpoint&)>;

    explicit router(std::uint64_t seed, remap how = {});

    /// The id of the node that is reached at an endpoint, which is added if it is not known yet.
    node_id intern(const endpoint& at);
    /// The id of the node that the cluster calls by this address. `no_node` if so many have been named by now that
    /// somebody must be making them up.
    node_id named(const endpoint& by_cluster);
    [[nodiscard]] const endpoint& at(node_id node) const noexcept { return nodes_[node].at; }
    /// The host under which the cluster knows the node.
    [[nodiscard]] const std::string& host_of(node_id node) const noexcept { return nodes_[node].announced_host; }
    /// The node that is reached at an endpoint, if it is part of the map as it stands; else `no_node`.
    [[nodiscard]] node_id member_at(const endpoint& at) const noexcept;
    /// How many ids have been given out: they are 0 to this - 1.
    [[nodiscard]] std::size_t known_nodes() const noexcept { return nodes_.size(); }

    /// A moment in the router's own time: it passes with each `moved`.
    [[nodiscard]] std::uint32_t tick() const noexcept { return tick_; }

    /// Takes over a topology that was asked for at `asked`: slots that have moved since keep what the MOVED said.
    /// Its addresses are the cluster's. True: it says of these slots what the MOVEDs said.
    bool adopt(const shard_map& map, std::uint32_t asked);

    /// A node said that `slot` is served by `to`. If `to` is a replica of the slot's shard, that was a failover: the
    /// whole shard has a new primary. Else it is a migration: the one slot has moved.
    void moved(std::uint16_t slot, node_id to);
    /// A node says that this one is the primary in its place: of the only shard there is.
    void redirected(node_id to);
    /// A replica says that it is a primary: its shard has failed over to it. False if it is not known as a replica.
    bool promoted(node_id replica);

    /// The primary that serves the slot, `no_node` if nobody is known to; requires slot < slot_count.
    [[nodiscard]] node_id primary(std::uint16_t slot) const noexcept {
        const auto index = shard_of_[slot];
        return index == nobody ? no_node : heads_[index];
    }
    /// Who shall answer a command on the slot that only reads; `no_node` if nobody is known to serve it.
    node_id reader(std::uint16_t slot, read_from how);
    /// Whether the node is a primary or a replica of the map as it stands.
    [[nodiscard]] bool serves(node_id node) const noexcept {
        return node < nodes_.size() && nodes_[node].role != role::none;
    }
    [[nodiscard]] bool is_primary(node_id node) const noexcept { return nodes_[node].role == role::primary; }
    [[nodiscard]] bool is_replica(node_id node) const noexcept { return nodes_[node].role == role::replica; }
    /// The primary of the shard that a node is part of, or was part of until another one took its place; `no_node` if
    /// it is of none.
    [[nodiscard]] node_id head_of(node_id node) const noexcept;
    /// The replicas of a primary.
    [[nodiscard]] std::span<const node_id> heirs_of(node_id primary) const noexcept;
    /// Every node of the map as it stands; primaries first.
    [[nodiscard]] std::vector<node_id> members() const;
    [[nodiscard]] std::vector<node_id> primaries() const;
    [[nodiscard]] std::vector<node_id> replicas() const;
    [[nodiscard]] node_id random_primary() noexcept;
    [[nodiscard]] node_id random_member() noexcept;

    /// Where commands without keys go: a primary if there is one, the same as long as nobody says otherwise.
    [[nodiscard]] node_id default_node() noexcept;
    /// Requires serves(node).
    void set_default_node(node_id node) noexcept { default_ = node; }
    /// The default node has failed a command: another primary takes its place, if there is one.
    void replace_default_node(node_id failed) noexcept;

    /// True once a topology has been adopted.
    [[nodiscard]] bool ready() const noexcept { return ready_; }

    /// What is known of a node as one that may answer reads. Nodes are well until somebody says otherwise.
    void set_health(node_id node, health how) noexcept { nodes_[node].how = how; }
    /// In any unit; 0: not measured yet.
    void set_latency(node_id node, std::uint64_t latency) noexcept { nodes_[node].latency = latency; }
    [[nodiscard]] std::uint64_t latency(node_id node) const noexcept { return nodes_[node].latency; }
    void set_zone(node_id node, std::string_view zone) { nodes_[node].zone = zone; }
    /// The zone for read_from::same_zone.
    void set_own_zone(std::string_view zone) { own_zone_ = zone; }

    /// The map as it stands, with each MOVED worked in, and addresses as they are reached.
    [[nodiscard]] shard_map snapshot() const;

    base::random& random() noexcept { return random_; }

  private:
    static constexpr std::uint16_t nobody = 0xFFFF;
    enum class role : std::uint8_t { none, primary, replica };

    struct member {
        endpoint at;
        std::string announced_host;
        std::string cluster_id = {};  // the cluster's own name of it, if known
        std::string zone = {};
        std::uint64_t latency = 0;
        std::uint16_t shard = nobody;  // of `role`
        node_id successor = no_node;   // which took its place as a primary; of one that has left
        enum role role = role::none;
        health how = health::well;
    };

    struct group {
        std::vector<node_id> replicas = {};
        std::uint32_t next_reader = 0;
        std::uint16_t some_slot = 0;  // of its slots, when it came about
    };

    void give(std::uint16_t slot, node_id to);
    std::uint16_t shard_with_primary(node_id node);
    std::uint16_t add_shard(node_id primary);
    void enlist(std::uint16_t shard);
    void note_successor(node_id old_head, const group& old);
    void promote(std::uint16_t shard, node_id replica);
    node_id chosen_reader(std::uint16_t shard, read_from how);
    template <class Good>
    node_id next_reader(std::uint16_t shard, bool with_primary, Good good);
    node_id quickest(std::uint16_t shard) const noexcept;

    remap remap_;
    std::vector<member> nodes_;
    std::unordered_map<endpoint, node_id> ids_;
    // The primaries stand close together, apart from the rest of their shards: of a thousand shards, they are what each
    // command looks at.
    std::vector<node_id> heads_;
    std::vector<group> shards_;  // in the same order
    std::array<std::uint16_t, slot_count> shard_of_{};
    std::array<std::uint32_t, slot_count> moved_at_{};  // tick of the last MOVED of each slot
    std::string own_zone_;
    std::uint32_t tick_ = 0;
    node_id default_ = no_node;
    bool ready_ = false;
    base::random random_;
};

}  // namespace valkeyxx::routing
