// All questions to the sentinels of one service, by the connections of one engine.
//
// Everything here requires the engine's lock.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/context.hpp"
#include "routing/node_id.hpp"
#include "topology/sentinel_reply.hpp"

#include <valkeyxx/endpoint.hpp>
#include <valkeyxx/error.hpp>

namespace valkeyxx::clients {

class engine;

/// What one sentinel said when it was asked.
struct sentinel_answer {
    endpoint sentinel;
    std::uint64_t round = 0;  ///< in which it was asked
    topology::sentinel_report report = {};
    std::string problem = {};           ///< empty: it has answered, and `report` is good
    std::optional<error> refusal = {};  ///< if that is because it refuses something: its words
    bool listening = false;             ///< announcements of one sentinel or more come by themselves
};

class sentinel_interviews final {
  public:
    class reader {
      public:
        virtual void told(sentinel_answer answer) = 0;

      protected:
        ~reader() = default;
    };

    sentinel_interviews(engine& e, std::string service, reader& told);
    ~sentinel_interviews();
    sentinel_interviews(const sentinel_interviews&) = delete;
    sentinel_interviews& operator=(const sentinel_interviews&) = delete;

    /// Asks a sentinel, unless that is under way: then what it says is of an earlier round.
    /// @param seed  the user named it; else a sentinel did
    void ask(const endpoint& sentinel, bool seed, io::time_point deadline, std::uint64_t round);
    /// Forgets all others, but for those that are asked at the moment. Not to be called from told().
    void keep_only(const std::vector<endpoint>& sentinels);
    [[nodiscard]] bool idle() const noexcept;
    /// Whether the node is one of them.
    [[nodiscard]] bool asks(routing::node_id node, const endpoint& sentinel) const noexcept;
    [[nodiscard]] bool listens() const noexcept;
    /// The connection to the node is gone. True if that is news: it had answered before.
    bool lost(routing::node_id node) noexcept;

  private:
    class interview;

    engine& engine_;
    std::string service_;
    reader& reader_;
    std::vector<std::unique_ptr<interview>> all_;  // one for each sentinel that was ever asked
};

}  // namespace valkeyxx::clients
