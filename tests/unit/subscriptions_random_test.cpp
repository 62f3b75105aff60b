// Subscriptions against a small cluster that is made up by a seed: nodes with connections whose two directions are
// queues, slots that move, nodes that die, fall silent and come back, permissions that come and go, users who change
// their minds, and a publisher. Whatever happens: nothing comes twice or out of order, nothing is missing that no gap
// was told for, and when all is calm exactly what is wanted is subscribed to, once.
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "routing/subscriptions.hpp"

#include <valkeyxx/slot.hpp>

namespace valkeyxx::routing {
namespace {

using namespace std::chrono_literals;
using act = subscriptions::step::act;
using scope = subscriptions::scope;
using subscription = std::pair<channel_kind, std::string>;

constexpr int node_count = 4;
constexpr int zones = 8;  // slots move by eighths
constexpr std::uint16_t zone_size = slot_count / zones;

struct command {
    bool subscribe = false;
    channel_kind kind = channel_kind::channel;
    std::vector<std::string> names = {};  // none: PING
};

struct from_server {
    enum class is { push_on, push_off, message, pong, error } what = is::pong;
    subscription about = {};
    std::string text = {};
    std::uint64_t number = 0;
};

struct connection {
    bool open = false;
    bool silent = false;  // nothing passes any more
    std::deque<command> up = {};
    std::deque<from_server> down = {};
    std::set<subscription> subscribed = {};
    subscriptions::time_point heard{};
};

struct server {
    bool up = true;
    connection link = {};
    bool dialled = false;
};

// What one user sees of a channel.
struct listener {
    bool wanted = false;
    bool told_subscribed = false;
    bool in_gap = false;
    std::uint64_t last = 0;        // number of the last message, or what was published when it was told of a gap's end
    std::uint64_t excused_to = 0;  // all up to this one may be missing
    int gaps = 0;
};

class world {
  public:
    explicit world(std::uint64_t seed) : random_{seed}, routes_{seed + 1} {
        for (int z = 0; z < zones; ++z) owner_[z] = z % node_count;
        learn();
        for (int i = 0; i < 12; ++i) names_.push_back({channel_kind::shard, "s" + std::to_string(i)});
        for (int i = 0; i < 4; ++i) names_.push_back({channel_kind::channel, "c" + std::to_string(i)});
        names_.push_back({channel_kind::pattern, "p*"});
    }

    void run(int steps) {
        for (int i = 0; i < steps; ++i) {
            random_step();
            if (::testing::Test::HasFailure()) return;
        }
        calm();
    }

    std::uint64_t received() const { return received_; }
    std::uint64_t gaps() const { return gaps_; }

  private:
    bool chance(unsigned percent) { return random_.below(100) < percent; }
    static int zone_of(const std::string& name) { return key_slot(name) / zone_size; }
    node_id id(int n) { return routes_.intern({"h", static_cast<std::uint16_t>(n + 1)}); }
    int number(node_id n) { return routes_.at(n).port - 1; }

    void learn() {
        std::vector<shard_info> shards(node_count);
        for (std::size_t n = 0; n < node_count; ++n)
            shards[n].primary.address = {"h", static_cast<std::uint16_t>(n + 1)};
        for (int z = 0; z < zones; ++z) {
            const auto first = static_cast<std::uint16_t>(z * zone_size);
            shards[static_cast<std::size_t>(owner_[z])].slots.push_back(
                {first, static_cast<std::uint16_t>(first + zone_size - 1)});
        }
        std::erase_if(shards, [](const shard_info& s) { return s.slots.empty(); });
        routes_.adopt(shard_map{shards}, routes_.tick());
        s_.topology_changed();
    }

    void random_step() {
        now_ += std::chrono::milliseconds{random_.below(20)};
        if (chance(1)) now_ += 3s;  // nobody reads for long, and what has come waits
        switch (random_.below(20)) {
            case 0:
                change_mind();
                break;
            case 1:
                if (chance(30)) move_zone();
                break;
            case 2:
                if (chance(15)) kill_or_restart();
                break;
            case 3:
                if (chance(20)) cut();
                break;
            case 4:
                if (chance(10)) fall_silent();
                break;
            case 5:
                if (chance(15)) learn();
                break;
            case 10:
                ask_whether_it_is_there();
                break;
            case 6:
                if (chance(10)) forbidden_ = chance(50) ? names_[random_.below(names_.size())].second : "";
                break;
            case 7:
            case 8:
            case 9:
                publish();
                break;
            default:
                carry();
                break;
        }
        notice_silence();
        settle();
    }

