// Keeps true which server is the primary of a service: asks the sentinels that watch it, and listens to them.
//
// What they say is judged by topology::sentinel_discovery; here it is only performed. Sentinels are asked when
// something points to a change, when they announce one, and now and then. Those that speak RESP3 are listened to on the
// connection on which they are asked. That connection may be shared with other clients: see sentinel_line.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/map_keeper.hpp"
#include "client/sentinel_line.hpp"
#include "client/timer_queue.hpp"
#include "topology/sentinel_discovery.hpp"

namespace valkeyxx::clients {

class service_keeper final : public map_keeper, private timed, private sentinel_listener {
  public:
    explicit service_keeper(engine& e);
    ~service_keeper() override;

    void want(io::time_point now, routing::node_id informed) override;
    [[nodiscard]] bool busy() const noexcept override { return discovery_.running(); }
    void stop() noexcept override;
    void hint(io::time_point now) override;
    [[nodiscard]] bool asks(routing::node_id node) const noexcept override;
    void gone(routing::node_id /*node*/) override { deaf(); }
    void heard(routing::node_id from, reply_view push) override;
    [[nodiscard]] std::string problem() const override { return discovery_.problems(); }

  private:
    class role_question;

    // Sentinels that announce something and then do not tell must not hold up commands for long.
    struct hold_limit final : timed {
        explicit hold_limit(service_keeper& k) noexcept : keeper{k} {}
        void on_due(io::time_point /*now*/) noexcept override { keeper.end_hold(); }
        service_keeper& keeper;
    };

    void ask_again(io::time_point at, io::time_point now);
    void start(io::time_point now);
    void advance(io::time_point now);
    void verify(const endpoint& candidate, io::time_point now);
    void adopt();
    void give_up(io::time_point now);
    void finish(io::time_point now);
    void role_told(const endpoint& of, topology::sentinel_discovery::role is, const std::string& why);
    void ask(const endpoint& sentinel, io::time_point now);
    void told(sentinel_answer answer) override;
    void announced(const topology::sentinel_event& event) override;
    void deaf() override { want(io::clock::now(), routing::no_node); }
    void dismiss_strangers();
    void hold(io::time_point now);
    void end_hold();
    void on_due(io::time_point now) noexcept override;

    engine& engine_;
    topology::sentinel_discovery discovery_;
    std::unique_ptr<sentinel_line> line_;
    std::vector<std::unique_ptr<role_question>> questions_;  // one for each candidate there ever was
    std::uint64_t round_ = 0;
    io::time_point last_start_{};
    io::time_point earliest_{};  // of a round that somebody merely wants
    io::time_point due_ = io::time_point::max();
    hold_limit limit_{*this};
    routing::node_id held_ = routing::no_node;  // the primary that may have been replaced
    std::uint64_t held_until_ = 0;              // the round that will tell
    std::optional<error> refusal_;              // of a sentinel, in this round
    int failures_ = 0;                          // rounds in a row without a primary
    bool stopped_ = false;
};

}  // namespace valkeyxx::clients
