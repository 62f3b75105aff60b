// What the tests of subscriptions under faults share: a publisher that numbers its messages and keeps what became of
// each, and a witness that judges by that what a subscriber was given.
#pragma once

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <valkeyxx/valkeyxx.hpp>

namespace valkeyxx::testing {

/// For subscribers of whom no message may be missing: those that wait to be taken on a slow machine, too.
inline subscriber_options roomy() {
    subscriber_options o;
    o.max_messages = 10'000'000;
    o.max_bytes = std::size_t{1} << 32U;
    return o;
}

/// Publishes to every channel every 10 ms, the next number each time. To a channel whose last message is still under
/// way it waits: numbers leave in their order.
class steady_publisher {
  public:
    using clock = std::chrono::steady_clock;

    struct publication {
        clock::time_point begun{};
        clock::time_point ended{};
        /// How many had subscribed at the node that took it, and that node; nullopt: nobody knows what became of it.
        std::optional<std::int64_t> heard_by{};
        endpoint node{};  ///< without a name: it took it after a redirect
    };

    /// @param publish  what sends `payload` to `channel`
    steady_publisher(async_client& by, std::vector<std::string> channels,
                     command<std::int64_t> (*publish)(std::string_view channel, std::string_view payload))
        : client_{by}, publish_{publish} {
        for (auto& c : channels) channels_.push_back(std::make_unique<destination>(std::move(c)));
        thread_ = std::thread{[this] { run(); }};
    }
    steady_publisher(const steady_publisher&) = delete;
    steady_publisher& operator=(const steady_publisher&) = delete;
    ~steady_publisher() { stop(); }

    void stop() {
        stopping_ = true;
        if (thread_.joinable()) thread_.join();
        client_.close();
    }

    std::vector<std::string> channels() const {
        std::vector<std::string> names;
        for (const auto& c : channels_) names.push_back(c->name);
        return names;
    }
    std::vector<publication> of(const std::string& channel) const {
        const std::lock_guard lock{mutex_};
        return find(channel).sent;
    }
    clock::time_point begin_of(const std::string& channel, std::size_t number) const {
        const std::lock_guard lock{mutex_};
        return find(channel).sent.at(number).begun;
    }

  private:
    struct destination {
        explicit destination(std::string n) : name{std::move(n)} {}
        std::string name;
        std::vector<publication> sent{};
        bool under_way = false;
    };

    const destination& find(const std::string& channel) const {
        return **std::find_if(channels_.begin(), channels_.end(), [&](const auto& c) { return c->name == channel; });
    }
    void run() {
        while (!stopping_) {
            const auto begun = clock::now();
            for (const auto& c : channels_) publish_to(*c);
            std::this_thread::sleep_until(begun + std::chrono::milliseconds{10});
        }
    }
    void publish_to(destination& to) {
        std::size_t number = 0;
        {
            const std::lock_guard lock{mutex_};
            if (std::exchange(to.under_way, true)) return;
            number = to.sent.size();
            to.sent.push_back({.begun = clock::now()});
        }
        // This way it tells which node it was, and follows no redirect.
        client_.execute_each(publish_(to.name, std::to_string(number)), target{target::where::by_command},
                             [this, &to, number](result<std::vector<node_result<std::int64_t>>> r) {
                                 if (!r || r->size() != 1) return ended(to, std::nullopt, {});
                                 const auto& [node, reply] = r->front();
                                 if (reply) return ended(to, *reply, node);
                                 if (reply.error().server_code() != "MOVED") return ended(to, std::nullopt, {});
                                 publish_again(to, number);
                             });
    }
    // It was refused, and goes to whoever is named.
    void publish_again(destination& to, std::size_t number) {
        client_.execute(publish_(to.name, std::to_string(number)),
                        [this, &to](result<std::int64_t> r) { ended(to, r ? std::optional{*r} : std::nullopt, {}); });
    }
    void ended(destination& to, std::optional<std::int64_t> heard_by, endpoint by) {
        const std::lock_guard lock{mutex_};
        to.under_way = false;
        to.sent.back().ended = clock::now();
        to.sent.back().heard_by = heard_by;
        to.sent.back().node = std::move(by);
    }

    mutable std::mutex mutex_;
    std::vector<std::unique_ptr<destination>> channels_;
    async_client& client_;
    command<std::int64_t> (*publish_)(std::string_view, std::string_view);
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

/// Notes what comes to a subscriber, and judges whether it may be so: nothing twice, nothing out of order, nothing
/// missed but in a gap that was told.
///
/// What servers do by themselves is told from that by evidence, message by message:
/// - A message that the publisher has given up on may come late, when a network lets it go, or never.
/// - A node that was replaced as a primary takes messages all the same. If it passes them on they come later than those
///   that its successor took meanwhile; if it does not, they are lost to whoever has moved to the successor. So order
///   is asked for among messages that one node took and one node brought, and a message is not missed that another node
///   took than the one where the subscription had been confirmed by then, if it had been there before. (That none comes
///   by a node that was left is asked for without exception.)
class pubsub_witness {
  public:
    using clock = std::chrono::steady_clock;

