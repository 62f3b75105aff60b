#include "cluster_words.hpp"

#include <algorithm>

#include "announced.hpp"
#include "replies.hpp"
#include "world.hpp"

namespace valkeyxx::simulation::words {
namespace {

struct range {
    std::uint16_t first;
    std::uint16_t last;
    int owner;
};

std::vector<range> ranges(const world& w, const view& sees) {
    std::vector<range> all;
    const auto& chunks = w.keys.chunks();
    for (std::size_t i = 0; i < chunks.size(); ++i) {
        const int owner = sees.owners()[i];
        if (owner == nobody) continue;
        if (!all.empty() && all.back().owner == owner && all.back().last + 1 == chunks[i].first) {
            all.back().last = chunks[i].last;
        } else {
            all.push_back({chunks[i].first, chunks[i].last, owner});
        }
    }
    return all;
}

endpoint endpoint_of(const world& w, const std::string& host, std::uint16_t port) {
    const endpoint at{.host = host, .port = port};
    return w.settings.remapped ? announced(at) : at;
}

endpoint ip_of(const world& w, const node& n, int target) {
    const place at = n.sees.of(target).at;
    return endpoint_of(w, at.host(), at.port);
}

// As the node tells clients of it.
endpoint preferred(const world& w, const node& n, int target) {
    const place at = n.sees.of(target).at;
    return w.settings.host_names ? endpoint_of(w, w.nodes.at(target).name(), at.port) : ip_of(w, n, target);
}

void describe(const world& w, const node& n, int target, std::string& out) {
    reply::array(out, 4);
    const endpoint at = preferred(w, n, target);
    reply::bulk(out, at.host);
    reply::integer(out, at.port);
    reply::bulk(out, w.nodes.at(target).id());
    reply::array(out, w.settings.host_names ? 2 : 0);
    if (!w.settings.host_names) return;
    reply::bulk(out, "ip");
    reply::bulk(out, ip_of(w, n, target).host);
}

// Replicas by the primary they follow, without those that have failed.
std::vector<std::vector<int>> followers(const view& sees) {
    std::vector<std::vector<int>> all(sees.peers().size());
    for (std::size_t i = 0; i < sees.peers().size(); ++i) {
        const peer& p = sees.peers()[i];
        if (p.primary != nobody && !p.failed) all[static_cast<std::size_t>(p.primary)].push_back(static_cast<int>(i));
    }
    return all;
}

void slots(const world& w, node& n, std::string& out) {
    if (n.slots_revision != n.sees.revision()) {
        n.slots_revision = n.sees.revision();
        n.slots_text.clear();
        const auto all = ranges(w, n.sees);
        const auto replicas = followers(n.sees);
        reply::array(n.slots_text, all.size());
        for (const range& r : all) {
            const auto& its = replicas[static_cast<std::size_t>(r.owner)];
            reply::array(n.slots_text, 3 + its.size());
            reply::integer(n.slots_text, r.first);
            reply::integer(n.slots_text, r.last);
            describe(w, n, r.owner, n.slots_text);
            for (const int replica : its) describe(w, n, replica, n.slots_text);
        }
    }
    out += n.slots_text;
}

void info(const world& w, const node& n, std::string& out) {
    std::size_t assigned = 0;
    std::size_t failed = 0;
    std::vector<bool> owns(n.sees.peers().size());
    for (const range& r : ranges(w, n.sees)) {
        const std::size_t size = r.last - r.first + 1U;
        assigned += size;
        if (n.sees.of(r.owner).failed) failed += size;
        owns[static_cast<std::size_t>(r.owner)] = true;
    }
    const auto primary = n.is_primary() ? n.epoch : n.sees.of(n.primary).epoch;
    std::string text = std::string{"cluster_state:"} + (n.cluster_down() ? "fail" : "ok");
    const auto add = [&text](const char* name, std::uint64_t value) {
        text.append("\r\n").append(name).append(":").append(std::to_string(value));
    };
    add("cluster_slots_assigned", assigned);
    add("cluster_slots_ok", assigned - failed);
    add("cluster_slots_pfail", 0);
    add("cluster_slots_fail", failed);
    add("cluster_known_nodes", n.sees.peers().size());
    add("cluster_size", static_cast<std::size_t>(std::count(owns.begin(), owns.end(), true)));
    add("cluster_current_epoch", n.sees.epoch());
    add("cluster_my_epoch", primary);
    reply::bulk(out, text + "\r\n");
}

void nodes(const world& w, const node& n, std::string& out) {
    const auto all = ranges(w, n.sees);
    std::string text;
    for (std::size_t i = 0; i < n.sees.peers().size(); ++i) {
        const auto index = static_cast<int>(i);
        const peer& p = n.sees.of(index);
        text += w.nodes.at(index).id() + " " + ip_of(w, n, index).text() + "@16379";
        if (w.settings.host_names) text += "," + preferred(w, n, index).host;
        text += index == n.index() ? " myself," : " ";
        text += p.primary == nobody ? "master" : "slave";
        if (p.failed) text += ",fail";
        text += " " + (p.primary == nobody ? std::string{"-"} : w.nodes.at(p.primary).id());
        text += " 0 0 " + std::to_string(p.epoch) + (p.failed ? " disconnected" : " connected");
        for (const range& r : all) {
            if (r.owner != index) continue;
            text += " " + std::to_string(r.first);
            if (r.last != r.first) text += "-" + std::to_string(r.last);
        }
        text += "\n";
    }
    reply::bulk(out, text);
}

std::size_t offset(const node& n) {
    return n.is_primary() ? n.log.size() : n.position;
}

}  // namespace

std::string address_of(const world& w, const node& n, int target) {
    return preferred(w, n, target).text();
}

void role(const world& w, const node& n, std::string& out) {
    if (n.is_primary()) {
        reply::array(out, 3);
        reply::bulk(out, "master");
        reply::integer(out, static_cast<std::int64_t>(offset(n)));
        const auto its = followers(n.sees)[static_cast<std::size_t>(n.index())];
        reply::array(out, its.size());
        for (const int replica : its) {
            reply::array(out, 3);
            const endpoint at = preferred(w, n, replica);
            reply::bulk(out, at.host);
            reply::bulk(out, std::to_string(at.port));
            reply::bulk(out, std::to_string(w.nodes.at(replica).position));
        }
        return;
    }
    reply::array(out, 5);
    reply::bulk(out, "slave");
    const endpoint primary = preferred(w, n, n.primary);
    reply::bulk(out, primary.host);
    reply::integer(out, primary.port);
    reply::bulk(out, n.loading() ? "sync" : n.linked ? "connected" : "connect");
    reply::integer(out, static_cast<std::int64_t>(offset(n)));
}

void information(const world& w, const node& n, std::string& out) {
    std::string text = "# Server\r\nvalkey_version:8.0.1\r\nserver_mode:cluster\r\navailability_zone:" + n.zone() +
                       "\r\n\r\n# Replication\r\n";
    if (n.is_primary()) {
        text += "role:master\r\n";
    } else {
        text += "role:slave\r\nmaster_host:" + preferred(w, n, n.primary).host +
                "\r\nmaster_link_status:" + (n.linked ? "up" : "down") + "\r\n";
    }
    text += std::string{"loading:"} + (n.loading() ? "1" : "0") + "\r\n\r\n# Cluster\r\ncluster_enabled:1\r\n";
    reply::bulk(out, text);
}

bool cluster(world& w, node& n, const session& /*s*/, std::string_view word, std::string& out) {
    if (word == "SLOTS") {
        slots(w, n, out);
    } else if (word == "INFO") {
        info(w, n, out);
    } else if (word == "NODES") {
        nodes(w, n, out);
    } else if (word == "MYID") {
        reply::bulk(out, n.id());
    } else {
        return false;
    }
    return true;
}

}  // namespace valkeyxx::simulation::words
