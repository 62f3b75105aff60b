// One command on its way to a reply: where to send it, and what to do with what comes back.
//
// Knows no socket, clock or thread. The engine performs each `step` and reports the outcome; the synchronous and the
// asynchronous faces share this file, so a redirect has only one meaning.
//
//   attempt a{{.route = key_route::slot, .slot = 866, .repeatable = true}};
//   step s = a.start(router);                                  // send to the slot's primary
//   s = a.on_error("MOVED 866 :7001", router, policy);          // send there, and refresh the topology
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "routing/router.hpp"

#include <valkeyxx/command.hpp>

namespace valkeyxx::routing {

using duration = std::chrono::steady_clock::duration;

enum class action : std::uint8_t {
    send,    ///< put the command on `node` (after ASKING, if `asking`), then report on_error or on_lost, or be done
    wait,    ///< let `delay` pass, or the topology change, then report on_timer
    finish,  ///< the attempt is over, `how` says why
};

enum class verdict : std::uint8_t {
    reply,               ///< the error reply at hand is the caller's to read
    refused,             ///< so it is, and says that the node did not run it
    too_many_redirects,  ///< policy.max_redirects used up: the nodes send it round and round
    lost,                ///< the connection broke and repeating the command is not safe: it may have run
    nowhere,             ///< the one node it was meant for could not be reached, or has left the cluster
    exhausted,           ///< policy.max_retries used up; the last reason tells why
    cross_slot,          ///< its keys hash to several slots
    of_a_cluster,        ///< there is only one server, and it names another one
    shut_out,            ///< whoever could run it refuses our credentials
};

struct step {
    action act = action::finish;
    verdict how = verdict::reply;
    bool asking = false;
    bool refresh = false;  ///< besides, the topology should be asked for again; nobody waits for that. With `send`: the
                           ///< node told of a change, which the router has been told of, too
    bool alone = false;    ///< wait: the reason concerns this command only; later ones for the slot need not wait
    bool reading = false;  ///< send: on the connection for reads from replicas (after READONLY)
    bool whole = false;    ///< send: with its script, since the node knows none that were sent to it before
    node_id node = no_node;
    duration delay{};

    bool operator==(const step&) const = default;
};

struct retry_policy {
    int max_redirects = 16;  ///< MOVED and ASK together, in a row; from the fifth on only after a wait
    int max_retries = 1000;  ///< waits of one command for another try
    duration first_delay = std::chrono::milliseconds{5};  ///< the first wait; grows by decorrelated jitter
    duration max_delay = std::chrono::milliseconds{100};  ///< no single wait is longer
    /// The same for what no other node can do anything about: LOADING, NOREPLICAS.
    duration max_patience = std::chrono::milliseconds{250};
    read_from reads = read_from::primary;  ///< who answers what only reads
    bool one_server = false;               ///< it is no cluster: MOVED and ASK lead nowhere
    bool follow_redirect = false;          ///< REDIRECT is taken at its word: nobody else can tell who the primary is
};

/// What an attempt must know of its command.
struct subject {
    key_route route = key_route::any;
    std::uint16_t slot = 0;
    bool repeatable = false;   ///< running it twice is as good as once, so a lost reply is no reason to give up
    bool reads = false;        ///< it only reads: any node of the shard may answer, as the policy says
    bool any_will_do = false;  ///< without keys: not the default node, but a primary at random
    bool apart = false;        ///< not on the connection that all share
    bool has_script = false;   ///< where its script is not known, it can be sent with it
    bool by_reader = false;    ///< pinned: on the connection for reads from replicas
    node_id pinned = no_node;  ///< the only node it may go to: redirects are then the caller's to read
    node_id shard = no_node;   ///< to the primary of the shard that this node is or was part of; with route any
};

class attempt {
  public:
    attempt() = default;
    explicit attempt(const subject& s) noexcept { reset(s); }

    /// Begins anew, for another command.
    void reset(const subject& s) noexcept {
        subject_ = s;
        straight_ = s.route == key_route::slot && s.pinned == no_node && !s.reads && !s.apart;
        at_ = no_node;
        so_far_ = {};
    }

