// Several requests at once, each to a node of its own or wherever its slot is; or a pause. What a scan does in one
// turn.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

#include "client/engine.hpp"
#include "client/pause.hpp"
#include "routing/key_scan.hpp"

namespace valkeyxx::clients {

class round final : private pause {
  public:
    /// Told under the engine's lock; must not call the engine, except to defer a completion.
    class owner {
      public:
        /// An outcome for each request. @param from  the node that answered
        virtual void on_reply(std::size_t request, reply_view reply, const endpoint& from) noexcept = 0;
        virtual void on_error(std::size_t request, error why) noexcept = 0;
        /// After all of them, or after the pause; once.
        virtual void round_over() noexcept = 0;

      protected:
        ~owner() = default;
    };

    round();
    ~round() override;

    /// Requires the engine's lock, as all below, and that no earlier one is under way.
    /// @param own_clock  the owner watches the deadline and calls expire()
    void start(engine& e, routing::scan_round what, io::time_point deadline, owner& who, bool own_clock);
    /// The connection that one of the requests is in flight on; nullptr if there is none.
    [[nodiscard]] connection* awaited() noexcept;
    /// There is no outcome yet for some of what was started.
    [[nodiscard]] bool under_way() const noexcept { return open_ != 0; }
    /// Ends what is still under way.
    void give_up(giving_up why);
    void expire() { give_up(giving_up::expired); }

  private:
    class part;

    void passed() noexcept override { one_done(); }
    void start_part(std::size_t index, io::time_point deadline, bool own_clock);
    void one_done() noexcept;

    engine* engine_ = nullptr;
    owner* owner_ = nullptr;
    routing::scan_round what_;
    std::vector<std::unique_ptr<part>> parts_;
    std::size_t open_ = 0;  // requests without an outcome, and one more while start() or give_up() runs
};

}  // namespace valkeyxx::clients
