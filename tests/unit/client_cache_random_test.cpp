// The cache against servers that are made up by a seed: connections whose two directions are queues, keys that others
// and the client itself write, delete and let expire, slots that move without a word, nodes that fall silent, and
// connections that break. Whatever happens, what is given was true not longer ago than the bound, and the client's own
// finished writes are never forgotten.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "session/client_cache.hpp"
#include "support/wire.hpp"

#include <valkeyxx/slot.hpp>

namespace valkeyxx::sessions {
namespace {

using namespace std::chrono_literals;
using testing::bulk;
using testing::integer;
using testing::null;
using testing::reply_from;
using time_point = client_cache::time_point;

constexpr std::uint32_t node_count = 3;
constexpr std::size_t key_count = 12;
constexpr auto bound = 100ms;

// All that a key has ever been: 0 stands for its absence, else each value is larger than those before.
struct key_history {
    std::string name;
    std::vector<std::pair<time_point, int>> values;  // since when
    std::optional<time_point> expires = {};
    int written_by_us = 0;  // and acknowledged: what is given later is this, or newer
    std::size_t at_that_time = 0;

    int now() const { return values.back().second; }
    // Whether it was `value` at some time from `since` on, and not only before our own last write.
    bool was(int value, time_point since) const {
        for (std::size_t i = at_that_time; i < values.size(); ++i) {
            const auto end = i + 1 < values.size() ? values[i + 1].first : time_point::max();
            if (values[i].second == value && end >= since) return true;
        }
        return false;
    }
};

enum class word { get, pttl, set, probe };
struct request {
    word what;
    std::size_t key;
    client_cache::ticket ticket = 0;
    time_point asked{};
    int value = 0;
};
struct message {
    enum class is { reply, invalidation, flush } what = is::reply;
    request to = {};
    std::string wire = {};
    std::string key = {};
};
struct node {
    bool silent = false;
    std::deque<request> up = {};
    std::deque<message> down = {};
    std::set<std::string> tracked = {};
};

class simulation {
  public:
    explicit simulation(std::uint64_t seed)
        : dice_{seed},
          cache_{{.enabled = true, .max_bytes = 2500, .max_entry_bytes = 3000, .max_silence = bound}, true} {
        for (std::size_t i = 0; i < key_count; ++i) {
            keys_[i].name = "{" + std::to_string(i / 3) + "}" + std::to_string(i);
            keys_[i].values = {{now_, 0}};
        }
        for (std::size_t slot = 0; slot < key_count / 3; ++slot) {
            owner_[slot] = known_owner_[slot] = static_cast<std::uint32_t>(dice_.below(node_count));
        }
    }

    void step() {
        now_ += std::chrono::milliseconds{dice_.below(8)};
        let_expire();
        const auto key = static_cast<std::size_t>(dice_.below(key_count));
        const auto n = static_cast<std::uint32_t>(dice_.below(node_count));
        switch (dice_.below(40)) {
            case 0:
                write(key, 0, {});
                break;
            case 1:
            case 2:
                write(key, ++last_value_, {});
                break;
            case 3:
                write(key, ++last_value_, now_ + std::chrono::milliseconds{dice_.below(200)});
                break;
            case 4:
                move(key / 3, n);
                break;
            case 5:
                learn();
                break;
            case 6:
                if (dice_.below(5) == 0) break_connection(n);
                break;
            case 7:
                if (dice_.below(3) == 0) nodes_[n].silent = !nodes_[n].silent;
                break;
            case 8:
                if (dice_.below(10) == 0) flush(n);
                break;
            case 9:
            case 10:
                write_ourselves(key);
                break;
            case 11:
            case 12:
            case 13:
            case 14:
            case 15:
            case 16:
            case 17:
            case 18:
            case 19:
                read(key);
                break;
            case 20:
            case 21:
            case 22:
            case 23:
            case 24:
            case 25:
            case 26:
            case 27:
            case 28:
                serve(nodes_[n]);
                break;
            default:
                take(n);
        }
        EXPECT_LE(cache_.statistics().bytes, 2500U + 1000U * waiting());
    }

    cache_stats finish() {
        const auto all = cache_.statistics();
        for (std::uint32_t n = 0; n < node_count; ++n) cache_.lost(n);
        EXPECT_EQ(cache_.statistics().bytes, 0U);
        EXPECT_EQ(cache_.statistics().entries, 0U);
        return all;
    }

  private:
    std::size_t waiting() const {
        std::size_t sum = 0;
        for (const node& n : nodes_) sum += n.up.size() + n.down.size();
        return sum;
    }

    void changed(std::size_t key) {
        node& by = nodes_[owner_[key / 3]];
        if (by.tracked.erase(keys_[key].name) != 0) {
            by.down.push_back({.what = message::is::invalidation, .key = keys_[key].name});
        }
    }
    void write(std::size_t key, int value, std::optional<time_point> expires) {
        if (value != 0 || keys_[key].now() != 0) changed(key);
        keys_[key].values.emplace_back(now_, value);
        keys_[key].expires = expires;
    }
    // Nobody is told: servers find out when they please.
    void let_expire() {
        for (key_history& k : keys_) {
            if (!k.expires || *k.expires > now_) continue;
            k.values.emplace_back(*k.expires, 0);
            k.expires.reset();
        }
    }
    // Those who know a key that is there are told that it goes; those who know that it is not, are not.
    void move(std::size_t slot, std::uint32_t to) {
        if (owner_[slot] == to) return;
        for (std::size_t key = slot * 3; key < slot * 3 + 3; ++key) {
            if (keys_[key].now() != 0) changed(key);
        }
        owner_[slot] = to;
    }
    void learn() {
        known_owner_ = owner_;
        cache_.owners_changed([this](std::uint16_t slot) {
            for (std::size_t i = 0; i < known_owner_.size(); ++i) {
                if (key_slot(keys_[i * 3].name) == slot) return known_owner_[i];
            }
            return node_count;
        });
    }
    void break_connection(std::uint32_t n) {
        nodes_[n] = {};
        cache_.lost(n);
    }
    void flush(std::uint32_t n) {
        for (std::size_t key = 0; key < key_count; ++key) {
            if (owner_[key / 3] != n) continue;
            keys_[key].values.emplace_back(now_, 0);
            keys_[key].expires.reset();
        }
        nodes_[n].tracked.clear();
        nodes_[n].down.push_back({.what = message::is::flush});
    }