    pubsub_witness(std::string name, const std::vector<std::string>& channels) : name_{std::move(name)} {
        for (const auto& c : channels) seen_[c];
    }

    void note(const message& m) {
        const std::lock_guard lock{mutex_};
        sight& s = seen_[m.channel];
        switch (m.what) {
            case message_kind::message:
                note_message(s, m);
                break;
            case message_kind::subscribed:
                if (std::exchange(s.subscribed, true)) problem(m.channel + ": subscribed twice");
                s.places.push_back({m.to, m.node});
                break;
            case message_kind::gap_began:
                s.history.push_back("gap_began" + moment());
                if (std::exchange(s.in_gap, true)) problem(m.channel + ": a gap within a gap");
                ++gaps_;
                break;
            case message_kind::gap:
                s.history.push_back("gap@" + std::to_string(m.node.port) + moment());
                if (!std::exchange(s.in_gap, false)) problem(m.channel + ": the end of no gap");
                s.gaps.push_back({m.from, m.to});
                s.places.push_back({m.to, m.node});
                longest_ = std::max(longest_, m.to - m.from);
                break;
            default:
                problem("unexpected: " + std::string{to_string(m.what)} + " " + m.payload);
        }
    }

    /// Whether of every channel something came that was published after `since`.
    bool heard_all(const steady_publisher& from, clock::time_point since) const {
        const std::lock_guard lock{mutex_};
        return std::all_of(seen_.begin(), seen_.end(), [&](const auto& each) {
            const auto& [channel, s] = each;
            return !s.in_gap && s.latest && from.begin_of(channel, *s.latest) >= since;
        });
    }

    /// For a report: the channels of which nothing came that was published after `since`, and how things stand there.
    std::string unheard(const steady_publisher& from, clock::time_point since) const {
        const std::lock_guard lock{mutex_};
        std::string text;
        for (const auto& [channel, s] : seen_) {
            if (!s.in_gap && s.latest && from.begin_of(channel, *s.latest) >= since) continue;
            const auto sent = from.of(channel);
            const auto is_new = [&](const publication& p) { return p.begun >= since; };
            const auto is_taken = [&](const publication& p) { return is_new(p) && p.heard_by; };
            text += " " + channel + (s.in_gap ? " (in a gap)" : "") + ": " +
                    std::to_string(std::count_if(sent.begin(), sent.end(), is_new)) + " published, " +
                    std::to_string(std::count_if(sent.begin(), sent.end(), is_taken)) + " taken;";
        }
        return text;
    }

    /// To be called when the publisher has stopped.
    void judge(const steady_publisher& from) {
        const std::lock_guard lock{mutex_};
        for (const auto& [channel, s] : seen_) {
            const auto sent = from.of(channel);
            ASSERT_FALSE(s.all.empty()) << channel;
            if (*s.all.rbegin() >= sent.size()) {
                problem(channel + ": " + std::to_string(*s.all.rbegin()) + " came, which it was not given");
                continue;
            }
            for (const swap& one : s.swaps) judge_order(channel, one, sent[one.late], sent[one.after]);
            for (std::size_t n = *s.all.begin(); n <= *s.all.rbegin(); ++n) {
                if (!s.all.contains(n) && sent[n].heard_by) judge_miss(channel, n, s, sent[n]);
            }
        }
        std::cout << name_ << ": " << gaps_ << " gaps of channels, the longest "
                  << std::chrono::duration_cast<std::chrono::milliseconds>(longest_).count() << " ms; " << missed_
                  << " messages missed in them; " << strayed_ << " taken and not passed on, " << late_
                  << " late that one node passed on to another, " << given_up_
                  << " late that the publisher had given up on" << std::endl;
        for (const auto& p : problems_) ADD_FAILURE() << name_ << ": " << p;
    }

    std::size_t problems() const {
        const std::lock_guard lock{mutex_};
        return problems_.size();
    }

  private:
    using publication = steady_publisher::publication;
    // `late` came after the higher number `after`.
    struct swap {
        std::size_t late;
        std::size_t after;
        bool by_one_node;
        std::string lately;
    };
    struct sight {
        bool subscribed = false;
        bool in_gap = false;
        std::optional<std::size_t> latest{};  // the highest number
        endpoint latest_by{};                 // which brought it
        std::set<std::size_t> all{};
        std::vector<swap> swaps{};
        std::vector<std::string> history{};
        std::vector<std::pair<clock::time_point, clock::time_point>> gaps{};
        std::vector<std::pair<clock::time_point, endpoint>> places{};  // since when it has been confirmed where

