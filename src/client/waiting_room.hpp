// Requests between two tries. Those for the same slot wait together and go on in the order in which they came, so that
// retries do not turn "SET k 1, SET k 2" around.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/intrusive/list.hpp>

#include "client/request.hpp"
#include "client/timer_queue.hpp"

namespace valkeyxx::clients {

class waiting_room {
  public:
    using group = boost::intrusive::list<request>;

    /// Told, under the engine's lock, when a group has waited long enough.
    class owner {
      public:
        /// Takes over all of `ready`.
        virtual void resume(group& ready) noexcept = 0;

      protected:
        ~owner() = default;
    };

    waiting_room(owner& who, timer_queue& timers) noexcept : owner_{who}, timers_{timers} {}

    [[nodiscard]] bool empty() const noexcept { return queues_.empty(); }

    /// An earlier request for its slot waits, which this one must not overtake: it has to be added, too.
    [[nodiscard]] bool blocks(const request& r) const noexcept;
    /// Lets the request wait until then, or as long as those do that wait for its slot already.
    /// @param alone  what it waits for concerns no other request for the slot: those need not wait behind it
    /// @param shard  the primary that it waits for, if it is known which that is
    /// @param any    it waits for a topology, as all do that come: in one queue, whatever their slots
    void add(request& r, io::time_point until, bool alone, routing::node_id shard, bool any);
    /// Ends the wait for a slot, if there is one.
    void release(std::uint16_t slot) noexcept;
    /// How many wait for a primary.
    [[nodiscard]] std::size_t count_for(routing::node_id shard) const noexcept {
        return shard < crowds_.size() ? crowds_[shard].count : 0;
    }
    /// And the bytes of those.
    [[nodiscard]] std::size_t bytes_for(routing::node_id shard) const noexcept {
        return shard < crowds_.size() ? crowds_[shard].bytes : 0;
    }
    void remove(request& r) noexcept;

    /// Takes all out and gives them to `use(group&)`, which must leave nothing in it.
    template <class Use>
    void take_all(Use use) {
        auto all = std::exchange(queues_, {});
        crowds_.clear();
        for (auto& [slot, together] : all) use(together.waiting);
    }

  private:
    struct queue final : timed {
        queue(waiting_room& r, std::uint16_t s) noexcept : room{r}, slot{s} {}
        void on_due(io::time_point /*now*/) noexcept override { room.release(slot); }

        waiting_room& room;
        std::uint16_t slot;
        bool alone = true;
        group waiting;
    };

    static std::uint16_t slot_of(const request& r) noexcept;
    void leave(const request& r) noexcept;

    owner& owner_;
    timer_queue& timers_;

    std::unordered_map<std::uint16_t, queue> queues_;
    struct crowd {
        std::size_t count = 0;
        std::size_t bytes = 0;
    };
    std::vector<crowd> crowds_;  // by the node that is waited for
};

}  // namespace valkeyxx::clients