    void calm() {
        forbidden_.clear();
        for (server& n : servers_) n.up = true;
        for (int turn = 0; turn < 1000; ++turn) {
            now_ += 5ms;
            if (turn % 200 == 0) learn();
            notice_silence();
            for (int i = 0; i < 30; ++i) carry();
            settle();
            if (::testing::Test::HasFailure()) return;
        }
        std::map<subscription, int> found;
        for (const server& n : servers_) {
            for (const auto& s : n.link.subscribed) ++found[s];
        }
        for (const auto& name : names_) {
            EXPECT_EQ(found[name], listeners_[name].wanted ? 1 : 0) << name.second;
            EXPECT_EQ(listeners_[name].told_subscribed && !listeners_[name].in_gap, listeners_[name].wanted)
                << name.second;
        }
    }

    void change_mind() {
        const auto& name = names_[random_.below(names_.size())];
        listener& l = listeners_[name];
        if (l.wanted) {
            s_.unwant(s_.find(name.first, name.second), scope::one);
        } else {
            s_.want(name.first, name.second, scope::one);
        }
        l = {.wanted = !l.wanted};
    }

    void move_zone() {
        const int zone = static_cast<int>(random_.below(zones));
        const int from = owner_[zone];
        const int to = static_cast<int>(random_.below(node_count));
        if (to == from || !servers_[to].up) return;
        owner_[zone] = to;
        connection& c = servers_[from].link;
        for (auto s = c.subscribed.begin(); s != c.subscribed.end();) {
            if (s->first == channel_kind::shard && zone_of(s->second) == zone) {
                c.down.push_back({from_server::is::push_off, *s});
                s = c.subscribed.erase(s);
            } else {
                ++s;
            }
        }
    }

    void kill_or_restart() {
        const int n = static_cast<int>(random_.below(node_count));
        servers_[n].up = !servers_[n].up;
        if (servers_[n].up) return;
        lose(n, true);
        for (int z = 0; z < zones; ++z) {
            if (owner_[z] != n) continue;
            for (int other = 0; other < node_count; ++other) {
                if (servers_[other].up) owner_[z] = other;
            }
        }
    }

    void cut() { lose(static_cast<int>(random_.below(node_count)), true); }
    void fall_silent() {
        connection& c = servers_[random_.below(node_count)].link;
        if (c.open && !c.silent) c.silent = true;
    }
    void ask_whether_it_is_there() {
        const int n = static_cast<int>(random_.below(node_count));
        if (!servers_[n].link.open) return;
        s_.pinged(id(n), now_);
        servers_[n].link.up.emplace_back();
    }
    // As health pings do.
    void notice_silence() {
        for (int n = 0; n < node_count; ++n) {
            if (servers_[n].link.silent && now_ - servers_[n].link.heard > 200ms) lose(n, false);
        }
    }
    void lose(int n, bool alive) {
        server& at = servers_[n];
        if (!at.link.open) return;
        // What was on its way comes first, if the connection ends with words.
        if (alive && !at.link.silent && chance(50)) {
            while (!at.link.down.empty()) receive(n);
        }
        if (!at.link.open) return;
        at.link = {};
        s_.link_lost(id(n), alive, now_);
    }

    void publish() {
        const auto& name = names_[random_.below(names_.size())];
        auto& times = published_[name];
        times.push_back(now_);
        const std::uint64_t number = times.size();
        for (int n = 0; n < node_count; ++n) {
            if (name.first == channel_kind::shard && owner_[zone_of(name.second)] != n) continue;
            connection& c = servers_[n].link;
            if (c.open && c.subscribed.contains(name)) c.down.push_back({from_server::is::message, name, {}, number});
        }
    }

    // One thing gets one step further.
    void carry() {
        const int n = static_cast<int>(random_.below(node_count));
        server& at = servers_[n];
        if (at.dialled) {
            at.dialled = false;
            if (at.up) {
                at.link = {.open = true, .heard = now_};
                s_.link_ready(id(n), now_);
            } else {
                s_.link_lost(id(n), false, now_);
            }
            return;
        }
        if (!at.link.open || at.link.silent) return;
        if (!at.link.up.empty() && chance(50)) {
            serve(n);
        } else if (!at.link.down.empty()) {
            receive(n);
        }
    }

    void serve(int n) {
        connection& c = servers_[n].link;
        const command what = c.up.front();
        c.up.pop_front();
        using is = from_server::is;
        if (what.names.empty()) {
            c.down.push_back({is::pong});
            return;
        }
        std::set<int> slots;
        for (const auto& name : what.names) {
            if (what.kind == channel_kind::shard) slots.insert(key_slot(name));
            if (what.subscribe && name == forbidden_) {
                c.down.push_back({is::error, {}, "NOPERM no"});
                return;
            }
        }
        ASSERT_LE(slots.size(), 1U) << "CROSSSLOT";
        if (!slots.empty() && owner_[zone_of(what.names.front())] != n) {
            const auto port = std::to_string(owner_[zone_of(what.names.front())] + 1);
            c.down.push_back({is::error, {}, "MOVED " + std::to_string(*slots.begin()) + " h:" + port});
            return;
        }
        if (!what.subscribe && c.subscribed.empty()) {
            c.down.push_back({is::error, {}, "NOSUB not subscribed"});
            return;
        }
        for (const auto& name : what.names) {
            const subscription s{what.kind, name};
            if (what.subscribe) {
                EXPECT_TRUE(c.subscribed.insert(s).second) << name << " is subscribed to twice";
            } else {
                c.subscribed.erase(s);
            }
            c.down.push_back({what.subscribe ? is::push_on : is::push_off, s});
        }
    }

