// One client's connection through the fault proxy: two streams of held data and the two sockets.
#pragma once

#include <deque>
#include <string>

#include "support/fault_proxy.hpp"
#include "support/poll_thread.hpp"
#include "support/socket.hpp"

namespace valkeyxx::testing {

/// Used on the proxy's thread only.
class proxied_link {
  public:
    proxied_link(unique_fd client, unique_fd server);
    proxied_link(const proxied_link&) = delete;
    proxied_link& operator=(const proxied_link&) = delete;

    /// Writes what is due; lowers the turn's wake-up time to what comes next. May use up a cut.
    void forward(toxics& rules, poll_thread::turn& turn);
    void watch(const toxics& rules, poll_thread::turn& turn);

    bool has_ended() const { return !client_; }
    void reset();
    void close();
    void restart_count() { down_.sent = 0; }
    /// From now on nothing passes, whatever the rules say; or it does again.
    void forget(bool up, bool down) {
        up_.is_forgotten = up;
        down_.is_forgotten = down;
    }

  private:
    // Without bytes it is the end of the stream, which waits its turn like data.
    struct held {
        poll_thread::clock::time_point due;
        std::string bytes;
    };

    struct stream {
        direction way;
        unique_fd& from;
        unique_fd& to;
        std::deque<held> queue{};
        std::size_t sent = 0;
        bool end_seen = false;
        bool end_passed = false;
        bool is_blocked = false;  // the receiver's buffer is full
        bool is_forgotten = false;
    };

    static bool is_blackholed(const stream& one, const toxics& rules);
    void forward(stream& one, toxics& rules, poll_thread::turn& turn);
    bool write_front(stream& one, std::size_t count);
    void read(stream& one, const toxics& rules);
    bool wants_read(const stream& one, const toxics& rules) const;
    void watch(unique_fd& fd, stream& input, const stream& output, const toxics& rules, poll_thread::turn& turn);
    void cut(toxics& rules);

    unique_fd client_;
    unique_fd server_;
    stream up_;
    stream down_;
};

}  // namespace valkeyxx::testing
