// An event loop on epoll for the hooks that hiredis and libvalkey call: small, and as kind to them as possible.
//
// Adapters for common event libraries switch the interest in writing on and off for each batch, which costs four
// epoll_ctl calls. Here a context that wants to write does so before the next wait, and only a full socket is watched.
#pragma once

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <deque>
#include <vector>

#include "harness.hpp"

namespace valkeyxx::bench {

/// `Api` has: node_context, the type with the hooks `ev`; handle_read() and handle_write() for it.
template <class Api>
class epoll_loop {
  public:
    using context = typename Api::node_context;

    epoll_loop() : poll_(::epoll_create1(EPOLL_CLOEXEC)) {
        if (poll_ < 0) die("epoll_create1 failed");
    }
    ~epoll_loop() { ::close(poll_); }
    epoll_loop(const epoll_loop&) = delete;
    epoll_loop& operator=(const epoll_loop&) = delete;

    void attach(context* c) {
        watch& w = watches_.emplace_back(watch{.loop = this, .owner = c, .descriptor = c->c.fd});
        c->ev.data = &w;
        c->ev.addRead = [](void* data) { self(data).want_read(true); };
        c->ev.delRead = [](void* data) { self(data).want_read(false); };
        c->ev.addWrite = [](void* data) { self(data).want_write(); };
        c->ev.delWrite = [](void* data) { self(data).writing = false; };
        c->ev.cleanup = [](void* data) { self(data).leave(); };
        epoll_event interest{};
        interest.data.ptr = &w;
        if (::epoll_ctl(poll_, EPOLL_CTL_ADD, w.descriptor, &interest) != 0) die("epoll_ctl failed");
    }

    /// Writes what is waiting, then sleeps until a socket is ready and serves it.
    void turn() {
        write_waiting();
        std::array<epoll_event, 8> ready{};
        const int count = ::epoll_wait(poll_, ready.data(), static_cast<int>(ready.size()), -1);
        if (count < 0 && errno != EINTR) die("epoll_wait failed");
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = ready[static_cast<std::size_t>(i)];
            self(event.data.ptr).serve(event.events);
        }
    }

  private:
    struct watch {
        epoll_loop* loop;
        context* owner;  // null once the library let go of it
        int descriptor;
        bool connected = false;  // before that, only the socket can say when the first write is possible
        bool writing = false;    // the library has something to write
        bool waiting = false;    // and is in the loop's list for it
        std::uint32_t watched = 0;

        void watch_for(std::uint32_t events) {
            if (events == watched) return;
            watched = events;
            epoll_event interest{};
            interest.events = events;
            interest.data.ptr = this;
            if (::epoll_ctl(loop->poll_, EPOLL_CTL_MOD, descriptor, &interest) != 0) die("epoll_ctl failed");
        }
        void want_read(bool on) { watch_for(on ? watched | EPOLLIN : watched & ~std::uint32_t{EPOLLIN}); }
        void want_write() {
            writing = true;
            if (!connected) {
                watch_for(watched | EPOLLOUT);
            } else if (!waiting && !(watched & EPOLLOUT)) {
                waiting = true;
                loop->waiting_.push_back(this);
            }
        }
        void write() {
            Api::handle_write(owner);
            if (!owner) return;
            watch_for(writing ? watched | EPOLLOUT : watched & ~std::uint32_t{EPOLLOUT});
        }
        void serve(std::uint32_t events) {
            if (owner && (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) && (watched & EPOLLOUT)) {
                connected = true;
                write();
            }
            if (owner && (events & (EPOLLIN | EPOLLERR | EPOLLHUP))) Api::handle_read(owner);
        }
        void leave() {
            owner = nullptr;
            // May fail: hiredis closes the socket before or after this call, depending on why the context ends.
            ::epoll_ctl(loop->poll_, EPOLL_CTL_DEL, descriptor, nullptr);
        }
    };

    static watch& self(void* data) { return *static_cast<watch*>(data); }

    void write_waiting() {
        for (std::size_t i = 0; i < waiting_.size(); ++i) {
            watch& w = *waiting_[i];
            if (w.owner && w.writing) w.write();
            w.waiting = false;  // only now: a write that fell short must not queue itself again
        }
        waiting_.clear();
    }

    int poll_;
    std::deque<watch> watches_;  // the hooks hold their addresses
    std::vector<watch*> waiting_;
};

}  // namespace valkeyxx::bench