    void receive(int n) {
        connection& c = servers_[n].link;
        const from_server what = c.down.front();
        c.down.pop_front();
        c.heard = now_;
        switch (what.what) {
            case from_server::is::push_on:
            case from_server::is::push_off:
                ASSERT_TRUE(
                    s_.pushed(id(n), what.what == from_server::is::push_on, what.about.first, what.about.second));
                break;
            case from_server::is::pong:
                ASSERT_NE(s_.replied(id(n), std::nullopt, routes_, now_), subscription_dialogue::verdict::broken);
                break;
            case from_server::is::error:
                ASSERT_NE(s_.replied(id(n), what.text, routes_, now_), subscription_dialogue::verdict::broken);
                break;
            case from_server::is::message:
                message(n, what);
                break;
        }
        settle();
    }

    void message(int n, const from_server& m) {
        const auto item = s_.find(m.about.first, m.about.second);
        if (item == subscriptions::no_item || !s_.takes(item, id(n))) return;
        listener& l = listeners_[m.about];
        ++received_;
        EXPECT_TRUE(l.wanted && l.told_subscribed && !l.in_gap) << m.about.second << " outside of a subscription";
        EXPECT_GT(m.number, l.last) << m.about.second << ": twice or out of order";
        EXPECT_LE(m.number, std::max(l.last, l.excused_to) + 1) << m.about.second << ": missed without a gap";
        l.last = m.number;
    }

    void settle() {
        s_.settle(routes_, now_);
        for (const auto& n : s_.take_notices()) tell(n);
        for (const auto& step : s_.take_steps()) perform(step);
    }

    void tell(const subscriptions::notice& n) {
        if (n.what == message_kind::unsubscribed) return;
        const subscription about{s_.kind(n.item), s_.name(n.item)};
        listener& l = listeners_[about];
        switch (n.what) {
            case message_kind::subscribed:
                EXPECT_FALSE(l.told_subscribed);
                l.told_subscribed = true;
                l.excused_to = published_[about].size();
                break;
            case message_kind::gap_began:
                EXPECT_TRUE(l.told_subscribed && !l.in_gap);
                l.in_gap = true;
                ++gaps_;
                break;
            case message_kind::gap:
                EXPECT_TRUE(l.in_gap);
                EXPECT_LE(n.from, n.to);
                l.in_gap = false;
                for (auto i = std::max(l.last, l.excused_to); i < published_[about].size(); ++i) {
                    EXPECT_GE(published_[about][i], n.from) << about.second << ": missed before the gap";
                    EXPECT_LE(published_[about][i], n.to) << about.second;
                }
                l.excused_to = published_[about].size();
                break;
            default:
                break;
        }
    }

    void perform(const subscriptions::step& step) {
        if (step.what == act::refresh || step.what == act::suspect) return;
        server& at = servers_[number(step.node)];
        switch (step.what) {
            case act::open:
                EXPECT_FALSE(at.link.open || at.dialled);
                at.dialled = true;
                break;
            case act::close:
                EXPECT_TRUE(at.link.open);
                EXPECT_TRUE(at.link.subscribed.empty());
                at.link = {};
                break;
            default: {
                EXPECT_TRUE(at.link.open);
                command c{.subscribe = step.what == act::subscribe, .kind = step.kind};
                for (const auto item : step.items) c.names.push_back(s_.name(item));
                at.link.up.push_back(c);
                at.link.up.emplace_back();
            }
        }
    }

    base::random random_;
    router routes_;
    subscriptions s_;
    subscriptions::time_point now_{1h};
    int owner_[zones] = {};
    server servers_[node_count];
    std::vector<subscription> names_;
    std::map<subscription, listener> listeners_;
    std::map<subscription, std::vector<subscriptions::time_point>> published_;  // when each message was
    std::string forbidden_;
    std::uint64_t received_ = 0;
    std::uint64_t gaps_ = 0;
};

}  // namespace

TEST(subscriptions_random, nothing_twice_nothing_missed_in_silence_and_all_live_at_the_end) {
    std::uint64_t received = 0;
    std::uint64_t gaps = 0;
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        world w{seed};
        w.run(3000);
        received += w.received();
        gaps += w.gaps();
        if (HasFailure()) return;
    }
    // It has seen something.
    EXPECT_GT(received, 10'000U);
    EXPECT_GT(gaps, 3'000U);
}

}  // namespace valkeyxx::routing
