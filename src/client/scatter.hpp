// A request to several nodes, or taken apart by the slots of its keys: its parts under way, and how what comes back
// becomes one outcome.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/request.hpp"
#include "routing/fanout.hpp"
#include "routing/gather.hpp"

#include <valkeyxx/target.hpp>

namespace valkeyxx::clients {

class scatter {
  public:
    /// As the command itself wants it.
    scatter(engine& e, request& whole, routing::spread how);
    /// As the caller wants it.
    /// @param each  the whole's owner is told what each node says, instead of one joined reply
    scatter(engine& e, request& whole, target to, bool each);
    ~scatter();

    /// Starts the parts, at the nodes of now. Requires a topology.
    void start();
    /// Ends every part that is still under way.
    void give_up(giving_up why);
    /// engine::unnoticed() of all parts.
    [[nodiscard]] bool unnoticed() const noexcept;

  private:
    class part;

    part& add_part();
    void aim_at_nodes();
    void aim_at_shard_of(routing::node_id primary);
    void aim_at_head_of(std::uint16_t slot);
    void pin_to(routing::node_id node);
    void take_apart();
    void replied(std::size_t index, reply_view reply);
    void failed(std::size_t index, error why);
    void one_done();
    [[nodiscard]] std::optional<error> outcome() const;
    void finish();
    [[nodiscard]] error joined_error() const;
    [[nodiscard]] std::string reasons() const;

    engine& engine_;
    request& whole_;
    command_facts facts_;  // the whole's, before it was to be scattered
    routing::spread how_ = routing::spread::one;
    std::optional<target> to_;
    bool each_ = false;
    std::vector<routing::fragment> fragments_;
    std::vector<std::unique_ptr<part>> parts_;
    std::optional<routing::gather> gather_;
    std::vector<error> errors_;
    std::size_t open_ = 0;  // parts without an outcome, and one more while start() or give_up() runs
};

}  // namespace valkeyxx::clients
