// A cluster node that has a view of its own: which epoch it has heard of, whether its cluster works, and who serves
// what.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/fake_server.hpp"
#include "support/resp_text.hpp"

#include <valkeyxx/endpoint.hpp>
#include <valkeyxx/slot.hpp>

namespace valkeyxx::testing {

/// A node as CLUSTER SLOTS describes it. `host` is in RESP: a bulk string or a nil.
struct told_node {
    std::string host;
    int port;
    std::string metadata = resp::array({});

    std::string text() const {
        const std::string id = std::string(35, '0') + std::to_string(10000 + port % 10000);
        return resp::array({host, resp::integer(port), resp::bulk(id), metadata});
    }
};

/// One line of CLUSTER SLOTS: the primary, then its replicas.
inline std::string slots_of(int first, int last, const std::vector<told_node>& nodes) {
    std::vector<std::string> parts{resp::integer(first), resp::integer(last)};
    for (const auto& node : nodes) parts.push_back(node.text());
    return resp::array(parts);
}

class view_node {
  public:
    using request = fake_server::request;
    /// What it says to commands with keys; nothing: it runs them.
    using reaction = std::function<std::optional<answer>(const request&)>;

    explicit view_node(std::string host = "127.0.0.1")
        : server_{fake_server::handler{[this](const request& r) { return respond(r); }}, std::move(host)} {
        tell({slots_of(0, 16383, {here()})});
    }

    int port() const { return server_.port(); }
    endpoint at() const { return {server_.host(), server_.port()}; }
    told_node here() const { return {resp::bulk(server_.host()), port()}; }
    fake_server& server() { return server_; }

    /// From now on these are the lines of its CLUSTER SLOTS.
    void tell(const std::vector<std::string>& lines) { answer_slots(resp::array(lines)); }
    void answer_slots(answer all) {
        const std::lock_guard lock{mutex_};
        slots_ = std::move(all);
    }
    /// From now on it says of its view that it may not tell.
    void refuse_to_tell() { answer_slots(resp::error("NOPERM this user has no permissions to run 'cluster|slots'")); }
    /// From now on it answers nothing but greetings.
    void hang() {
        const std::lock_guard lock{mutex_};
        hangs_ = true;
    }
    /// From now on its CLUSTER INFO says this.
    void know(std::string state, std::uint64_t epoch) {
        const std::lock_guard lock{mutex_};
        info_ = resp::bulk("cluster_enabled:1\r\ncluster_state:" + std::move(state) +
                           "\r\ncluster_current_epoch:" + std::to_string(epoch) + "\r\n");
    }
    void react(reaction how) {
        const std::lock_guard lock{mutex_};
        react_ = std::move(how);
    }
    /// To commands with keys it says that another node serves their slot.
    void send_on_to(const std::string& target) {
        react([target](const request& r) -> std::optional<answer> {
            return resp::error("MOVED " + std::to_string(key_slot(r.at(1))) + " " + target);
        });
    }

    /// How often it was asked for its view.
    int asked() const { return asked_; }
    /// How many commands with keys it has run.
    int served() const { return served_; }

  private:
    answer respond(const request& r) {
        const std::lock_guard lock{mutex_};
        const bool is_question = is_command(r, "CLUSTER") && is_command({r.at(1)}, "SLOTS");
        if (is_question) ++asked_;
        if (auto greeting = answer_greeting(r, "cluster")) return *std::move(greeting);
        if (hangs_) return answer::silence();
        if (is_question) return slots_;
        if (is_command(r, "CLUSTER")) return info_;
        if (is_command(r, "ASKING")) return resp::status("OK");
        if (is_command(r, "ROLE")) {
            return resp::array({resp::bulk("slave"), resp::bulk("127.0.0.1"), resp::integer(1), resp::bulk("connected"),
                                resp::integer(1)});
        }
        if (react_) {
            if (auto said = react_(r)) return *std::move(said);
        }
        ++served_;
        return is_command(r, "GET") ? resp::bulk(std::to_string(port())) : resp::integer(1);
    }

    std::mutex mutex_;
    answer slots_ = answer::silence();
    answer info_ = resp::bulk("cluster_state:ok\r\ncluster_current_epoch:1\r\n");
    reaction react_;
    bool hangs_ = false;
    std::atomic<int> asked_{0};
    std::atomic<int> served_{0};
    fake_server server_;  // last: its thread uses the others
};

}  // namespace valkeyxx::testing
