// Passwords that change while clients are connected: from a vault, a file, or tokens that expire.
//
//   auto source = std::make_shared<vk::credential_source>([](const vk::endpoint&, auto answer) {
//       answer(vk::credentials{.username = "app", .password = read_token(), .renew_after = 10min});
//   });
//   vk::config c{.seeds = {{"10.0.0.1", 6379}}};
//   c.credentials = source;
//   vk::cluster cluster{c};
//   ...
//   source->changed();  // what is connected authenticates again
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <valkeyxx/endpoint.hpp>
#include <valkeyxx/result.hpp>

namespace valkeyxx {

namespace clients {
class authenticator;
}  // namespace clients

/// What a connection authenticates with. Appears in no error, log or metric.
struct credentials {
    std::string username = {};  ///< the ACL user; empty: the server's default user
    std::string password = {};  ///< empty: no authentication
    /// After this, whatever was authenticated with them asks again: before a token expires. 0: only after
    /// `credential_source::changed()`.
    std::chrono::milliseconds renew_after{0};
};

/// Asks the user for credentials, once for each connection that is made, and again for each one that stands when they
/// have changed. May serve any number of clients, and outlive them. Thread-safe.
///
/// A connection that stands keeps what it was authenticated with until the server has accepted the new ones (AUTH; see
/// https://valkey.io/commands/auth/): nothing is interrupted by a change, and an attempt that fails is repeated after a
/// second, then after longer, up to 30 s (the observer is told by `authentication_failed`). Two kinds of connections
/// authenticate later: those of a session, which may be in the middle of MULTI, when the session is over; and those
/// that subscriptions came by with RESP2, where AUTH is not allowed, when they are made anew.
class credential_source {
  public:
    /// To be called once with credentials, or with an error, for example `errc::cannot_connect`, that says why there
    /// are none: at once or later, from any thread. More calls, and those after the end of the client, do nothing. If
    /// it is destroyed without having been called, that is an error, too; if it is never called,
    /// `config::connect_timeout` ends the attempt.
    using answer = std::function<void(result<credentials>)>;
    using question = std::function<void(const endpoint& node, answer)>;

    /// @param ask  is called by the thread that turns the client's loop, without any lock: meanwhile that client's
    /// other
    ///             work waits, so what takes long should be done elsewhere. Clients call it independently of each
    ///             other, perhaps at the same time. If it throws, that is the error, of which only the type is told:
    ///             its text may be the secret. `node` is the one to connect to.
    explicit credential_source(question ask);

    /// They are no longer the same: everything that is connected asks again. From any thread; does not wait. A client
    /// that waits for its commands itself (`client`, `cluster`) does so in its next call.
    void changed();

  private:
    friend class clients::authenticator;
    struct core;
    std::shared_ptr<core> core_;
};

}  // namespace valkeyxx
