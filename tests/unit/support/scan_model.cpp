#include "support/scan_model.hpp"

#include <algorithm>
#include <charconv>

#include "routing/slot_tag.hpp"

namespace valkeyxx::testing {

using routing::scan_order;

namespace {

constexpr std::uint32_t hash_bound = 1U << 12;  // small: some keys share a bucket

std::uint64_t number(std::string_view text) {
    std::uint64_t n = 0;
    std::from_chars(text.data(), text.data() + text.size(), n);
    return n;
}

int slot_number(const std::string& key) {
    return key_slot(key);
}

}  // namespace

scan_model::scan_model(std::uint64_t seed, int nodes, std::vector<scan_order> orders) : dice_{seed}, owner_(slots) {
    for (int n = 0; n < nodes; ++n) add_node(orders[static_cast<std::size_t>(n) % orders.size()]);
    for (int s = 0; s < slots; ++s) owner_[s] = s * nodes / slots;
    for (node& n : nodes_) n.belief = owner_;
    for (int s = 0; s < slots; ++s) {
        const int keys = roll(5) == 0 ? roll(60) : roll(6);
        for (int i = 0; i < keys; ++i) {
            const auto key = "{" + routing::slot_tag(static_cast<std::uint16_t>(s)) + "}:" + std::to_string(i);
            nodes_[owner_[s]].keys[s].insert(key);
            lasting_.insert(key);
        }
    }
    refresh_map();
}

int scan_model::add_node(scan_order order) {
    const int n = static_cast<int>(nodes_.size());
    nodes_.push_back({.id = "id" + std::to_string(n),
                      .at = {"10.0.0.1", static_cast<std::uint16_t>(7000 + n)},
                      .epoch = ++max_epoch_,
                      .order = order});
    restart(n);
    return n;
}

void scan_model::restart(int n) {
    nodes_[n].process = "process" + std::to_string(++started_);
    nodes_[n].seed = static_cast<std::uint32_t>(dice_());
}

void scan_model::bump(int n) {
    if (nodes_[n].epoch != max_epoch_) nodes_[n].epoch = ++max_epoch_;
}

void scan_model::happen() {
    switch (roll(14)) {
        case 0:
        case 1:
            start_some_migration();
            break;
        case 2:
        case 3:
        case 4:
        case 5:
        case 6:
            go_on_with_some_migration();
            break;
        case 7:
            move_whole_slot();
            break;
        case 8:
            if (roll(6) == 0) fail_over(owner_[roll(slots)], roll(2) == 0);
            break;
        case 9:
            if (roll(4) == 0) restart(owner_[roll(slots)]);
            break;
        case 10:
            refresh_map();
            break;
        case 11:
            if (!news_.empty()) {
                const auto which = roll(static_cast<int>(news_.size()));
                news_[which]();
                news_.erase(news_.begin() + which);
            }
            break;
        default:
            change_passing_keys();
    }
}

void scan_model::start_some_migration() {
    begin_migration(roll(slots), roll(static_cast<int>(nodes_.size())));
}

void scan_model::begin_migration(int slot, int to) {
    const int from = owner_[slot];
    node& a = nodes_[from];
    if (to == from || !serves(to) || !serves(from) || a.belief[slot] != from || a.migrating.contains(slot)) return;
    if (nodes_[to].keys.contains(slot) && !nodes_[to].keys[slot].empty()) return;
    a.migrating[slot] = to;
    nodes_[to].importing[slot] = from;
}

void scan_model::go_on_with_some_migration() {
    numbered<int> moving;
    for (int s = 0; s < slots; ++s) {
        if (nodes_[owner_[s]].migrating.contains(s)) moving.push_back(s);
    }
    if (moving.empty()) return;
    const int slot = moving[roll(static_cast<int>(moving.size()))];
    for (int i = roll(8); i >= 0; --i) move_key(slot);
    node& a = nodes_[owner_[slot]];
    if (a.keys[slot].empty()) {
        finish(slot);
    } else if (nodes_[a.migrating[slot]].keys[slot].empty() && roll(4) == 0) {
        nodes_[a.migrating[slot]].importing.erase(slot);  // called off
        a.migrating.erase(slot);
    }
}

void scan_model::move_key(int slot) {
    node& a = nodes_[owner_[slot]];
    if (!a.migrating.contains(slot) || a.keys[slot].empty()) return;
    auto which = a.keys[slot].begin();
    std::advance(which, roll(static_cast<int>(a.keys[slot].size())));
    nodes_[a.migrating[slot]].keys[slot].insert(*which);
    a.keys[slot].erase(which);
}

void scan_model::finish(int slot) {
    const int from = owner_[slot];
    const int to = nodes_[from].migrating[slot];
    owner_[slot] = to;
    nodes_[to].belief[slot] = to;
    nodes_[to].importing.erase(slot);
    nodes_[to].migrating.erase(slot);
    bump(to);
    const int move = ++moves_[slot];  // news of an earlier one is none any more
    const auto learn = [this, slot, from, to, move] {
        if (moves_[slot] != move) return;
        nodes_[from].migrating.erase(slot);
        if (nodes_[from].belief[slot] == from) nodes_[from].belief[slot] = to;
    };
    if (roll(2) == 0) {
        learn();
    } else {
        news_.push_back(learn);
    }
    news_.push_back([this, slot, to, move] {
        if (moves_[slot] != move) return;
        for (node& n : nodes_) {
            if (&n != &nodes_[to] && n.belief[slot] != to && !n.migrating.contains(slot)) {
                n.belief[slot] = to;
            }
        }
    });
}

// As Valkey 9 does it: all at once.
void scan_model::move_whole_slot() {
    const int slot = roll(slots);
    const int from = owner_[slot];
    const int to = roll(static_cast<int>(nodes_.size()));
    if (to == from || !serves(to) || !serves(from) || nodes_[from].migrating.contains(slot)) return;
    if (nodes_[from].belief[slot] != from) return;
    nodes_[to].keys[slot] = std::move(nodes_[from].keys[slot]);
    nodes_[from].keys.erase(slot);
    ++moves_[slot];
    owner_[slot] = to;
    nodes_[to].belief[slot] = to;
    nodes_[from].belief[slot] = to;
    nodes_[to].migrating.erase(slot);
    bump(to);
}

// Its replica takes over: another process with the same keys.
void scan_model::fail_over(int n, bool stays) {
    if (!serves(n) || !news_.empty()) return;
    const int heir = add_node(nodes_[n].order);
    node& old = nodes_[n];
    node& now = nodes_[heir];
    now.keys = old.keys;
    now.belief = owner_;
    now.migrating = old.migrating;
    now.importing = old.importing;
    for (node& other : nodes_) {
        for (auto& [_, to] : other.migrating) to = to == n ? heir : to;
        for (auto& [_, from] : other.importing) from = from == n ? heir : from;
    }
    for (int& o : owner_) o = o == n ? heir : o;
    for (node& each : nodes_) {
        for (int& o : each.belief) o = o == n ? heir : o;
    }
    now.belief = owner_;
    old.migrating.clear();
    old.importing.clear();
    old.primary = false;
    old.up = stays;
}

void scan_model::change_passing_keys() {
    const int slot = roll(slots);
    node& a = nodes_[owner_[slot]];
    const std::string key = "{" + routing::slot_tag(static_cast<std::uint16_t>(slot)) + "}:p" + std::to_string(roll(9));
    node& home = a.migrating.contains(slot) ? nodes_[a.migrating[slot]] : a;
    if (roll(2) == 0) {
        home.keys[slot].insert(key);
        passing_.insert(key);
    } else {
        home.keys[slot].erase(key);
    }
}

void scan_model::calm_down(bool leave_migrations) {
    for (const auto& hear : news_) hear();
    news_.clear();
    for (int s = 0; s < slots && !leave_migrations; ++s) {
        if (!nodes_[owner_[s]].migrating.contains(s)) continue;
        while (!nodes_[owner_[s]].keys[s].empty()) move_key(s);
        finish(s);
    }
    for (const auto& hear : news_) hear();
    news_.clear();
    for (node& n : nodes_) {
        for (int s = 0; s < slots; ++s) {
            if (n.belief[s] != owner_[s]) n.migrating.erase(s);
        }
        n.belief = owner_;
    }
}

void scan_model::refresh_map() {
    std::vector<shard_info> shards;
    for (int n = 0; n < static_cast<int>(nodes_.size()); ++n) {
        shard_info shard{.primary = {.id = nodes_[n].id, .address = nodes_[n].at}};
        for (std::uint16_t s = 0; s < slots; ++s) {
            if (owner_[s] == n) shard.slots.push_back({s, s});
        }
        if (!shard.slots.empty()) shards.push_back(std::move(shard));
    }
    map_ = std::make_shared<const shard_map>(std::move(shards));
}

void scan_model::find_owner() {
    refresh_map();
}

std::uint32_t scan_model::hash(const node& n, const std::string& key) const {
    std::uint32_t h = 2166136261U ^ n.seed;
    for (const char c : key) h = (h ^ static_cast<unsigned char>(c)) * 16777619U;
    return (h ^ h >> 15) % hash_bound;
}

std::string scan_model::nodes_text(int viewer) const {
    const node& me = nodes_[viewer];
    std::string text;
    for (int n = 0; n < static_cast<int>(nodes_.size()); ++n) {
        const node& each = nodes_[n];
        text += each.id + " " + each.at.text() + "@1" + std::to_string(each.at.port) + " ";
        text += n == viewer ? "myself," : "";
        text += each.primary ? "master - 0 0 " : "slave id0 0 0 ";
        text += std::to_string(each.epoch) + " connected";
        for (int s = 0; s < slots; ++s) {
            if (me.belief[s] == n) text += " " + std::to_string(s);
        }
        if (n == viewer) {
            for (const auto& [slot, to] : me.migrating) {
                text += " [" + std::to_string(slot) + "->-" + nodes_[to].id + "]";
            }
            for (const auto& [slot, from] : me.importing) {
                text += " [" + std::to_string(slot) + "-<-" + nodes_[from].id + "]";
            }
        }
        text += "\n";
    }
    return text;
}

std::string scan_model::page(std::string next, const std::vector<std::string>& keys) const {
    std::string all = "*2\r\n" + bulk(next) + "*" + std::to_string(keys.size()) + "\r\n";
    for (const auto& key : keys) all += bulk(key);
    return all;
}

// Slot by slot; in a slot by hash, those of one bucket together.
std::string scan_model::scan(node& n, std::uint64_t cursor, std::uint64_t count, std::optional<int> last_slot) {
    std::vector<std::string> found;
    std::uint64_t position = cursor / slot_count;
    for (int s = static_cast<int>(cursor % slot_count); s < slots; ++s, position = 0) {
        if (last_slot && s > *last_slot) break;
        std::map<std::uint32_t, std::vector<std::string>> buckets;
        for (const auto& key : n.keys[s]) {
            if (const auto h = hash(n, key); h >= position) buckets[h].push_back(key);
        }
        for (const auto& [h, keys] : buckets) {
            if (found.size() >= count) {
                return page(std::to_string(std::uint64_t{h} * slot_count + static_cast<std::uint64_t>(s)), found);
            }
            found.insert(found.end(), keys.begin(), keys.end());
        }
        if (found.size() >= count) {
            for (int next = s + 1; next < slots && (!last_slot || next <= *last_slot); ++next) {
                if (!n.keys[next].empty()) return page(std::to_string(next), found);
            }
            break;
        }
    }
    return page("0", found);
}

std::string scan_model::scan_mixed(node& n, std::uint64_t cursor, std::uint64_t count) {
    std::map<std::uint32_t, std::vector<std::string>> buckets;
    for (const auto& [_, keys] : n.keys) {
        for (const auto& key : keys) {
            if (const auto h = hash(n, key) + 1; h >= cursor) buckets[h].push_back(key);
        }
    }
    std::vector<std::string> found;
    for (const auto& [h, keys] : buckets) {
        if (found.size() >= count) return page(std::to_string(h), found);
        found.insert(found.end(), keys.begin(), keys.end());
    }
    return page("0", found);
}

std::string scan_model::cluster_scan(int n, std::string_view cursor, std::uint64_t count) {
    const int slot = slot_number(std::string{cursor});
    node& me = nodes_[n];
    if (slot >= slots) return "-ERR Invalid cursor\r\n";
    if (me.belief[slot] != n) {
        return "-MOVED " + std::to_string(slot) + " " + nodes_[me.belief[slot]].at.text() + "\r\n";
    }
    const auto tag = cursor.find("-{");
    const auto local = cursor.rfind("}-");
    const std::string mark = "f" + std::to_string(me.seed);
    std::uint64_t at = static_cast<std::uint64_t>(slot);
    if (cursor.substr(0, tag) == mark) at = number(cursor.substr(local + 2));
    int last = slot;
    while (last + 1 < slots && me.belief[last + 1] == n) ++last;
    const std::string wire = scan(me, at, count, last);
    const value reply = reply_from(wire);
    std::string next{reply[0].text()};
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < reply[1].size(); ++i) keys.emplace_back(reply[1][i].text());
    if (next != "0") {
        const auto to = static_cast<std::uint16_t>(number(next) % slot_count);
        next = mark + "-{" + routing::slot_tag(to) + "}-" + next;
    } else if (last + 1 < slots) {
        next = "0-{" + routing::slot_tag(static_cast<std::uint16_t>(last + 1)) + "}-0";
    }
    return page(next, keys);
}

