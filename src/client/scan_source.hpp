// What a scan asks, round by round, and where its items go; the same for those who wait and those who do not.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "client/round.hpp"
#include "routing/element_scan.hpp"
#include "routing/key_scan.hpp"

#include <valkeyxx/detail/scan_run.hpp>

namespace valkeyxx::detail {

class scan_source {
  public:
    virtual ~scan_source() = default;

    [[nodiscard]] virtual bool finished() const noexcept = 0;
    /// Requires !finished().
    virtual routing::scan_round next_round(std::shared_ptr<const shard_map> map) = 0;
    virtual void on_reply(std::size_t request, reply_view reply, const endpoint& from) noexcept = 0;
    virtual void on_error(std::size_t request, error why) noexcept = 0;
    /// Puts what was found into the sink.
    virtual std::optional<error> end_round() = 0;
    /// Before or after what the last round has put into the sink.
    [[nodiscard]] virtual std::string cursor(bool before) const = 0;
    [[nodiscard]] virtual std::size_t slots_done() const noexcept = 0;
};

/// Throw `exception` with `invalid_argument`.
scan_source_owner source_of(const key_scan_options& options, const config& settings, bool one_server, scan_sink& into);
scan_source_owner source_of(const member_scan_plan& plan, const config& settings, bool one_server, scan_sink& into);

}  // namespace valkeyxx::detail
