#include "network.hpp"

#include <algorithm>

namespace valkeyxx::simulation {
namespace {

using namespace std::chrono_literals;

constexpr auto first_retry = 1s;  // of a connection request that nobody answers; doubles each time, as in Linux
constexpr int most_tries = 4;
constexpr auto empty_way = 200us;  // to an address where no machine is

}  // namespace

void network::dial(const address& to, const std::shared_ptr<dialling>& d) {
    const auto found = listeners_.find(to);
    const auto way = found == listeners_.end() ? duration{empty_way} : found->second->latency();
    time_.after(way, [this, to, d] { knock(to, d); });
}

void network::knock(const address& to, const std::shared_ptr<dialling>& d) {
    if (!d->done) return;  // given up
    const auto found = listeners_.find(to);
    listener* const who = found == listeners_.end() ? nullptr : found->second;
    const bool silent = who == nullptr || who->cut_off() || who->at_the_door() == listener::door::silent;
    if (silent) {
        if (++d->tries == most_tries) {
            std::exchange(d->done, {})(std::make_error_code(std::errc::timed_out), nullptr);
        } else {
            time_.after(duration{first_retry} * (1 << (d->tries - 1)), [this, to, d] { knock(to, d); });
        }
        return;
    }
    if (who->at_the_door() == listener::door::refused) {
        time_.after(who->latency(), [d] {
            if (d->done) std::exchange(d->done, {})(std::make_error_code(std::errc::connection_refused), nullptr);
        });
        return;
    }
    auto made = std::make_shared<link>(*this, *who, settings_.window);
    if (links_.size() > 64) std::erase_if(links_, [](const auto& l) { return l.expired(); });
    links_.push_back(made);
    who->accepted(made);
    time_.after(who->latency(), [d, made] {
        if (d->done) {
            std::exchange(d->done, {})({}, made);
        } else {
            made->close_by_client();
        }
    });
}

void network::resolve(const endpoint& at, task<std::error_code, std::vector<address>> done) {
    const auto way = random_.between(duration{0}, settings_.name_lookup);
    time_.after(way, [this, at, done = std::move(done)]() mutable {
        std::vector<address> found;
        if (const auto entry = names_.find(at.host); entry != names_.end()) found = entry->second;
        for (address& a : found) a.port(at.port);
        const auto failure = found.empty() ? std::make_error_code(std::errc::host_unreachable) : std::error_code{};
        done(failure, std::move(found));
    });
}

void network::resume(const listener& who) {
    for (const auto& weak : links_) {
        if (const auto l = weak.lock(); l && &l->server() == &who) l->resume();
    }
}

void network::tell_of_dead_links() {
    for (const auto& weak : links_) {
        if (const auto l = weak.lock(); l && l->dead()) l->tell_dead();
    }
}

std::vector<std::shared_ptr<link>> network::usable_links() {
    std::vector<std::shared_ptr<link>> all;
    for (const auto& weak : links_) {
        if (auto l = weak.lock(); l && l->usable()) all.push_back(std::move(l));
    }
    return all;
}

}  // namespace valkeyxx::simulation
