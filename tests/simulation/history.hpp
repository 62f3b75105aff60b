// What became of each command: what its caller was told, and what the simulated servers did.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scheduler.hpp"

#include <valkeyxx/error.hpp>

namespace valkeyxx::simulation {

enum class operation : std::uint8_t { get, set, append, incr, del, mget, ping, dbsize };
std::string_view to_string(operation what) noexcept;

/// The first violated promise of a run; later ones follow from it.
class verdict {
  public:
    void fail(std::string what) {
        if (!what_) what_ = std::move(what);
    }
    [[nodiscard]] bool good() const noexcept { return !what_; }
    [[nodiscard]] const std::string& what() const { return *what_; }

  private:
    std::optional<std::string> what_;
};

/// Commands are numbered from 1; the number travels in the command and in its reply.
using command_number = std::uint32_t;
inline constexpr std::uint32_t nobody_waits = 0xFFFFFFFF;  ///< in the place of a caller

/// What a server did with a command.
enum class fate : std::uint8_t {
    ran,
    sent_on,    ///< MOVED or ASK
    refused,    ///< come again later, as whatever is for the slot
    try_again,  ///< the same, but only its own keys are the reason
};

struct arrival {
    time_point when;
    int node;
    std::uint64_t order = 0;  ///< among all arrivals
    fate how = fate::ran;
};

struct record {
    operation what = operation::get;
    std::size_t key = 0;
    std::vector<std::size_t> more_keys;  ///< of MGET and DEL, in any slots
    std::uint32_t caller = 0;
    std::uint32_t batch = 0;    ///< the pipeline or burst it is part of; 0: none
    command_number behind = 0;  ///< an earlier one of the burst and the slot that waited when this one was submitted
    bool once = false;          ///< must not take effect twice
    bool probe = false;         ///< must succeed

    time_point submitted{};
    time_point deadline{};
    time_point done{};
    std::uint32_t completions = 0;
    std::optional<error> failure;
    std::string reply;

    // At the servers.
    std::vector<arrival> arrivals;
    std::uint32_t executions = 0;
    std::uint64_t first_execution = 0;  ///< its place in the order of all executions
    arrival first_executed{};
    std::int64_t result = 0;      ///< of the last one
    int sent_on_to = -1;          ///< the node that the last redirect named
    bool asked = false;           ///< by ASK
    std::uint32_t redirects = 0;  ///< each led to a node that gave the next one
    std::uint32_t most_redirects = 0;
    std::uint32_t all_redirects = 0;
    std::uint32_t followed_moved = 0;  ///< it came from one node to the one that this one had named
    std::uint32_t followed_ask = 0;
};

class history {
  public:
    explicit history(verdict& v) : verdict_{v} {}

    command_number add(record r) {
        records_.push_back(std::move(r));
        return static_cast<command_number>(records_.size());
    }
    [[nodiscard]] record& of(command_number n) noexcept { return records_[n - 1]; }
    [[nodiscard]] const record& of(command_number n) const noexcept { return records_[n - 1]; }
    [[nodiscard]] bool known(command_number n) const noexcept { return n != 0 && n <= records_.size(); }
    [[nodiscard]] const std::vector<record>& all() const noexcept { return records_; }
    [[nodiscard]] std::string describe(command_number n) const;

    // Told by the servers. Commands of others, without a number, are passed over.
    void arrived(command_number n, int node);
    void redirected(command_number n, int to_node, bool ask);
    /// It has come to a node that does not have the slot yet, without ASKING.
    void unasked(command_number n, int node);
    void refused(command_number n, fate how);
    void executed(command_number n, std::int64_t result);

    [[nodiscard]] std::uint64_t executions() const noexcept { return executions_; }

  private:
    verdict& verdict_;
    std::vector<record> records_;
    std::uint64_t executions_ = 0;
    std::uint64_t arrivals_ = 0;
};

}  // namespace valkeyxx::simulation
