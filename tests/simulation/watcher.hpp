// Writes what the client tells of itself into the trace.
#pragma once

#include "trace.hpp"

#include <valkeyxx/observer.hpp>
#include <valkeyxx/shard_map.hpp>

namespace valkeyxx::simulation {

class watcher final : public observer {
  public:
    explicit watcher(trace& log) : log_{log} {}

    void connected(const endpoint& node, int protocol) override {
        log_([&] { return "client: connected to " + node.text() + ", RESP" + std::to_string(protocol); });
    }
    void disconnected(const endpoint& node, const error& why) override {
        log_([&] { return "client: no connection to " + node.text() + ": " + why.message(); });
    }
    void redirected(redirect_kind kind, std::uint16_t slot, const endpoint& from, const endpoint& to) override {
        log_([&] {
            return std::string{kind == redirect_kind::ask ? "client: ASK " : "client: MOVED "} + std::to_string(slot) +
                   " from " + from.text() + " to " + to.text();
        });
    }
    void retried(std::string_view command, std::string_view reason) override {
        log_([&] { return "client: " + std::string{command} + " waits: " + std::string{reason}; });
    }
    void topology_changed(const shard_map& now) override {
        log_([&] {
            std::string text = "client: new map:";
            for (const shard_info& s : now.shards()) {
                text += " " + s.primary.address.host + "=";
                for (const slot_range& r : s.slots)
                    text += std::to_string(r.first) + "-" + std::to_string(r.last) + ",";
            }
            return text;
        });
    }
    void refresh_failed(const endpoint& node, const error& why) override {
        log_([&] { return "client: no topology from " + node.text() + ": " + why.message(); });
    }

  private:
    trace& log_;
};

}  // namespace valkeyxx::simulation
