// Counts what clients do, for Prometheus. docs/observability.md lists what there is to see.
//
//   auto metrics = std::make_shared<vk::metrics>();
//   config.watcher = metrics;
//   vk::cluster cluster{config};
//   ...
//   answer(metrics->prometheus_text());  // to GET /metrics
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <valkeyxx/observer.hpp>

namespace valkeyxx {

struct metrics_options {
    /// Count commands and measure how long they take. Without, a command costs nothing.
    bool commands = true;
    /// Nodes with labels of their own, at least 1. What concerns others is counted for the node "other".
    std::size_t most_nodes = 256;
    /// A node to which there is no connection, and of which nothing was heard for this long, is forgotten by the next
    /// prometheus_text(): its counts go on as part of the node "gone".
    std::chrono::seconds forget_after{600};
    /// Labels of all samples: to tell what several of these count apart, for example `{{"client", "orders"}}`. Names
    /// are of letters, digits and '_'.
    std::vector<std::pair<std::string, std::string>> labels = {};
};

/// An observer that counts, of one client or of several. Thread-safe. In what it says there are addresses of nodes and
/// names of errors, and no keys, values, channels, passwords or names of commands.
class metrics final : public observer {
  public:
    /// Throws `exception` with `invalid_argument` for options that cannot be right.
    explicit metrics(metrics_options options = {});
    ~metrics() override;

    /// All there is, in Prometheus' text format, whose content type is `content_type`. It takes each client's lock for
    /// a moment, so it is not to be called from within an observer's calls.
    [[nodiscard]] std::string prometheus_text();
    static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

    void attached(const monitor& client) override;
    void connected(const endpoint& node, int protocol) override;
    void reconnected(const endpoint& node) override;
    void disconnected(const endpoint& node, const error& why) override;
    void closed(const endpoint& node) override;
    void authentication_failed(const endpoint& node, const error& why) override;
    void redirected(redirect_kind kind, std::uint16_t slot, const endpoint& from, const endpoint& to) override;
    void retried(std::string_view command, std::string_view reason) override;
    [[nodiscard]] bool wants_commands() const override;
    void command_ended(const ended_command& what) override;
    void unverified(const endpoint& node) override;
    void certificates_not_renewed(const error& why) override;
    void not_tracked(const endpoint& node, const error& why) override;
    void suspected(const endpoint& node) override;
    void refresh_started() override;
    void topology_replaced(const shard_map& before, const shard_map& now) override;
    void refresh_failed(const endpoint& node, const error& why) override;
    void primary_switched(std::string_view service, const endpoint& from, const endpoint& to) override;
    void subscription_changed(const subscription_event& what) override;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace valkeyxx