std::optional<std::string> scan_model::answer(const endpoint& at, const std::vector<std::string_view>& words) {
    const auto found = std::find_if(nodes_.begin(), nodes_.end(), [&](const node& n) { return n.at == at; });
    if (found == nodes_.end() || !found->up) return std::nullopt;
    const int n = static_cast<int>(found - nodes_.begin());
    if (words[0] == "INFO") {
        std::string text = "# Server\r\nredis_version:7.2.4\r\n";
        if (found->order == scan_order::by_slot) text += "valkey_version:8.0.1\r\n";
        if (found->order == scan_order::tagged) text += "valkey_version:9.1.2\r\n";
        return bulk(text + "run_id:" + found->process + "\r\n");
    }
    if (words[0] == "CLUSTER" && words[1] == "NODES") return bulk(nodes_text(n));
    if (words[0] == "CLUSTER") return bulk("cluster_state:ok\r\ncluster_current_epoch:9\r\n");
    std::uint64_t count = 10;
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        if (words[i] == "COUNT") count = number(words[i + 1]);
    }
    if (words[0] == "CLUSTERSCAN") {
        if (found->order != scan_order::tagged) return "-ERR unknown command 'CLUSTERSCAN'\r\n";
        return cluster_scan(n, words[1], count);
    }
    const auto cursor = number(words[1]);
    return found->order == scan_order::mixed ? scan_mixed(*found, cursor, count)
                                             : scan(*found, cursor, count, std::nullopt);
}

}  // namespace valkeyxx::testing
