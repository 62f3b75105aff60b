// Drivers for clients with the interface of hiredis: that library and libvalkey, which grew out of it.
//
// Both are driven by the same code, so a difference between them is theirs. An `Api` names a library's types and
// functions; see hiredis.cpp for the full list of what it must have. `Api::connect` returns one context for each server
// of the scenario, or a single one that routes by itself.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "async_load.hpp"
#include "epoll_loop.hpp"
#include "registry.hpp"

namespace valkeyxx::bench {

/// GET or SET as argument vectors: the fast way into these libraries (their printf way costs twice as much).
class c_arguments {
  public:
    explicit c_arguments(const job& j) : keys_(j.keys), count_(j.what.writes ? 3 : 2) {
        const std::string_view name = j.what.writes ? "SET" : "GET";
        bytes_[0] = name.data();
        sizes_ = {name.size(), key_size, j.keys.value_size()};
    }
    void use(std::uint32_t key) {
        bytes_[1] = keys_.key(key).data();
        bytes_[2] = keys_.value(key).data();
    }
    int count() const { return count_; }
    const char** bytes() { return bytes_.data(); }
    const std::size_t* sizes() const { return sizes_.data(); }

  private:
    const keyspace& keys_;
    int count_;
    std::array<const char*, 3> bytes_{};
    std::array<std::size_t, 3> sizes_{};
};

template <class Api>
struct c_deleter {
    void operator()(typename Api::context* c) const { Api::disconnect(c); }
    void operator()(typename Api::reply* r) const { Api::free_reply(r); }
};
template <class Api>
using c_context = std::unique_ptr<typename Api::context, c_deleter<Api>>;
template <class Api>
using c_reply = std::unique_ptr<typename Api::reply, c_deleter<Api>>;

template <class Api>
void check(const job& j, std::uint32_t key, const typename Api::reply* r) {
    if (!r) die("a command failed: " + std::string(j.what.name));
    const std::string_view bytes(r->str ? r->str : "", r->str ? r->len : 0);
    const bool right = j.what.writes ? r->type == Api::status_type && bytes == "OK"
                                     : r->type == Api::string_type && j.keys.holds(key, bytes);
    if (!right) j.wrong_reply(key);
}

template <class Api>
void run_c_sync(job& j) {
    std::vector<c_context<Api>> contexts = Api::connect(j);
    c_arguments arguments(j);

    j.clock.start();
    while (j.clock.running()) {
        const std::uint32_t key = j.pick();
        arguments.use(key);
        const std::size_t at = contexts.size() == 1 ? 0 : j.node_of(key);
        const c_reply<Api> r(Api::command(contexts[at].get(), arguments));
        check<Api>(j, key, r.get());
        j.clock.completed(1);
    }
    j.clock.stop();
}

/// With several contexts this is what users of the library do by hand: group by node, write to all, then read.
template <class Api>
void run_c_pipeline(job& j) {
    std::vector<c_context<Api>> contexts = Api::connect(j);
    std::vector<std::vector<std::uint32_t>> keys(contexts.size());
    c_arguments arguments(j);

    j.clock.start();
    while (j.clock.running()) {
        for (auto& list : keys) list.clear();
        for (std::size_t i = 0; i < j.what.width; ++i) {
            const std::uint32_t key = j.pick();
            arguments.use(key);
            const std::size_t at = contexts.size() == 1 ? 0 : j.node_of(key);
            if (!Api::append(contexts[at].get(), arguments)) die("a command could not be queued");
            keys[at].push_back(key);
        }
        if (contexts.size() > 1)
            for (auto& context : contexts)
                if (!Api::flush(context.get())) die("a batch could not be sent");
        for (std::size_t at = 0; at < contexts.size(); ++at) {
            for (const std::uint32_t key : keys[at])
                check<Api>(j, key, c_reply<Api>(Api::next(contexts[at].get())).get());
            Api::end_batch(contexts[at].get());
        }
        j.clock.completed(j.what.width);
    }
    j.clock.stop();
}

template <class Api>
class c_async_run {
  public:
    explicit c_async_run(job& j) : job_(j), load_(j), arguments_(j), slots_(j.what.width) {}

    void run() {
        contexts_ = Api::async_connect(job_, loop_);
        while (!Api::connected(contexts_, loop_)) loop_.turn();

        load_.start();
        for (slot& s : slots_) {
            s.run = this;
            if (load_.wants_more()) send(s);
        }
        while (load_.in_flight()) loop_.turn();
        load_.stop();
        for (auto* context : contexts_) Api::async_disconnect(context);
    }

  private:
    struct slot {
        c_async_run* run = nullptr;
        async_load::request request;
    };

    void send(slot& s) {
        s.request = load_.next();
        arguments_.use(s.request.key);
        const std::size_t at = contexts_.size() == 1 ? 0 : job_.node_of(s.request.key);
        if (!Api::async_command(contexts_[at], on_reply, &s, arguments_)) die("a command could not be sent");
    }

    static void on_reply(typename Api::async_context*, void* r, void* data) {
        slot& s = *static_cast<slot*>(data);
        c_async_run& run = *s.run;
        const auto* got = static_cast<const typename Api::reply*>(r);
        if (!got) die("an async command failed");
        if (got->type != Api::string_type) run.job_.wrong_reply(s.request.key);
        run.load_.finished(s.request, std::string_view(got->str, got->len));
        if (run.load_.wants_more()) run.send(s);
    }

    job& job_;
    async_load load_;
    c_arguments arguments_;
    std::vector<slot> slots_;
    epoll_loop<Api> loop_;
    std::vector<typename Api::async_context*> contexts_;
};

template <class Api>
void run_c_async(job& j) {
    c_async_run<Api>(j).run();
}

}  // namespace valkeyxx::bench
