// Many replies to one: what several nodes said, or the parts of a command that was taken apart.
//
//   gather g{info_of(command_id::dbsize), 2};
//   g.add(1, reply_of_one_node);   // :3
//   g.add(0, reply_of_another);    // :4
//   g.joined();                    // :7
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "command/table.hpp"
#include "routing/fanout.hpp"
#include "routing/join_rule.hpp"
#include "routing/reply_builder.hpp"

#include <valkeyxx/value.hpp>

namespace valkeyxx::routing {

/// Joins replies by the command table's response policy; for commands that have none, and go to several nodes only if
/// the caller names them, as it makes sense for the command, or else to an array with one element for each part.
class gather {
  public:
    /// For the replies of several nodes to the same request.
    gather(const listed_command& command, std::size_t parts);
    /// For the replies to the fragments of a command of that many keys.
    gather(const listed_command& command, std::span<const fragment> fragments, std::size_t keys);

    /// One part's reply, which is copied and not an error; in any order, each part at most once.
    void add(std::size_t part, reply_view reply);

    /// All that were added as one reply; a single part's reply as it is. Valid until the object is changed or moved.
    /// Error `unexpected_reply`: they do not fit together, or a key of a command taken apart has no reply.
    result<reply_view> joined();

  private:
    enum class number : std::uint8_t { integer, truth };

    result<reply_view> fold(number kind, bool (*combine)(std::int64_t& to, std::int64_t n));
    result<reply_view> elements(bool once_each);
    result<reply_view> channels();
    result<reply_view> by_key();
    result<reply_view> one_per_part();

    [[nodiscard]] error misfit(std::size_t part, const std::string& wanted) const;

    join_rule rule_;
    std::vector<std::optional<value>> parts_;
    std::size_t first_part_;                          // the first that was added, by number ...
    std::size_t first_added_;                         // ... and by time; parts_.size(): none was
    std::size_t keys_ = 0;                            // by_key: of the whole command
    std::vector<std::vector<std::uint32_t>> places_;  // by_key: see fragment, by part
    reply_builder builder_;
};

}  // namespace valkeyxx::routing
