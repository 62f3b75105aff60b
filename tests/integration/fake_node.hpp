// A cluster node that answers as told, for replies a real one will not give. It greets, and tells the topology, by
// itself.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/fake_server.hpp"
#include "support/resp_text.hpp"

namespace valkeyxx::testing {

/// One line of CLUSTER SLOTS: these slots are at that port of 127.0.0.1.
inline std::string slots_at(int first, int last, int port) {
    const std::string id = std::string(35, '0') + std::to_string(10000 + port % 10000);
    return resp::array({resp::integer(first), resp::integer(last),
                        resp::array({resp::bulk("127.0.0.1"), resp::integer(port), resp::bulk(id), resp::array({})})});
}

class fake_node {
  public:
    using request = fake_server::request;

    /// @param rest  answers whatever is neither a greeting nor CLUSTER SLOTS
    explicit fake_node(std::function<answer(const request&)> rest)
        : rest_{std::move(rest)}, server_{fake_server::handler{[this](const request& r) { return respond(r); }}} {
        claim(0, 16383);
    }

    int port() const { return server_.port(); }
    std::string url() const { return "valkey://127.0.0.1:" + std::to_string(port()); }
    fake_server& server() { return server_; }

    /// From now on it says that it serves these slots.
    void claim(int first, int last) { tell(resp::array({slots_at(first, last, port())})); }
    /// From now on this is its answer to CLUSTER SLOTS.
    void tell(answer slots) {
        const std::lock_guard lock{mutex_};
        slots_ = std::move(slots);
    }

    /// How many requests of that name have come.
    int count(const std::string& command) {
        int found = 0;
        for (const auto& r : server_.requests()) found += is_command(r, command) ? 1 : 0;
        return found;
    }

  private:
    answer respond(const request& r) {
        if (is_command(r, "CLUSTER")) {
            const std::lock_guard lock{mutex_};
            return slots_;
        }
        if (is_command(r, "ASKING")) return resp::status("OK");
        auto greeting = is_command(r, "PING") ? std::nullopt : answer_greeting(r, "cluster");
        return greeting ? *std::move(greeting) : rest_(r);
    }

    std::mutex mutex_;
    answer slots_ = answer::silence();
    std::function<answer(const request&)> rest_;
    fake_server server_;  // last: its thread uses the others
};

}  // namespace valkeyxx::testing
