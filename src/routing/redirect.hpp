// What an error reply says to a router.
//
//   redirect r = read_redirect("MOVED 866 10.0.0.7:7001");   // r.kind == rejection::moved, r.slot == 866, r.target
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <valkeyxx/endpoint.hpp>
#include <valkeyxx/error.hpp>

namespace valkeyxx::routing {

/// Why a server did not run a command, as far as a router can do something about it.
enum class rejection : std::uint8_t {
    none,          ///< an ordinary error, which is the caller's to read
    moved,         ///< another node serves the slot now
    ask,           ///< another node has the key while its slot migrates: ask there, this once
    try_again,     ///< a migration has split the keys of the command
    cluster_down,  ///< the node sees no working cluster, or nobody serving the slot
    loading,       ///< the node still reads its data from disk
    master_down,   ///< a replica without its primary
    read_only,     ///< a write at a replica
    redirect,      ///< a replica without a cluster, to a connection that has said CLIENT CAPA redirect: see `target`
    no_replicas,   ///< a write at a primary that has fewer replicas at hand than it is told to have
    unblocked,     ///< a command that waited for other clients when its primary became a replica
    no_script,     ///< it does not know the script of this digest
};

struct redirect {
    rejection kind = rejection::none;
    std::uint16_t slot = 0;  ///< moved, ask
    std::optional<endpoint>
        target;  ///< moved, ask, redirect; an empty host means the host that answered; nullopt: unusable

    bool operator==(const redirect&) const = default;
};

/// Reads the text of an error reply (without the leading '-'). Untrusted input: a MOVED or ASK whose slot or target
/// cannot be understood comes back without a target. Source: https://valkey.io/topics/cluster-spec (Redirection and
/// resharding).
redirect read_redirect(std::string_view error);

/// Whether what failed with this can be begun anew, with hope: a server or a connection refused or lost it for a reason
/// that passes, or somebody else was quicker. Says nothing of whether it has run.
bool passes_by_itself(const error& why);

}  // namespace valkeyxx::routing
