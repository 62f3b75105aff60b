// How connections are encrypted, and whom they trust.
//
//   vk::config c{.seeds = {{"valkey.example.com", 6379}}};
//   c.tls.enabled = true;
//   c.tls.ca_file = "/etc/ssl/valkey/ca.pem";
#pragma once

#include <cstdint>
#include <string>

namespace valkeyxx {

/// What a server has to prove before it gets a single command.
enum class tls_verify : std::uint8_t {
    full,   ///< that its certificate is signed by an authority we trust, and is meant for the name we reach it by
    chain,  ///< that it is signed by such an authority, whatever names it is for
    none,   ///< nothing: whoever is in between can read and change everything. For experiments only
};

enum class tls_version : std::uint8_t { v1_2, v1_3 };

/// A plain aggregate. Files are in PEM; they are read when a client is made, and again for the next connection after
/// they changed, so that certificates can be renewed without a restart. While a changed file cannot be used, the last
/// good ones are, and observer::certificates_not_renewed says so.
struct tls_options {
    /// Encrypt all connections. URL: valkeys://, valkeys+sentinel://
    bool enabled = false;

    /// Certificates of the authorities that sign those of the servers. With neither of the three, those that the
    /// system trusts. URL: tls_ca
    std::string ca_file = {};
    /// The same in a folder prepared by `openssl rehash`. What is added to it, or taken out, counts for the next
    /// connection. URL: tls_ca_directory
    std::string ca_directory = {};
    /// The same, as the text itself.
    std::string ca_certificates = {};

    /// Ours, with those of the authorities in between, for servers that ask for it (`tls-auth-clients`). URL:
    /// tls_certificate
    std::string certificate_file = {};
    /// The same, as the text itself.
    std::string certificate = {};
    /// The key of our certificate. URL: tls_key
    std::string private_key_file = {};
    /// The same, as the text itself. Appears in no error, log or metric.
    std::string private_key = {};

    /// What the key is encrypted with; empty: it is not. Appears in no error, log or metric. URL: tls_key_password
    std::string private_key_password = {};

    /// The name that certificates must be for, and that servers are told (SNI). Empty: of each node the host by which
    /// it is reached, after `address_remap`. To be given where the cluster names its nodes by IP addresses and all
    /// have one certificate for a name. URL: tls_server_name
    std::string server_name = {};
    /// What a server has to prove. URL: tls_verify=full|chain|none
    tls_verify verify = tls_verify::full;
    /// Servers that can only do less are refused. URL: tls_min_version=1.2|1.3
    tls_version min_version = tls_version::v1_2;
    /// What TLS 1.2 may use, in the words of `openssl ciphers`; empty: what OpenSSL takes for good. URL: tls_ciphers
    std::string ciphers = {};
    /// The same for TLS 1.3, as in `TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256`. URL: tls_cipher_suites
    std::string cipher_suites = {};
};

}  // namespace valkeyxx