    void read(std::size_t key) {
        const std::string bytes = "GET " + keys_[key].name;
        if (const auto hit = cache_.find(bytes, now_)) {
            const int value = hit->reply.is_null() ? 0 : std::stoi(std::string{hit->reply.text()});
            EXPECT_TRUE(keys_[key].was(value, now_ - bound)) << "stale: " << keys_[key].name << " as " << value;
            if (hit->ask) nodes_[hit->from].up.push_back({.what = word::probe, .key = key, .asked = now_});
            return;
        }
        const std::uint32_t to = known_owner_[key / 3];
        const std::array<std::string_view, 1> keys{keys_[key].name};
        const auto t = cache_.begin({.request = bytes, .keys = keys, .ttl = 1000ms, .by = to}, now_);
        if (t == 0) return;
        nodes_[to].up.push_back({.what = word::get, .key = key, .ticket = t, .asked = now_});
        nodes_[to].up.push_back({.what = word::pttl, .key = key, .ticket = t, .asked = now_});
    }
    // By whichever connection: its reply does not wait for the news.
    void write_ourselves(std::size_t key) {
        cache_.overwrite(keys_[key].name);
        const int value = ++last_value_;
        write(key, value, {});
        cache_.overwrite(keys_[key].name);
        keys_[key].written_by_us = value;
        keys_[key].at_that_time = keys_[key].values.size() - 1;
    }

    void serve(node& n) {
        if (n.silent || n.up.empty()) return;
        const request r = n.up.front();
        n.up.pop_front();
        const key_history& k = keys_[r.key];
        const bool served = &n == &nodes_[owner_[r.key / 3]];
        std::string wire = "-MOVED 1 x:1\r\n";
        if (served && r.what == word::get) {
            n.tracked.insert(k.name);
            wire = k.now() == 0 ? null() : bulk(std::to_string(k.now()));
        } else if (served && r.what == word::pttl) {
            const auto left = [&] {
                return std::chrono::duration_cast<std::chrono::milliseconds>(*k.expires - now_).count();
            };
            wire = integer(k.now() == 0 ? -2 : !k.expires ? -1 : left());
        } else if (served) {
            wire = integer(k.now() == 0 ? 0 : 1);
        }
        n.down.push_back({.to = r, .wire = wire});
    }

    void take(std::uint32_t from) {
        node& n = nodes_[from];
        if (n.silent || n.down.empty()) return;
        const message m = n.down.front();
        n.down.pop_front();
        if (m.what == message::is::invalidation) {
            cache_.invalidate(m.key);
            return;
        }
        if (m.what == message::is::flush) {
            cache_.flush(from);
            return;
        }
        const value reply = reply_from(m.wire);
        switch (m.to.what) {
            case word::get:
                cache_.answered(m.to.ticket, reply);
                return;
            case word::pttl:
                cache_.expires(m.to.ticket, reply);
                cache_.confirmed(from, m.to.asked);
                return;
            case word::probe:
                if (reply.view().is_error()) cache_.overwrite_slot(key_slot(keys_[m.to.key].name));
                cache_.confirmed(from, m.to.asked);
                return;
            case word::set:
                return;
        }
    }

    base::random dice_;
    time_point now_{std::chrono::hours{1}};
    client_cache cache_;
    std::array<key_history, key_count> keys_;
    std::array<std::uint32_t, key_count / 3> owner_{};
    std::array<std::uint32_t, key_count / 3> known_owner_{};
    std::array<node, node_count> nodes_;
    int last_value_ = 0;
};

TEST(client_cache_random, what_is_given_was_true_within_the_bound) {
    cache_stats sum;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        const ::testing::ScopedTrace trace{__FILE__, __LINE__, "seed " + std::to_string(seed)};
        simulation s{seed};
        for (int i = 0; i < 4000 && !::testing::Test::HasFailure(); ++i) s.step();
        const auto of_this = s.finish();
        if (::testing::Test::HasFailure()) return;
        sum.hits += of_this.hits;
        sum.raced += of_this.raced;
        sum.moved += of_this.moved;
        sum.evictions += of_this.evictions;
        sum.invalidations += of_this.invalidations;
        sum.expirations += of_this.expirations;
        sum.overwritten += of_this.overwritten;
        sum.flushes += of_this.flushes;
    }
    // All of it has happened.
    for (const auto n : {sum.hits, sum.raced, sum.moved, sum.evictions, sum.invalidations, sum.expirations,
                         sum.overwritten, sum.flushes}) {
        EXPECT_GT(n, 100U);
    }
}

}  // namespace
}  // namespace valkeyxx::sessions
