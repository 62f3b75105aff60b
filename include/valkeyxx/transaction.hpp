// Commands that run together: all of them or none, with nobody else's between them (MULTI ... EXEC).
//
//   vk::transaction t;
//   auto left = t.add(decrby("{acct}:1", 100));
//   auto right = t.add(incrby("{acct}:2", 100));
//   auto done = cluster.execute(t);
//   std::int64_t now = done[left].value();
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <valkeyxx/command.hpp>
#include <valkeyxx/pipeline.hpp>

namespace valkeyxx {

class transaction;

namespace detail {
class transaction_access;
/// The reply to EXEC: one result for each command, or why there is none.
result<pipeline_result> read_transaction(const transaction& t, reply_view reply);
}  // namespace detail

/// A list of commands for one slot. It goes to the slot's node in one write and leaves the connection to others at
/// once. Redirects move it as a whole. If the connection breaks before EXEC was handed to the network nothing has run;
/// after that it fails with `may_have_run`, unless every command in it may be repeated.
///
/// A command that fails when it runs (WRONGTYPE) does not undo the others; one that the server refuses to queue keeps
/// all from running. Source: https://valkey.io/topics/transactions. A value: it may be executed again, by several
/// threads at once.
class transaction {
  public:
    transaction();

    /// Adds a copy of the command at the end. Throws `exception` with `invalid_argument` for a command that cannot be
    /// part of a transaction (WATCH, SUBSCRIBE). A command that waits (BLPOP) does not wait in a transaction.
    template <class R>
    pipeline::handle<R> add(const command<R>& c) {
        append(c.encoded());
        return {entries_.size() - 1};
    }

    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
    void clear();

  private:
    friend class detail::transaction_access;
    friend result<pipeline_result> detail::read_transaction(const transaction& t, reply_view reply);

    void append(const encoded_command& c);
    void note_slot(const command_facts& facts);

    std::string bytes_;  // from MULTI to EXEC
    command_facts facts_;
    std::vector<const listed_command*> entries_;
    bool guessed_ = false;             // facts_.slot is what it seems to be
    std::optional<error> impossible_;  // in a cluster
};

}  // namespace valkeyxx
