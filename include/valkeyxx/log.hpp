// Writes what clients tell of themselves as records of a structured log.
//
//   config.watcher = std::make_shared<vk::log_observer>(
//       [](const vk::log_record& r) { std::clog << vk::to_logfmt(r) << '\n'; });
//
// A user's own logger takes the record's parts instead. docs/observability.md lists the events and their fields.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <valkeyxx/observer.hpp>

namespace valkeyxx {

enum class log_level : std::uint8_t {
    debug,    ///< single redirects and retries, connections closed on purpose
    info,     ///< connections made, topologies changed
    warning,  ///< something does not work, and the client deals with it: connections lost, nodes silent
    error,    ///< somebody notices: commands that failed, slots that nobody serves
};

/// "debug", "info", "warning", "error".
std::string_view to_string(log_level level) noexcept;

struct log_field {
    std::string_view name;  ///< letters and '_'
    std::variant<std::string, std::int64_t, double, bool> value;
};

/// Something that has happened. Neither keys nor values, channels, passwords or arguments of commands are in it.
struct log_record {
    std::chrono::system_clock::time_point at{};
    log_level level = log_level::info;
    std::string_view event;  ///< one of few words: "connected", "disconnected", "failover" ...
    std::vector<log_field> fields = {};
};

/// One line without its end: `time=2026-01-31T12:00:00.000Z level=info event=connected node=10.0.0.1:6379 protocol=3`.
/// Text is quoted where that is needed, as in Go's strings.
std::string to_logfmt(const log_record& r);
/// One line of JSON without its end: `{"time":"2026-01-31T12:00:00.000Z","level":"info","event":"connected", ...}`.
std::string to_json(const log_record& r);

struct log_options {
    /// Nothing below this is written.
    log_level least = log_level::info;
    /// Records that are alike (same event, same node, same reason) in each `period` before the rest of them is left
    /// out. How many were left out the next record says that is alike (field `left_out`), or, if there is none, a
    /// record "left_out" with the first record after the period. 0: nothing is left out.
    std::size_t burst = 5;
    std::chrono::milliseconds period{10'000};
    /// Write a record of each command that fails.
    bool failed_commands = false;
    /// Write a record of each command that took longer; 0: of none. Blocking commands may.
    std::chrono::milliseconds slower_than{0};
};

/// An observer that makes records, of one client or of several. Thread-safe.
class log_observer final : public observer {
  public:
    /// @param write  gets one record at a time, while the client holds its lock: it must be quick, must not throw and
    ///               must not call the client
    explicit log_observer(std::function<void(const log_record&)> write, log_options options = {});
    /// Says what was left out.
    ~log_observer() override;

    void connected(const endpoint& node, int protocol) override;
    void disconnected(const endpoint& node, const error& why) override;
    void authentication_failed(const endpoint& node, const error& why) override;
    void redirected(redirect_kind kind, std::uint16_t slot, const endpoint& from, const endpoint& to) override;
    void retried(std::string_view command, std::string_view reason) override;
    [[nodiscard]] bool wants_commands() const override;
    void command_ended(const ended_command& what) override;
    void unverified(const endpoint& node) override;
    void certificates_not_renewed(const error& why) override;
    void not_tracked(const endpoint& node, const error& why) override;
    void suspected(const endpoint& node) override;
    void recovered(const endpoint& node) override;
    void topology_replaced(const shard_map& before, const shard_map& now) override;
    void refresh_failed(const endpoint& node, const error& why) override;
    void primary_switched(std::string_view service, const endpoint& from, const endpoint& to) override;
    void subscription_changed(const subscription_event& what) override;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace valkeyxx
