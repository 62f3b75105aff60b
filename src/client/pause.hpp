// Time that is let pass without a request, in the engine's own time: it ends when the client is closed.
#pragma once

#include <boost/intrusive/list.hpp>

#include "client/timer_queue.hpp"

namespace valkeyxx::clients {

/// Started by engine::let_pass.
class pause : public timed,
              public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
  public:
    void on_due(io::time_point /*now*/) noexcept final {
        unlink();
        passed();
    }

  protected:
    /// It is over. Called once, under the engine's lock.
    virtual void passed() noexcept = 0;
};

}  // namespace valkeyxx::clients
