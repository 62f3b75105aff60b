// What a client tells of itself while it works.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <valkeyxx/endpoint.hpp>
#include <valkeyxx/error.hpp>

namespace valkeyxx {

class shard_map;

/// Override what you want to know. Calls come from whichever thread does the client's work, one at a time, while the
/// client holds its lock: be quick, do not call the client, do not throw. Nothing is called, and nothing paid, without
/// an observer.
class observer {
  public:
    virtual ~observer() = default;

    /// A connection is ready for commands, in RESP version `protocol`.
    virtual void connected(const endpoint& /*node*/, int /*protocol*/) {}
    /// A connection broke, or could not be made.
    virtual void disconnected(const endpoint& /*node*/, const error& /*why*/) {}

    /// A connection that stands could not authenticate again after its credentials had changed (see
    /// credential_source); it goes on with what it had.
    virtual void authentication_failed(const endpoint& /*node*/, const error& /*why*/) {}

    enum class redirect_kind : std::uint8_t { moved, ask };
    /// A node sent a command on to another one.
    virtual void redirected(redirect_kind /*kind*/, std::uint16_t /*slot*/, const endpoint& /*from*/,
                            const endpoint& /*to*/) {}
    /// A command was rejected or lost without having run (or may safely run again) and will be tried again.
    virtual void retried(std::string_view /*command*/, std::string_view /*reason*/) {}

    /// A node leaves commands unanswered (see config::suspect_after).
    virtual void suspected(const endpoint& /*node*/) {}

    /// A new topology is in use.
    virtual void topology_changed(const shard_map& /*now*/) {}
    /// Asking a node for the topology failed.
    virtual void refresh_failed(const endpoint& /*node*/, const error& /*why*/) {}
};

}  // namespace valkeyxx
