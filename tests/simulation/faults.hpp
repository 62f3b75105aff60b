// Makes the planned faults happen, and ends them.
#pragma once

#include <array>
#include <vector>

#include "world.hpp"

namespace valkeyxx::simulation {

class faults {
  public:
    explicit faults(world& w) : world_{w} {}

    /// Puts everything that is planned on the schedule.
    void schedule();
    /// Ends whatever is still going on.
    void heal();
    /// How many of each kind have really happened.
    [[nodiscard]] const std::array<std::uint32_t, fault_kinds>& happened() const noexcept { return happened_; }

    /// Something has made bytes wait for longer than their way takes.
    [[nodiscard]] bool held_up_bytes() const noexcept;
    /// Something that is planned does.
    [[nodiscard]] bool will_hold_up_bytes() const noexcept;

  private:
    bool begin(const planned_fault& f);
    bool end_process(node& n, process how, duration length);
    bool suspend(node& n, process how, duration length);
    bool split(duration length);
    void flicker(node& n, time_point end);
    bool lie_nowhere(duration length);
    bool lie_in_a_loop(duration length);
    bool migrate(duration length);
    bool break_links(fault kind);
    bool restart_everything(bool elsewhere, duration length);
    void later(duration length, task<> undo);

    node& any_node();
    /// A node that runs; with `primary`, one that is primary. Null if there is none.
    node* running_node(bool primary);
    node* running_replica();

    world& world_;
    std::array<std::uint32_t, fault_kinds> happened_{};
};

}  // namespace valkeyxx::simulation
