// Who keeps the map of a client true: asks for a newer one when somebody needs it, once for all who do.
//
// Of a cluster that is topology_keeper, of a service that sentinels watch service_keeper. Everything here requires the
// engine's lock.
#pragma once

#include <memory>
#include <string>

#include "io/context.hpp"
#include "routing/node_id.hpp"

#include <valkeyxx/value.hpp>

namespace valkeyxx::clients {

class engine;

class map_keeper {
  public:
    virtual ~map_keeper() = default;

    /// Somebody needs a newer map than the current one.
    /// @param informed  a node that knows of the change, to be asked first; `no_node` if none is known
    virtual void want(io::time_point now, routing::node_id informed = routing::no_node) = 0;
    /// A node has told of a change, and the router knows: a map that says so, too, will do, even one that is being
    /// asked for already.
    /// @param informed  who must know of it
    virtual void patched(io::time_point now, routing::node_id informed) { want(now, informed); }
    /// It is being asked for.
    [[nodiscard]] virtual bool busy() const noexcept = 0;
    /// Stops asking: the client closes.
    virtual void stop() noexcept = 0;

    /// A replica says that it is a primary, which need not be the last word on it.
    virtual void hint(io::time_point /*now*/) {}
    /// Whether it asks this node, which is not part of the map: its connection is then needed.
    [[nodiscard]] virtual bool asks(routing::node_id /*node*/) const noexcept { return false; }
    /// The connection to a node that it asks has broken or could not be made.
    virtual void gone(routing::node_id /*node*/) {}
    /// A node has sent something that nobody asked for.
    virtual void heard(routing::node_id /*from*/, reply_view /*push*/) {}
    /// Why there is no map; empty: nobody says.
    [[nodiscard]] virtual std::string problem() const { return {}; }
};

/// The one for the engine's layout.
std::unique_ptr<map_keeper> make_map_keeper(engine& e);

}  // namespace valkeyxx::clients
