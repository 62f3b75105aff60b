// Finds the primary of a service by what its sentinels say: whom to ask, whom to believe, what to do next.
//
// All sentinels are asked at once. Each answer is a claim: an address with the epoch of the failover that put it there.
//
//   sentinel_discovery d{seeds, {}};
//   for (const endpoint& s : d.begin(now)) ask(s);
//   d.answered(s, report, now);              // or d.failed(s, why, now), in any order
//   switch (d.next(now).what) ...            // wait, verify a node's ROLE, adopt d.found(), keep what there is, give
//   up
//
// Knows no socket, clock or thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "topology/sentinel_reply.hpp"
#include "topology/sentinel_roster.hpp"

namespace valkeyxx::topology {

/// A service as its sentinels know it.
struct sentinel_finding {
    struct replica {
        endpoint at;
        std::string id = {};
        bool linked = false;  ///< its link to the primary stands

        bool operator==(const replica&) const = default;
    };

    endpoint primary = {};
    std::string id = {};  ///< the primary's run id; empty if it is too new for the sentinels to know
    std::vector<replica> replicas = {};
    std::uint64_t epoch = 0;

    bool operator==(const sentinel_finding&) const = default;
};

class sentinel_discovery {
  public:
    using time_point = std::chrono::steady_clock::time_point;
    using duration = std::chrono::steady_clock::duration;

    struct rules {
        /// A sentinel that knows of fewer others is not believed: it may be cut off.
        std::int64_t min_other_sentinels = 0;
        /// How long the first usable answer waits for a majority to say the same.
        duration patience = std::chrono::milliseconds{250};
        /// How long a majority must insist on an epoch before the one that is known, until it is believed: the
        /// sentinels were set up anew. In the middle of a failover most of them do so, for a moment.
        duration doubt = std::chrono::seconds{5};
    };

    enum class what : std::uint8_t {
        nothing,  ///< no round is under way
        wait,     ///< for answers, until then
        verify,   ///< ask `node` for its ROLE, then call role_told()
        adopt,    ///< the round is over: found() is new
        keep,     ///< the round is over: found() is still right
        give_up,  ///< the round is over: problems() says why there is no primary
    };
    struct step {
        enum what what = what::nothing;
        endpoint node = {};
        time_point until = {};

        bool operator==(const step&) const = default;
    };
    enum class role : std::uint8_t {
        primary,
        replica,
        not_told,     ///< it may not be asked: it is believed
        unreachable,  ///< and so of no use, for now
    };

    sentinel_discovery(const std::vector<endpoint>& seeds, rules r);

    /// A new round begins. Whom to ask.
    std::vector<endpoint> begin(time_point now);
    [[nodiscard]] bool running() const noexcept { return running_; }

    /// An answer, also one that comes late, to an earlier round. True if it tells of a newer failover than the round
    /// that is over: another one is needed.
    bool answered(const endpoint& sentinel, sentinel_report says, time_point now);
    void failed(const endpoint& sentinel, const std::string& why);
    void role_told(const endpoint& node, role is, const std::string& why = {});

    /// What to do now. To be asked after each event, and when the time to wait is over.
    step next(time_point now);

    /// What was adopted last; nullopt if nothing was yet.
    [[nodiscard]] const std::optional<sentinel_finding>& found() const noexcept { return found_; }
    /// Why the last round that is over found no primary; empty if it did.
    [[nodiscard]] const std::string& problems() const noexcept { return verdict_; }
    /// Whether time may help: a sentinel knows the service, and only finds no fault with it at the moment.
    [[nodiscard]] bool may_pass() const noexcept { return may_pass_; }
    /// The sentinels, the one that was of use last in front.
    [[nodiscard]] const sentinel_roster& roster() const noexcept { return roster_; }

  private:
    struct testimony {
        endpoint by;
        std::string voter;
        sentinel_report report = {};
        std::string unfit;  // why it names no primary; empty: it does
    };
    struct claim {
        endpoint primary;
        std::uint64_t epoch = 0;
        std::vector<std::string> voters = {};
    };

    [[nodiscard]] std::string reason_against(const sentinel_report& r) const;
    [[nodiscard]] std::vector<claim> claims() const;
    [[nodiscard]] std::size_t majority() const;
    [[nodiscard]] bool enough(const std::vector<claim>& all, time_point now) const;
    [[nodiscard]] bool believable(const claim& c, const claim& newest, time_point now) const;
    [[nodiscard]] sentinel_finding finding_of(const claim& c) const;
    void note_insistence(const std::vector<claim>& all, time_point now);
    step conclude(const claim& c);
    step give_up(const std::vector<claim>& all);
    void settle(const claim* believed);
    void complain(const std::string& text);

    rules rules_;
    sentinel_roster roster_;
    std::optional<sentinel_finding> found_;

    std::vector<endpoint> open_;      // asked, and not heard of yet
    std::vector<endpoint> silent_;    // did not answer in this round
    std::vector<testimony> heard_;    // one for each sentinel, in the order of their answers
    std::vector<endpoint> verified_;  // candidates that are primaries
    std::vector<endpoint> refused_;   // those that are not, or cannot be reached
    std::string problems_;            // of this round
    std::string verdict_;             // those of the last one that ended without a primary
    std::optional<time_point> first_claim_;
    std::optional<time_point> behind_since_;  // a majority insists on an older epoch
    bool running_ = false;
    bool may_pass_ = false;
};

}  // namespace valkeyxx::topology
