// What a scan asks, round by round, and where its items go; the same for those who wait and those who do not.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

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

/// What a call for more comes to, round after round.
class scan_course {
  public:
    scan_course(scan_source_owner source, scan_sink& into) : source_{std::move(source)}, into_{into} {}

    /// Nothing is there to be told: another round is due.
    [[nodiscard]] bool must_ask() const noexcept { return into_.empty() && !failure_ && !source_->finished(); }
    [[nodiscard]] scan_source& source() noexcept { return *source_; }
    void round_over() { failure_ = source_->end_round(); }
    /// Requires !must_ask(). True: the sink has something; false: this was the end. What was found comes before the
    /// error that ended its round, which is told once.
    [[nodiscard]] result<bool> outcome() {
        if (!into_.empty()) return true;
        if (failure_) return *std::exchange(failure_, std::nullopt);
        return false;
    }

    /// The caller has given up. What was found is for the next call, which goes on.
    [[nodiscard]] error cancelled() {
        failure_.reset();
        return error{errc::cancelled, "the scan was cancelled"};
    }

    [[nodiscard]] std::string cursor() const { return source_->cursor(!into_.empty()); }
    [[nodiscard]] bool finished() const noexcept { return source_->finished(); }
    [[nodiscard]] std::size_t slots_done() const noexcept { return source_->slots_done(); }

  private:
    scan_source_owner source_;
    scan_sink& into_;
    std::optional<error> failure_;
};

/// Throw `exception` with `invalid_argument`.
scan_source_owner source_of(const key_scan_options& options, const config& settings, bool one_server, scan_sink& into);
scan_source_owner source_of(const member_scan_plan& plan, const config& settings, bool one_server, scan_sink& into);

}  // namespace valkeyxx::detail
