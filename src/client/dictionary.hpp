// Commands that the table does not know: a server is asked for each, once, how to route it.
//
// Meanwhile the request waits in the waiting room, with the slot of its first argument, which nearly always is its key:
// so commands that come after it for the same key wait behind it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "client/request.hpp"
#include "command/described.hpp"

namespace valkeyxx::clients {

class engine;

class dictionary {
  public:
    explicit dictionary(engine& e) noexcept;
    ~dictionary();

    /// Writes into the request's facts how it is to be routed. False: that is not known yet; a server is being asked,
    /// and engine::go_on is called for the request's slot when it has answered. Whatever goes wrong, the first argument
    /// is taken for the key in the end: the server's MOVED, or its error, says better. Requires the engine's lock and a
    /// topology.
    bool resolve(request& r);

  private:
    class question;
    struct entry;

    /// The command is known: finds its keys, or asks the server for those that only it can find.
    bool resolve_by(const described_command& known, request& r, const std::vector<std::string_view>& words);
    void ask(std::string bytes, std::uint16_t slot, std::string name, std::uint64_t number);
    void described(question& q, std::optional<reply_view> reply) noexcept;
    void keys_found(question& q, std::optional<reply_view> reply) noexcept;

    engine& engine_;
    std::unordered_map<std::string, entry> entries_;                        // by name, upper case
    std::unordered_map<std::uint64_t, std::optional<command_facts>> keys_;  // by request number; nullopt: not yet
    std::vector<std::unique_ptr<question>> questions_;
};

}  // namespace valkeyxx::clients
