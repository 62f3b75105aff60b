// Certificates for servers and clients that speak TLS, made by the openssl program.
#pragma once

#include <string>

#include "support/spawner.hpp"
#include "support/temp_dir.hpp"

namespace valkeyxx::testing {

struct certificate_files {
    std::string certificate;
    std::string key;
};

/// Somebody who signs certificates, and whom one may trust or not.
class certificate_authority {
  public:
    explicit certificate_authority(const std::string& name = "test authority");

    /// @param names  what it is for, as "DNS:localhost,IP:127.0.0.1"
    /// @param days   that it is good for, from now on; negative: it is no longer
    certificate_files issue(const std::string& names, int days = 2);

    /// Its own certificate.
    std::string file() const { return folder_.file("ca.pem"); }

    /// Arguments of a valkey-server that listens for TLS on this port, besides its other one.
    /// @param clients  tls-auth-clients: "no", "optional" or "yes"
    arguments server_arguments(std::uint16_t port, const certificate_files& own,
                               const std::string& clients = "no") const;

  private:
    temp_dir folder_;
    int issued_ = 0;
};

}  // namespace valkeyxx::testing
