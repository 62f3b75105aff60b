// How much may be under way by one connection, so that a shard that hangs does not take the room of the others, and who
// waits for room there.
#pragma once

#include <cstddef>

#include <boost/intrusive/list.hpp>

#include "client/request.hpp"

namespace valkeyxx::clients {

/// The number of commands is the connection's to know; their bytes are counted here.
class shard_room {
  public:
    using line = boost::intrusive::list<request>;

    shard_room(std::size_t most_commands, std::size_t most_bytes) noexcept
        : most_commands_{most_commands}, most_bytes_{most_bytes}, open_to_{most_commands} {}

    /// Whether one more of `size` bytes may come, `commands` being under way; not if others wait for it.
    [[nodiscard]] bool open_to(std::size_t commands, std::size_t size) const noexcept {
        return commands < open_to_ && bytes_ + size <= most_bytes_;
    }
    /// The same for who is the next in line. The largest one can be sent, too, if it is alone.
    /// @param elsewhere  bytes that belong to the shard and are not here
    [[nodiscard]] bool takes(std::size_t commands, std::size_t size, std::size_t elsewhere) const noexcept {
        return commands < most_commands_ && (commands == 0 || bytes_ + elsewhere + size <= most_bytes_);
    }

    void enter(std::size_t bytes) noexcept { bytes_ += bytes; }
    void leave(std::size_t bytes) noexcept { bytes_ -= bytes; }
    void leave_all() noexcept { bytes_ = 0; }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

    /// Those that wait, in the order in which they were submitted.
    [[nodiscard]] const line& waiting() const noexcept { return waiting_; }
    [[nodiscard]] request& next() noexcept { return waiting_.front(); }
    void stand_in_line(request& r) noexcept;
    void leave_line(request& r) noexcept;

  private:
    std::size_t most_commands_;
    std::size_t most_bytes_;
    std::size_t open_to_;  // commands: none while somebody waits
    std::size_t bytes_ = 0;
    line waiting_;
};

}  // namespace valkeyxx::clients
