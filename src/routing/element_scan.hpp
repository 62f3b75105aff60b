// All members of one large set, hash or sorted set: SSCAN, HSCAN or ZSCAN from the beginning to the end.
//
// Their cursors mean nothing to another process, so every step must be answered by the same one: by the node's address
// in each reply, and by its run_id before and after. If another one has taken over, or the key has moved, it begins
// again.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "routing/node_look.hpp"

#include <valkeyxx/command.hpp>
#include <valkeyxx/endpoint.hpp>
#include <valkeyxx/result.hpp>

namespace valkeyxx::routing {

struct element_settings {
    command_id command{};  ///< SSCAN, HSCAN or ZSCAN
    std::string key{};
    std::string match = "*";
    std::int64_t count = 1000;
    bool no_values = false;  ///< HSCAN: only the fields
};

class element_scan {
  public:
    /// Takes the array of one step. An error: its shape is wrong.
    using sink = std::function<result<void>(reply_view items)>;

    element_scan(element_settings settings, sink use) : settings_{std::move(settings)}, use_{std::move(use)} {}

    [[nodiscard]] bool finished() const noexcept { return stage_ == stage::end; }
    /// How often it has begun again.
    [[nodiscard]] int restarts() const noexcept { return restarts_; }
    /// The next question: to this node, or if there is none to wherever the key is. Requires !finished().
    [[nodiscard]] std::optional<endpoint> node() const;
    [[nodiscard]] encoded_command question() const;
    /// Exactly one of the two. @param from  the node that answered
    std::optional<error> on_reply(reply_view reply, const endpoint& from);
    std::optional<error> on_error(const error& why);

  private:
    enum class stage : std::uint8_t { first, look, steps, look_again, end };

    std::optional<error> take_step(reply_view reply, const endpoint& from);
    std::optional<error> take_look(reply_view reply);
    std::optional<error> begin_again();

    element_settings settings_;
    sink use_;
    stage stage_ = stage::first;
    std::string cursor_ = "0";
    endpoint node_{};
    std::string process_{};
    int restarts_ = 0;
};

}  // namespace valkeyxx::routing
