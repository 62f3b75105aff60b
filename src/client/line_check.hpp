// Commands are in flight and nothing comes: is it the node that is silent, or only the way by which we reach it? A
// firewall or a proxy that has forgotten a connection tells neither end, and all that is written to it is lost.
//
// The node is asked by another connection what it knows of the silent one (CLIENT LIST ID). If it has nothing left to
// do for us, what we wait for will not come. If it has (its clients are paused, a script runs), or does not answer
// either, nothing is known, and the silent one is waited for as before.
#pragma once

#include <memory>
#include <vector>

#include "io/context.hpp"
#include "routing/node_id.hpp"

namespace valkeyxx::clients {

class connection;
class engine;

class line_check {
  public:
    explicit line_check(engine& e) noexcept;
    ~line_check();

    /// Asks about `c`, unless its node is being asked or does not tell; c.doubt() follows if nothing will come,
    /// c.reassure() if something may. Requires the engine's lock, and that `c` is ready.
    void look_into(connection& c, io::time_point now);

  private:
    class question;

    engine& engine_;
    std::vector<std::unique_ptr<question>> questions_;  // one for each node of which a connection was ever silent
};

}  // namespace valkeyxx::clients
