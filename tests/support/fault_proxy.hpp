// A TCP proxy that makes the network misbehave on demand.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>

#include "support/poll_thread.hpp"
#include "support/socket.hpp"

namespace valkeyxx::testing {

enum class direction { up, down };  ///< from client to server; from server to client

/// What the proxy does to traffic; as made it does nothing.
struct toxics {
    std::chrono::microseconds delay{0};       ///< each piece of data is held for so long, in both directions
    std::size_t chunk = 0;                    ///< writes are cut to so many bytes; 0: not cut
    std::chrono::microseconds chunk_gap{50};  ///< pause between such writes
    bool blackhole_up = false;                ///< nothing of this direction passes, data and FIN alike, until lifted:
    bool blackhole_down = false;              ///< then what was held arrives late, as after lost packets
    bool refuse = false;                      ///< nobody listens: connection refused. Open connections stay
    bool accept_then_close = false;           ///< accepts and ends with FIN at once

    /// Cuts a connection (RST, FIN) after so many bytes towards the client, counted from the set() that asked for it.
    /// 0 cuts when the first byte comes: the server has done the work and the client never learns the reply.
    std::optional<std::size_t> reset_after{};
    std::optional<std::size_t> close_after{};
    int cuts = -1;  ///< so many connections are cut, then the two above are lifted; negative: all

    /// May change the bytes as they are read.
    std::function<void(std::string& bytes, direction way)> mangle{};
};

class proxied_link;

/// One thread. All calls return when the change is in force; they are allowed in `mangle` too. A server that is not
/// there shows as a connection that is accepted and then reset, since only `refuse` closes the proxy's own port.
/// Example: `proxy.set([](toxics& t) { t.delay = 10ms; });`
class fault_proxy {
  public:
    explicit fault_proxy(std::uint16_t target_port, std::string host = "127.0.0.1");
    fault_proxy(const fault_proxy&) = delete;
    fault_proxy& operator=(const fault_proxy&) = delete;
    ~fault_proxy();

    /// The port to connect to, on the same host.
    std::uint16_t port() const { return port_; }

    void set(const std::function<void(toxics&)>& change);
    void clear();  ///< back to doing nothing

    /// As a firewall that has forgotten the connections that are open now: nothing passes on them any more, up, down or
    /// both ways, until clear(). Later ones are not touched.
    void forget_open(bool up, bool down);

    void reset_all();  ///< RST on all connections, both sides
    void close_all();  ///< FIN on all connections, both sides

    int open_connections();
    int accepted();  ///< connections since the start, without refused ones

  private:
    void prepare(poll_thread::turn& turn);
    void accept_waiting();

    std::string host_;
    std::uint16_t target_port_;
    std::uint16_t port_;
    toxics toxics_;
    unique_fd listener_;
    std::list<proxied_link> links_;
    int accepted_ = 0;
    poll_thread thread_;  // last: it uses all the others and ends first
};

}  // namespace valkeyxx::testing
