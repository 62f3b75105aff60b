// Sentinels that get to know each other in a fraction of a second and still fail over safely.
#include "support/sentinel_set.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "support/network.hpp"
#include "support/poll.hpp"

namespace valkeyxx::testing {

namespace {

constexpr std::chrono::seconds long_wait{30};

// Quick discovery. A shorter ping-period would break failover: a replica is good enough to be promoted only if its INFO
// is younger than five of them. tilt-period: a sentinel that was paused would else start no failover for 30 s.
const admin::request fast_periods{"info-period", "100",         "publish-period",
                                  "100",         "ask-period",  "100",
                                  "ping-period", "300",         "min-link-reconnect-period",
                                  "100",         "tilt-period", "1000"};

// Before any failover: a sentinel turns a promoted replica back when four publish-periods have passed.
const admin::request safe_periods{"publish-period", "500", "info-period", "500"};

using fields = std::map<std::string, std::string>;

fields to_fields(const admin_reply& flat_pairs) {
    fields result;
    for (std::size_t i = 0; i + 1 < flat_pairs.items.size(); i += 2) {
        result[flat_pairs.items[i].text] = flat_pairs.items[i + 1].text;
    }
    return result;
}

}  // namespace

sentinel_set::sentinel_set(sentinel_options options) : options_(std::move(options)) {
    servers_.emplace_back(base(false));
}

server_options sentinel_set::base(bool sentinel) const {
    server_options o{.bind = options_.bind, .password = sentinel ? options_.sentinel_password : options_.password};
    if (options_.tls) {
        o.tls_port = next_port();
        o.extra = options_.tls(o.tls_port, sentinel);
    }
    if (!sentinel) o.extra.insert(o.extra.end(), options_.extra.begin(), options_.extra.end());
    return o;
}

void sentinel_set::wait() {
    if (sentinels_.empty()) {
        // One after the other: a replica that finds no primary, or a sentinel that finds no replica, tries again late
        // only.
        server(0).wait();
        start_replicas();
        start_sentinels();
    }
    for (auto& one : servers_) one.wait();
    for (auto& one : sentinels_) one.wait();
    set_periods(fast_periods);
    await_agreement();
    set_periods(safe_periods);
}

void sentinel_set::start_replicas() {
    for (int i = 0; i < options_.replicas; ++i) {
        auto one = base(false);
        const arguments primary{"--replicaof", first_host(), std::to_string(server(0).secure_port())};
        one.extra.insert(one.extra.begin(), primary.begin(), primary.end());
        servers_.emplace_back(std::move(one));
    }
}

void sentinel_set::start_sentinels() {
    const auto line = [this](const std::string& directive, const std::string& value) {
        return "sentinel " + directive + " " + options_.name + " " + value + "\n";
    };
    const auto quorum = std::to_string(options_.sentinels / 2 + 1);
    auto config = options_.sentinel_lines;
    config += line("monitor", first_host() + " " + std::to_string(server(0).secure_port()) + " " + quorum) +
              line("down-after-milliseconds", std::to_string(options_.down_after.count())) +
              line("failover-timeout", "3000") + line("parallel-syncs", "2");
    if (!options_.password.empty()) config += line("auth-pass", options_.password);
    if (!options_.sentinel_password.empty()) config += "sentinel sentinel-pass " + options_.sentinel_password + "\n";
    for (int i = 0; i < options_.sentinels; ++i) {
        auto one = base(true);
        one.sentinel_config = config;
        sentinels_.emplace_back(std::move(one));
    }
}

void sentinel_set::set_periods(const admin::request& periods) {
    admin::request command{"SENTINEL", "DEBUG"};
    command.insert(command.end(), periods.begin(), periods.end());
    for (auto& one : sentinels_) one.admin()(command);
}

void sentinel_set::await_agreement() {
    poll_until(
        "sentinels to know all",
        [this] {
            primary();
            return std::all_of(sentinels_.begin(), sentinels_.end(), [this](auto& one) { return knows_all(one); });
        },
        long_wait);
}

bool sentinel_set::knows_all(valkey_server& sentinel) {
    auto admin = sentinel.admin();
    auto facts = to_fields(admin.call({"SENTINEL", "MASTER", name()}));
    if (facts["flags"] != "master" || facts["num-slaves"] != std::to_string(options_.replicas) ||
        facts["num-other-sentinels"] != std::to_string(options_.sentinels - 1)) {
        return false;
    }
    for (const auto& replica : admin.call({"SENTINEL", "REPLICAS", name()}).items) {
        auto its = to_fields(replica);
        if (its["flags"] != "slave" || its["master-link-status"] != "ok") return false;
    }
    return admin({"SENTINEL", "CKQUORUM", name()}).rfind("OK", 0) == 0;
}

std::uint16_t sentinel_set::primary_port(int sentinel) {
    const auto reply = this->sentinel(sentinel).admin().call({"SENTINEL", "GET-MASTER-ADDR-BY-NAME", name()});
    if (reply.items.size() != 2) throw std::runtime_error("the sentinel names no primary for " + name());
    return static_cast<std::uint16_t>(std::stoi(reply.items[1].text));
}

std::string sentinel_set::primary_as_named(int sentinel) {
    return this->sentinel(sentinel).admin()({"SENTINEL", "GET-MASTER-ADDR-BY-NAME", name()});
}

valkey_server& sentinel_set::primary() {
    std::uint16_t named = 0;
    for (int i = 0; i < sentinels(); ++i) {
        if (!sentinel(i).is_answering()) continue;
        const auto port = primary_port(i);
        if (named != 0 && named != port) throw std::runtime_error("the sentinels name different primaries");
        named = port;
    }
    return server_at(named);
}

valkey_server& sentinel_set::server_at(std::uint16_t port) {
    for (auto& one : servers_) {
        if (one.secure_port() == port) return one;
    }
    throw std::runtime_error("no server of this set has port " + std::to_string(port));
}

valkey_server& sentinel_set::replica(int which) {
    for (auto& one : servers_) {
        if (!one.is_answering() || one.role() != "replica") continue;
        if (which-- == 0) return one;
    }
    throw std::runtime_error("not that many running replicas now");
}

void sentinel_set::failover() {
    // Sentinels give up a failover that takes long, on a slow machine perhaps, and do not begin another by themselves.
    auto& old = primary();
    std::chrono::steady_clock::time_point again{};
    poll_until(
        "sentinels to carry out a failover",
        [&] {
            if (&primary() != &old) return true;
            if (std::chrono::steady_clock::now() < again) return false;
            again = std::chrono::steady_clock::now() + std::chrono::seconds{15};
            sentinel(0).admin()(
                {"SENTINEL", "FAILOVER", name()});  // an error, if one goes on: asked again until it is over
            return false;
        },
        long_wait);
    wait_replaced(old);
}

void sentinel_set::wait_replaced(const valkey_server& old) {
    poll_until(
        "sentinels to name another primary",
        [&] {
            auto& now = primary();
            return &now != &old && now.role() == "primary";
        },
        long_wait);
}

void sentinel_set::heal() {
    for (auto* group : {&servers_, &sentinels_}) {
        for (auto& one : *group) {
            one.resume();
            if (!one.is_running()) one.start();
        }
    }
    wait();
}

std::string sentinel_set::url() const {
    const std::string scheme = options_.tls ? "valkeys+sentinel://" : "valkey+sentinel://";
    std::string text;
    for (const auto& one : sentinels_) {
        text += (text.empty() ? scheme : ",") + address_text(one.host(), one.secure_port());
    }
    return text + "/" + name();
}

}  // namespace valkeyxx::testing