    /// The first step.
    step start(router& routes, const retry_policy& policy) noexcept {
        const node_id node = start_quickly(routes);
        return node != no_node ? step{.act = action::send, .node = node} : start_elsewhere(routes, policy);
    }
    /// The first step where it is to send to the slot's primary, as nearly always: that node. Else `no_node`, and
    /// nothing has happened: call start().
    node_id start_quickly(const router& routes) noexcept {
        if (!straight_) return no_node;
        const node_id node = routes.primary(subject_.slot);
        if (node != no_node) {
            at_ = node;
            ++so_far_.sends;
        }
        return node;
    }
    /// The server answered with this error (without the leading '-').
    step on_error(std::string_view error, router& routes, const retry_policy& policy);
    /// The connection is gone. sent: all bytes of the command had been handed to the network.
    step on_lost(bool sent, router& routes, const retry_policy& policy);
    /// There is no connection, since the node refuses our credentials: it has not run, and another try there would end
    /// in the same way.
    step on_shut_out(router& routes, const retry_policy& policy);
    /// The time asked for has passed, or there is a new topology.
    step on_timer(router& routes, const retry_policy& policy) noexcept { return start(routes, policy); }

    /// How often the command has been sent.
    [[nodiscard]] int sends() const noexcept { return so_far_.sends; }
    /// An earlier try was sent in full and its reply lost: whatever becomes of the later ones, it may have run.
    [[nodiscard]] bool may_have_run() const noexcept { return so_far_.may_have_run; }
    /// A node has refused our credentials: if it comes to an end by on_lost() with `shut_out`, that is why.
    [[nodiscard]] bool was_shut_out() const noexcept { return so_far_.shut_out != 0; }
    /// Whether it goes to whoever serves slot(), or probably will.
    [[nodiscard]] bool has_slot() const noexcept {
        return (subject_.route == key_route::slot || subject_.route == key_route::unlisted) &&
               subject_.pinned == no_node;
    }
    /// Whether it goes to the primary of slot(), on the connection that all share.
    [[nodiscard]] bool leads_to_primary() const noexcept { return has_slot() && !subject_.reads && !subject_.apart; }
    /// Whether it only reads, from whoever may answer.
    [[nodiscard]] bool reads() const noexcept { return subject_.reads; }
    /// The slot of its keys, as far as it is known by now.
    [[nodiscard]] std::uint16_t slot() const noexcept { return subject_.slot; }
    /// The node it was last sent to, `no_node` if none.
    [[nodiscard]] node_id at() const noexcept { return at_; }

  private:
    step start_elsewhere(router& routes, const retry_policy& policy) noexcept;
    step follow(bool ask, const endpoint* target, router& routes, const retry_policy& policy);
    step redirected(const endpoint* target, router& routes, const retry_policy& policy);
    step back_off(bool refresh, router& routes, const retry_policy& policy, duration longest) noexcept;
    step back_off(bool refresh, router& routes, const retry_policy& policy) noexcept {
        return back_off(refresh, routes, policy, policy.max_delay);
    }
    [[nodiscard]] bool all_have_been_tried(const router& routes);
    step read_elsewhere(router& routes, const retry_policy& policy) noexcept;
    step sent_to(node_id node) noexcept {
        ++so_far_.sends;
        so_far_.whole = false;
        return {.act = action::send, .node = node};
    }

    struct progress {
        duration last_delay{};
        std::int32_t redirects = 0;  // since the last answer that was none, or loss
        std::int32_t sends = 0;
        std::int32_t retries = 0;
        bool may_have_run = false;
        bool reading : 1 = false;   // at_ is a replica that was asked to read
        bool asking : 1 = false;    // at_ is the one that an ASK named
        bool whole : 1 = false;     // at_ has got the script itself
        std::uint8_t shut_out = 0;  // nodes that refuse our credentials
    };

    subject subject_;
    node_id at_ = no_node;
    bool straight_ = false;  // it goes to the primary of its slot, and nothing else is to be thought of
    progress so_far_;
};

}  // namespace valkeyxx::routing
