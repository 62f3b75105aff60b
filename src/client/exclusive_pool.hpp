// Connections that one command, or one session, has to itself: for commands that wait at the server for other clients
// (BLPOP), which would hold up all others, and for sessions (WATCH), whose state nobody else may meet.
//
// They are dialled when needed and kept for the next one; a node gets no more of them than
// config::max_exclusive_connections, and who comes then waits in line. Everything here requires the engine's lock.
#pragma once

#include <cstddef>
#include <memory>
#include <unordered_map>
#include <vector>

#include <boost/intrusive/list.hpp>

#include "client/connection.hpp"
#include "client/lease.hpp"

namespace valkeyxx::clients {

class exclusive_pool {
  public:
    explicit exclusive_pool(engine& e) noexcept : engine_{e} {}

    /// Puts the request on its session's connection, or on one that is free, as soon as there is one.
    void send(request& r, routing::node_id node, bool reading, bool asking);
    /// It no longer waits in line.
    void forget(request& r) noexcept;
    /// The session is over; its connection is for others again.
    void end(lease& session) noexcept;

    /// A connection has nothing left to do.
    void idle(connection& c) noexcept;
    /// It broke.
    void lost(connection& c) noexcept;
    /// Somebody who dialled the node no longer does. If it does not answer, those in line are told, as those are who
    /// wait at a connection; their commands go on elsewhere, or come again.
    void dial_over(routing::node_id node) noexcept;
    /// Whether some wait in line for the node, and there is no connection whose end, or whose next idle moment, would
    /// tell them.
    [[nodiscard]] bool deserted(routing::node_id node) const noexcept;
    /// Closes what leads to nodes that have left.
    void drop_strangers() noexcept;
    /// Gives each connection to `use`, and each node with the number of those in its line to `line`.
    template <class Use, class Line>
    void look_at(Use use, Line line) const {
        for (const auto& [place, h] : houses_) {
            for (const seat& s : h.seats) use(*s.on);
            if (!h.line.empty()) line(static_cast<routing::node_id>(place / 2), h.line.size());
        }
    }
    /// Breaks all of them.
    void close(const error& why);

  private:
    struct seat {
        std::shared_ptr<connection> on;
        bool taken = false;
    };
    struct house {  // one node's, for reads or not
        std::vector<seat> seats;
        boost::intrusive::list<request> line;

        [[nodiscard]] std::vector<seat>::iterator seat_of(const connection& c);
    };

    [[nodiscard]] house& house_of(routing::node_id node, bool reading);
    [[nodiscard]] house& house_of(const connection& c) { return house_of(c.node(), c.reading()); }
    [[nodiscard]] std::shared_ptr<connection> take(house& from, const request& r, routing::node_id node, bool reading);
    [[nodiscard]] bool may_dial(const request& r, routing::node_id node) const;
    void send_back(house& h, const error& why);
    void start(request& r, std::shared_ptr<connection> on, bool asking);
    void serve_line(house& h, routing::node_id node, bool reading);
    void leave(lease& session) noexcept;

    engine& engine_;
    std::unordered_map<std::size_t, house> houses_;
};

}  // namespace valkeyxx::clients
