// What one sentinel says of a service: five questions in one write, their answers read as untrusted input.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <valkeyxx/sentinel_commands.hpp>

namespace valkeyxx::topology {

struct sentinel_report {
    std::string id = {};  ///< the sentinel's own; empty if it does not tell
    /// GET-MASTER-ADDR-BY-NAME: in a failover the new primary, from its promotion on.
    std::optional<endpoint> primary = {};
    commands::sentinel_primary state = {};  ///< in a failover still of the old one, but with the new epoch
    std::vector<commands::sentinel_replica> replicas = {};
    std::vector<commands::sentinel_peer> peers = {};
};

enum class sentinel_question : std::uint8_t { myid, state, replicas, peers, address };

/// In the order in which they are to be asked: the address last, so that it is no older than the rest. That the
/// failover comes about between them shows then as one that has just been decided.
constexpr sentinel_question sentinel_questions[] = {
    sentinel_question::myid,  sentinel_question::state,   sentinel_question::replicas,
    sentinel_question::peers, sentinel_question::address,
};

/// The request that asks it of a service.
encoded_command request_for(sentinel_question q, std::string_view service);

/// Takes an answer into the report. An error says what is wrong with it: it has another shape, or an address that
/// cannot be one.
result<void> read_answer(sentinel_question q, reply_view answer, sentinel_report& into);

}  // namespace valkeyxx::topology
