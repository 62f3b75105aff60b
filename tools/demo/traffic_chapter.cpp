// Chapter: the same keys by each of the three ways to call the library.
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <valkeyxx/asio.hpp>
#include <valkeyxx/async_cluster.hpp>
#include <valkeyxx/commands/strings.hpp>

#include "demo/chapters.hpp"
#include "demo/interrupt.hpp"
#include "demo/require.hpp"

namespace valkeyxx::demo {

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using commands::get;
using commands::set;

constexpr int key_count = 300;

std::string key(int i) {
    return "user:" + std::to_string(i);
}

std::string value_of(std::string_view how, int i) {
    return std::string{how} + " " + std::to_string(i);
}

void require_value(int i, const std::optional<std::string>& found, const std::string& expected) {
    require(found == expected, key(i) + " is \"" + found.value_or("(nil)") + "\" instead of \"" + expected + "\"");
}

void by_sync_client(cluster& client) {
    for (int i = 0; i < key_count; ++i) client.execute(set(key(i), value_of("sync", i)));
    for (int i = 0; i < key_count; ++i) require_value(i, client.execute(get(key(i))), value_of("sync", i));
}

// Counts completions, which come on the client's thread, and keeps the first failure.
class completions {
  public:
    explicit completions(int expected) : open_{expected} {}

    void one(std::exception_ptr failure) {
        const std::lock_guard lock{mutex_};
        if (failure && !failure_) failure_ = std::move(failure);
        if (--open_ == 0) all_.set_value();
    }

    void wait() {
        require(all_.get_future().wait_for(20s) == std::future_status::ready, "callbacks did not come");
        if (failure_) std::rethrow_exception(failure_);
    }

  private:
    std::mutex mutex_;
    int open_;
    std::exception_ptr failure_;
    std::promise<void> all_;
};

template <class R, class Check>
void start(async_cluster& client, const command<R>& c, completions& done, Check check) {
    client.execute(c, [&done, check](const result<R>& r) {
        try {
            check(r.value());
            done.one(nullptr);
        } catch (...) {
            done.one(std::current_exception());
        }
    });
}

void by_callbacks(const std::string& seed) {
    completions written{key_count};
    completions read{key_count};
    async_cluster client{seed};  // after what its callbacks use
    for (int i = 0; i < key_count; ++i) {
        start(client, set(key(i), value_of("callback", i)), written, [](bool) {});
    }
    written.wait();
    for (int i = 0; i < key_count; ++i) {
        start(client, get(key(i)), read,
              [i](const std::optional<std::string>& found) { require_value(i, found, value_of("callback", i)); });
    }
    read.wait();
}

asio::awaitable<void> write_and_read(async_cluster& client, int first, int end) {
    for (int i = first; i < end; ++i) {
        co_await client.execute(set(key(i), value_of("coroutine", i)), asio::use_awaitable);
    }
    for (int i = first; i < end; ++i) {
        const auto found = co_await client.execute(get(key(i)), asio::use_awaitable);
        require_value(i, found, value_of("coroutine", i));
    }
}

void by_coroutines(const std::string& seed, int coroutines) {
    asio::io_context loop;
    async_cluster client{loop, parse_url(seed).value()};
    std::exception_ptr failure;
    int running = coroutines;
    for (int i = 0; i < coroutines; ++i) {
        asio::co_spawn(loop, write_and_read(client, key_count * i / coroutines, key_count * (i + 1) / coroutines),
                       [&](std::exception_ptr why) {
                           if (why && !failure) failure = why;
                           if (--running == 0) client.close();  // which lets the loop end
                       });
    }
    loop.run();
    if (failure) std::rethrow_exception(failure);
}

template <class Work>
std::string time_of(Work work) {
    check_interrupt();
    const auto from = std::chrono::steady_clock::now();
    work();
    return to_text(std::chrono::steady_clock::now() - from);
}

std::size_t slots_of(const shard_info& shard) {
    std::size_t count = 0;
    for (const auto& range : shard.slots) count += static_cast<std::size_t>(range.last - range.first + 1);
    return count;
}

void show_spread(narrator& out, cluster& client) {
    std::map<endpoint, std::size_t> keys;
    for (int i = 0; i < key_count; ++i) ++keys[client.node_for(key(i)).value()];

    std::vector<std::vector<std::string>> rows{{"node", "slots", "keys it served"}};
    const auto map = client.topology();
    for (const auto& shard : map->shards()) {
        const auto& node = shard.primary.address;
        rows.push_back({node.text(), std::to_string(slots_of(shard)), std::to_string(keys[node])});
        require(keys[node] > 0, "no key went to " + node.text());
    }
    out.table(rows);
    for (const int i : {1, 2, 3, 4, 5}) {
        const auto slot = std::to_string(key_slot(key(i)));
        out.tell("key " + key(i) + "   slot " + slot + std::string(6 - slot.size(), ' ') + "-> " +
                 client.node_for(key(i)).value().text());
    }
}

}  // namespace

void spread_keys(narrator& out, const std::string& seed, cluster& client) {
    out.chapter("Every key finds its node");
    constexpr int coroutines = 4;
    const auto sync = time_of([&] { by_sync_client(client); });
    const auto callbacks = time_of([&] { by_callbacks(seed); });
    const auto awaited = time_of([&] { by_coroutines(seed, coroutines); });
    const auto count = std::to_string(key_count);
    out.table({{count + " SET, then " + count + " GET by", "time", "values"},
               {"the synchronous client, one by one", sync, "all right"},
               {"the asynchronous client with callbacks, all at once", callbacks, "all right"},
               {std::to_string(coroutines) + " coroutines on an io_context", awaited, "all right"}});
    show_spread(out, client);
}

}  // namespace valkeyxx::demo
