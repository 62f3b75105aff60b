// Which sentinels there are: those the user named, and those the sentinels name; the one that was of use last in front.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <valkeyxx/sentinel_commands.hpp>

namespace valkeyxx::topology {

class sentinel_roster {
  public:
    /// More are not kept, whatever sentinels say.
    static constexpr std::size_t most = 32;

    struct seat {
        endpoint at;          ///< as the user, or a sentinel, named it
        std::string id = {};  ///< the sentinel's own, once it is known
        bool seed = false;    ///< named by the user: never forgotten
    };

    explicit sentinel_roster(const std::vector<endpoint>& seeds);

    [[nodiscard]] const std::vector<seat>& seats() const noexcept { return seats_; }
    /// The sentinel has told its id. One that was known under two addresses is left with one: the user's, if he gave
    /// one of them.
    void identify(const endpoint& at, std::string_view id);
    /// Who votes here: the id if it is known, else the address. A sentinel has one vote, whatever it is called by.
    [[nodiscard]] std::string voter(const endpoint& at) const;
    void move_to_front(const endpoint& at);
    /// Another sentinel names these.
    void learn(const std::vector<commands::sentinel_peer>& peers);
    /// Nobody names it any more, and it does not answer. A seed stays.
    void forget(const endpoint& at);

  private:
    [[nodiscard]] std::vector<seat>::iterator find(const endpoint& at);

    std::vector<seat> seats_;
};

}  // namespace valkeyxx::topology
