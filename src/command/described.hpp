// A command as a running server describes it (COMMAND INFO): for those that the table does not know, such as a module's
// or a newer server's.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "command/table.hpp"

#include <valkeyxx/value.hpp>

namespace valkeyxx {

class described_command {
  public:
    /// Reads one entry of the reply to COMMAND or COMMAND INFO, both protocols'; nullptr if it is not one, or null.
    /// What the entry says in words that we do not know is left out.
    /// @param name  under which it was asked for: a server may have renamed it
    static std::unique_ptr<const described_command> read(reply_view entry, std::string_view name);

    described_command(const described_command&) = delete;
    described_command& operator=(const described_command&) = delete;

    /// Its entry, as if of the table, with the id `raw`. It may be sent again only if it changes nothing. Lives as long
    /// as this.
    [[nodiscard]] const listed_command& info() const noexcept { return info_; }
    /// A subcommand, by its name in any case; nullptr if there is none of that name.
    [[nodiscard]] const described_command* subcommand(std::string_view name) const noexcept;
    /// It has keys that only the server can find (COMMAND GETKEYS).
    [[nodiscard]] bool hides_keys() const noexcept { return hides_keys_; }

  private:
    described_command() = default;
    bool read_entry(reply_view entry);
    std::optional<key_spec> read_spec(reply_view spec);

    std::string name_;
    std::deque<std::string> keywords_;  // of the key specs, which point here
    listed_command info_;
    bool hides_keys_ = false;
    std::vector<std::unique_ptr<const described_command>> subcommands_;
};

}  // namespace valkeyxx
