#include <valkeyxx/lock.hpp>

#include <algorithm>
#include <array>
#include <random>
#include <thread>

#include "client/jitter.hpp"

#include <valkeyxx/script.hpp>

namespace valkeyxx {
namespace {

using std::chrono::milliseconds;

// Each may be run twice with the same outcome, as far as it is about our token: that is why a lost reply is no reason
// to give up on acquiring.
const script& acquire_script() {
    static const script text{
        "local ok\n"
        "if ARGV[2] == '0' then ok = redis.call('SET', KEYS[1], ARGV[1], 'NX')\n"
        "else ok = redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) end\n"
        "if ok or redis.call('GET', KEYS[1]) == ARGV[1] then return 1 end\n"
        "return 0"};
    return text;
}

const script& release_script() {
    static const script text{
        "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end\n"
        "return redis.call('DEL', KEYS[1])"};
    return text;
}

const script& extend_script() {
    static const script text{
        "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end\n"
        "local time = tonumber(ARGV[2])\n"
        "if ARGV[3] == '1' then\n"
        "  local left = redis.call('PTTL', KEYS[1])\n"
        "  if left < 0 then return 0 end\n"
        "  time = time + left\n"
        "end\n"
        "return redis.call('PEXPIRE', KEYS[1], time)"};
    return text;
}

const script& owned_script() {
    static const script text{"if redis.call('GET', KEYS[1]) == ARGV[1] then return 1 end return 0"};
    return text;
}

}  // namespace

namespace detail {

std::string new_lock_token() {
    std::random_device source;
    std::string token;
    constexpr std::string_view hex = "0123456789abcdef";
    for (int i = 0; i < 4; ++i) {
        auto bits = std::uint32_t{source()};
        for (int digit = 0; digit < 8; ++digit, bits >>= 4U) token += hex[bits & 0xFU];
    }
    return token;
}

command<bool> lock_terms::acquire() const {
    return acquire_script().call<bool>({key_}, {token_, std::to_string(lease_.count())});
}

command<bool> lock_terms::release() const {
    return release_script().call<bool>({key_}, {token_});
}

command<bool> lock_terms::extend(milliseconds time, bool add) const {
    return extend_script().call<bool>({key_}, {token_, std::to_string(time.count()), add ? "1" : "0"});
}

command<bool> lock_terms::owned() const {
    return owned_script().call_ro<bool>({key_}, {token_});
}

command<bool> lock_terms::locked() const {
    return command<bool>{std::in_place, command_id::exists, std::string_view{key_}};
}

result<void> lock_terms::held(result<bool> answer) const {
    if (!answer) return answer.error();
    if (*answer) return {};
    return error{errc::lock_lost, "the lock \"" + key_ + "\" is not ours: its lease has ended"};
}

std::optional<error> lock_not_held(bool held, const lock_terms& terms) {
    if (held) return std::nullopt;
    return error{errc::invalid_argument, "the lock \"" + terms.key() + "\" is not held: acquire it first"};
}

lock_course::lock_course(milliseconds patience, milliseconds every) noexcept
    : end_{std::chrono::steady_clock::now() + patience}, every_{every} {}

std::optional<milliseconds> lock_course::next() const {
    // Between half and one and a half of it: those who wait for the same lock come apart.
    const auto shortest = std::max(every_ / 2, milliseconds{1});
    const auto pause = clients::jitter(shortest, shortest * 3);
    if (std::chrono::steady_clock::now() + pause > end_) return std::nullopt;
    return pause;
}

}  // namespace detail

lock::lock(client& c, std::string name, lock_options options)
    : client_{&c},
      terms_{std::move(name), detail::new_lock_token(), options.lease},
      retry_every_{options.retry_every} {}

lock::~lock() {
    if (held_) static_cast<void>(release());  // if that fails the lease ends it
}

bool lock::try_acquire() {
    held_ = client_->execute(terms_.acquire());
    return held_;
}

bool lock::acquire(milliseconds patience) {
    const detail::lock_course course{patience, retry_every_};
    while (!try_acquire()) {
        const auto pause = course.next();
        if (!pause) return false;
        std::this_thread::sleep_for(*pause);
    }
    return true;
}

result<void> lock::ask(const command<bool>& c) {
    if (auto why = detail::lock_not_held(held_, terms_)) return *std::move(why);
    return terms_.held(client_->try_execute(c));
}

result<void> lock::release() {
    auto released = ask(terms_.release());
    held_ = false;
    return released;
}

result<void> lock::extend(milliseconds lease) {
    return ask(terms_.extend(lease, false));
}

result<void> lock::prolong(milliseconds more) {
    return ask(terms_.extend(more, true));
}

bool lock::owned() {
    return client_->execute(terms_.owned(), on_primary());
}

bool lock::locked() {
    return client_->execute(terms_.locked(), on_primary());
}

}  // namespace valkeyxx
