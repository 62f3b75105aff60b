// The simulated network: who listens where, what names resolve to, and how long things take.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "dice.hpp"
#include "link.hpp"
#include "listener.hpp"

namespace valkeyxx::simulation {

using address = io::stream::address;

enum class segments : std::uint8_t { whole, pieces, bytes };

/// A connection that is being made.
struct dialling {
    task<std::error_code, const std::shared_ptr<link>&> done;
    std::shared_ptr<link>* into = nullptr;  // where the client wants it; null: it has given up
    int tries = 0;
};

class network {
  public:
    struct settings {
        segments split = segments::whole;
        std::size_t window = 65536;    ///< bytes that a connection takes before the server reads them
        duration name_lookup{};        ///< how long a name takes at most
        duration retransmission{};     ///< after a cut is over, what was held up arrives within this
        int abrupt_close_percent = 0;  ///< of the client's closes lose what has not arrived yet
    };

    network(scheduler& time, dice& random, settings s) : time_{time}, random_{random}, settings_{s} {}

    [[nodiscard]] scheduler& time() noexcept { return time_; }
    [[nodiscard]] dice& random() noexcept { return random_; }
    [[nodiscard]] const settings& how() const noexcept { return settings_; }

    void listen(const address& at, listener& who) { listeners_[at] = &who; }
    void unlisten(const address& at) { listeners_.erase(at); }
    /// From now on the name resolves to these; none: it does not resolve.
    void name(const std::string& host, std::vector<address> where) { names_[host] = std::move(where); }

    void dial(const address& to, const std::shared_ptr<dialling>& d);
    void resolve(const endpoint& at, task<std::error_code, std::vector<address>> done);

    /// The way to this one is free again.
    void resume(const listener& who);
    /// Connections whose both ends are open.
    std::vector<std::shared_ptr<link>> usable_links();
    /// Ends connections that are dead without the client's knowledge.
    void tell_of_dead_links();

  private:
    void knock(const address& to, const std::shared_ptr<dialling>& d);

    scheduler& time_;
    dice& random_;
    settings settings_;
    std::map<address, listener*> listeners_;
    std::map<std::string, std::vector<address>> names_;
    std::vector<std::weak_ptr<link>> links_;
};

}  // namespace valkeyxx::simulation
