// After the failover: is what was acknowledged there?
#pragma once

#include <functional>
#include <vector>

#include <valkeyxx/cluster.hpp>

#include "demo/writer.hpp"

namespace valkeyxx::demo {

struct audit_result {
    std::size_t sets = 0;        ///< acknowledged ones that were looked up
    std::size_t counters = 0;    ///< that were looked up
    std::size_t increments = 0;  ///< acknowledged ones
    std::int64_t lost_sets = 0;  ///< excused ones
    std::int64_t lost_increments = 0;
};

/// Reads every key back. `may_be_lost` says of which acknowledged writes the server does not promise that they survive.
/// Throws std::runtime_error if any other is missing, if a value is wrong, or if a counter counted more than the INCRs
/// that ran or may have run.
audit_result audit(cluster& client, const std::vector<write>& writes,
                   const std::function<bool(const write&)>& may_be_lost);

}  // namespace valkeyxx::demo
