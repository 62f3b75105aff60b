// Keeps the topology true: asks nodes for it when somebody needs a newer one, once for all who do.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "client/map_keeper.hpp"
#include "client/request.hpp"
#include "topology/ballot.hpp"
#include "topology/refresh_policy.hpp"

#include <valkeyxx/shard_map.hpp>

namespace valkeyxx::clients {

class topology_keeper final : public map_keeper, private timed {
  public:
    explicit topology_keeper(engine& e);
    ~topology_keeper() override;

    void want(io::time_point now, routing::node_id informed = routing::no_node) override {
        want(now, informed, reason::doubt);
    }
    void patched(io::time_point now, routing::node_id informed) override { want(now, informed, reason::news); }
    [[nodiscard]] bool busy() const noexcept override { return policy_.running(); }
    void stop() noexcept override;

  private:
    class probe;
    using reason = topology::refresh_policy::reason;

    void want(io::time_point now, routing::node_id informed, reason why);
    void start(io::time_point now);
    [[nodiscard]] std::vector<routing::node_id> by_preference();
    void mix_in_seeds(std::vector<routing::node_id>& all) const;
    void ask_next(io::time_point now);
    void answered(probe& p, reply_view slots);
    void failed(probe& p, const error& why);
    void note_refusal(const error& why);
    void go_on(io::time_point now);
    void adopt(const topology::view& chosen);
    void give_up();
    void finish() noexcept;
    void on_due(io::time_point now) noexcept override;

    engine& engine_;
    topology::refresh_policy policy_;
    topology::ballot ballot_;
    std::vector<std::unique_ptr<probe>> probes_;  // asked in this refresh
    std::vector<routing::node_id> candidates_;    // to be asked, the last one next
    std::vector<routing::node_id> seeds_;
    shard_map adopted_;        // as the cluster put it: its addresses, no MOVED
    std::uint64_t epoch_ = 0;  // of the newest view adopted
    std::string problems_;     // why each one asked could not tell
    errc worst_ = errc::no_topology;
    std::string server_code_;  // of the first of them that a server has refused
    routing::node_id informed_ = routing::no_node;
    routing::node_id last_asked_ = routing::no_node;
    std::uint32_t asked_at_ = 0;  // the router's tick when this refresh began
    std::size_t open_ = 0;        // probes of this refresh without an answer
    int failures_ = 0;            // refreshes in a row that every node asked has failed
    std::uint64_t refresh_ = 0;   // counts refreshes: late answers to an earlier one are ignored
    routing::node_id first_told_by_ = routing::no_node;
    int opinions_wanted_ = 0;  // how often to try that another node than the first confirms the first topology
    bool stopped_ = false;
};

}  // namespace valkeyxx::clients