        /// The last messages and events, with the ports they came by.
        std::string lately() const {
            std::string text;
            for (std::size_t i = history.size() - std::min<std::size_t>(history.size(), 12); i < history.size(); ++i) {
                text += history[i] + " ";
            }
            return text;
        }
    };

    // In ms since the witness was made.
    std::string moment() const {
        return "+" +
               std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - begin_).count());
    }
    static std::size_t number_in(std::string_view text) {
        std::size_t n = 0;
        std::from_chars(text.data(), text.data() + text.size(), n);
        return n;
    }

    void note_message(sight& s, const message& m) {
        const std::size_t number = number_in(m.payload);
        s.history.push_back(m.payload + "@" + std::to_string(m.node.port) + moment());
        if (!s.all.insert(number).second) problem(m.channel + ": " + m.payload + " came again; lately: " + s.lately());
        if (s.in_gap || !s.subscribed) {
            problem(m.channel + ": a message outside of a subscription");
        } else if (m.node != s.places.back().second) {
            problem(m.channel + ": " + m.payload + " came by a node that it had left; lately: " + s.lately());
        }
        if (s.latest && number < *s.latest) s.swaps.push_back({number, *s.latest, m.node == s.latest_by, s.lately()});
        if (!s.latest || number > *s.latest) {
            s.latest = number;
            s.latest_by = m.node;
        }
    }

    void judge_order(const std::string& channel, const swap& one, const publication& it, const publication& earlier) {
        if (!it.heard_by) {
            ++given_up_;
        } else if (!one.by_one_node) {
            ++late_;
        } else if (earlier.heard_by && !it.node.host.empty() && !earlier.node.host.empty() && it.node != earlier.node) {
            ++late_;
        } else {
            problem(channel + ": " + described(one.late, it) + " came after " + described(one.after, earlier) +
                    "; lately: " + one.lately);
        }
    }

    void judge_miss(const std::string& channel, std::size_t n, const sight& s, const publication& it) {
        // What was on its way when the node was last heard belongs to the gap.
        constexpr std::chrono::milliseconds on_its_way{100};
        const bool in_gap = std::any_of(s.gaps.begin(), s.gaps.end(), [&](const auto& gap) {
            return it.ended >= gap.first - on_its_way && it.begun <= gap.second;
        });
        if (in_gap) {
            ++missed_;
        } else if (strayed(s, it)) {
            ++strayed_;
        } else {
            std::string text = channel + ": " + described(n, it) + " was missed without a gap. It was at";
            for (const auto& [since, where] : s.places) {
                const auto ago = std::chrono::duration_cast<std::chrono::milliseconds>(it.ended - since);
                if (ago > std::chrono::seconds{-3} && ago < std::chrono::seconds{20}) {
                    text += " " + std::to_string(where.port) + " since " + std::to_string(ago.count()) + " ms before,";
                }
            }
            for (const auto& [begin, end] : s.gaps) {
                const auto ago = std::chrono::duration_cast<std::chrono::milliseconds>(it.ended - begin);
                if (ago > std::chrono::seconds{-5} && ago < std::chrono::seconds{20}) {
                    text += " gap from " + std::to_string(ago.count()) + " ms before on, for " +
                            std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(end - begin).count()) +
                            " ms,";
                }
            }
            problem(text);
        }
    }

    // Taken by a node from which the subscription had moved on to another one.
    static bool strayed(const sight& s, const publication& it) {
        const endpoint* now = nullptr;
        bool was_there = false;
        for (const auto& [since, where] : s.places) {
            if (since > it.ended) break;
            now = &where;
            was_there = was_there || where == it.node;
        }
        return was_there && *now != it.node;
    }

    static std::string described(std::size_t number, const publication& it) {
        return std::to_string(number) + (it.heard_by ? " (taken by " + std::to_string(it.node.port) + " for " +
                                                           std::to_string(*it.heard_by) + ")"
                                                     : " (given up)");
    }
    void problem(std::string what) {
        if (problems_.size() < 20) problems_.push_back(std::move(what));
    }

    std::string name_;
    const clock::time_point begin_ = clock::now();
    mutable std::mutex mutex_;
    std::map<std::string, sight> seen_;
    std::vector<std::string> problems_;
    int missed_ = 0;
    int strayed_ = 0;
    int late_ = 0;
    int given_up_ = 0;
    int gaps_ = 0;
    clock::duration longest_{};
};

}  // namespace valkeyxx::testing
