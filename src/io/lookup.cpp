#include "io/lookup.hpp"

#include <netdb.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <deque>
#include <map>
#include <string>
#include <thread>
#include <utility>

#include <boost/asio/error.hpp>

namespace valkeyxx::io {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// The errors that Asio's own resolver would give.
std::error_code failure_of(int code, int kept_errno) {
    switch (code) {
        case 0:
            return {};
        case EAI_SYSTEM:
            return {kept_errno, std::system_category()};
        case EAI_AGAIN:
            return asio::error::make_error_code(asio::error::host_not_found_try_again);
        case EAI_FAIL:
            return asio::error::make_error_code(asio::error::no_recovery);
        case EAI_MEMORY:
            return std::make_error_code(std::errc::not_enough_memory);
        case EAI_FAMILY:
            return std::make_error_code(std::errc::address_family_not_supported);
        default:  // EAI_NONAME, EAI_NODATA, ...
            return asio::error::make_error_code(asio::error::host_not_found);
    }
}

std::vector<asio::ip::address> addresses_of(const addrinfo* list) {
    std::vector<asio::ip::address> all;
    for (; list != nullptr; list = list->ai_next) {
        tcp::endpoint each;
        if ((list->ai_family != AF_INET && list->ai_family != AF_INET6) || list->ai_addrlen > each.capacity()) continue;
        std::memcpy(each.data(), list->ai_addr, list->ai_addrlen);
        each.resize(list->ai_addrlen);
        all.push_back(each.address());
    }
    return all;
}

found_addresses look_up(const std::string& host) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_protocol = IPPROTO_TCP;
    addrinfo* list = nullptr;
    errno = 0;
    const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
    const int kept_errno = errno;
    if (code != 0) return {.failure = failure_of(code, kept_errno), .all = {}};
    found_addresses found{.failure = {}, .all = addresses_of(list)};
    ::freeaddrinfo(list);
    if (found.all.empty()) found.failure = failure_of(EAI_NONAME, 0);
    return found;
}

// What the process looks up. There is one, which is never destroyed: threads that are stuck need it to the end.
class office {
  public:
    void ask(const std::string& host, std::shared_ptr<lookup> who);
    [[nodiscard]] bool of_this_process() const noexcept { return process_ == ::getpid(); }

  private:
    void work(std::string host) noexcept;
    void close_question(const std::string& host, const found_addresses& found);
    void begin_thread(const std::string& host);

    const pid_t process_ = ::getpid();
    std::mutex mutex_;
    std::map<std::string, std::vector<std::shared_ptr<lookup>>> asked_;  // by host; waiting or being looked up
    std::deque<std::string> waiting_;
    int threads_ = 0;
};

// In a forked child there is nobody who would work, and the mutex may be locked for ever: it gets an office of its own.
office& the_office() {
    static std::atomic<office*> there = nullptr;  // of a type without a destructor, on purpose
    office* current = there.load(std::memory_order_acquire);
    if (current != nullptr && current->of_this_process()) return *current;
    auto made = std::make_unique<office>();
    if (there.compare_exchange_strong(current, made.get(), std::memory_order_acq_rel)) return *made.release();
    return *current;
}

void office::ask(const std::string& host, std::shared_ptr<lookup> who) {
    const std::lock_guard lock{mutex_};
    auto& askers = asked_[host];
    askers.push_back(std::move(who));
    if (askers.size() > 1) return;  // it is under way
    if (threads_ < lookup::most_at_once) {
        begin_thread(host);
    } else {
        waiting_.push_back(host);
    }
}

// Requires the lock.
void office::begin_thread(const std::string& host) {
    // Signals are for the program's own threads.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    const bool blocked = ::pthread_sigmask(SIG_BLOCK, &all, &before) == 0;
    try {
        std::thread{[this, host] { work(host); }}.detach();
        ++threads_;
    } catch (const std::system_error& e) {
        if (threads_ > 0) {
            waiting_.push_back(host);  // for one of those that there are
        } else {
            close_question(host, {.failure = e.code(), .all = {}});
        }
    }
    if (blocked) ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

// Requires the lock.
void office::close_question(const std::string& host, const found_addresses& found) {
    auto answered = asked_.extract(host);
    for (const auto& who : answered.mapped()) who->answer(found);
}

void office::work(std::string host) noexcept {
    for (;;) {
        const found_addresses found = look_up(host);
        const std::lock_guard lock{mutex_};
        close_question(host, found);
        // Those for which nobody waits any more are let go.
        for (;;) {
            if (waiting_.empty()) {
                --threads_;
                return;
            }
            host = std::move(waiting_.front());
            waiting_.pop_front();
            auto& askers = asked_.at(host);
            std::erase_if(askers, [](const auto& who) { return who->left(); });
            if (!askers.empty()) break;
            asked_.erase(host);
        }
    }
}

}  // namespace

lookup::lookup(context& loop, std::uint16_t port, done then)
    : port_{port}, then_{std::move(then)}, loop_{loop.get_executor()} {}

std::shared_ptr<lookup> lookup::start(context& loop, const endpoint& at, done then) {
    auto made = std::make_shared<lookup>(loop, at.port, std::move(then));
    the_office().ask(at.host, made);
    return made;
}

void lookup::cancel() noexcept {
    const std::lock_guard lock{mutex_};
    if (then_) post(std::make_error_code(std::errc::operation_canceled), {});
    loop_.reset();
}

void lookup::answer(const found_addresses& found) {
    const std::lock_guard lock{mutex_};
    if (!then_) return;
    std::vector<tcp::endpoint> addresses;
    addresses.reserve(found.all.size());
    for (const auto& each : found.all) addresses.emplace_back(each, port_);
    post(found.failure, std::move(addresses));
}

bool lookup::left() const {
    const std::lock_guard lock{mutex_};
    return !then_;
}

// Requires the lock, and that nobody has been told: what is posted keeps the loop from running out from here on.
void lookup::post(std::error_code failure, std::vector<tcp::endpoint> addresses) {
    asio::post(loop_->get_executor(),
               [then = std::exchange(then_, nullptr), failure, addresses = std::move(addresses)]() mutable {
                   then(failure, std::move(addresses));
               });
    loop_.reset();
}

}  // namespace valkeyxx::io
