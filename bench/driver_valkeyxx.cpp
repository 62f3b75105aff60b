// Our own client: the synchronous one for sync and pipeline scenarios, the asynchronous one, on a loop that the driver
// runs, for async ones. A scenario with one server uses it as a cluster of one.
#include <chrono>
#include <memory>

#include <boost/asio/io_context.hpp>

#include <valkeyxx/valkeyxx.hpp>

#include "async_load.hpp"
#include "registry.hpp"

namespace valkeyxx::bench {
namespace {

// What the client is observed by; nullptr, most often: by nobody.
std::shared_ptr<observer> watcher;

config settings(const job& j) {
    config c;
    c.watcher = watcher;
    for (const std::uint16_t port : j.ports()) c.seeds.push_back({.host = "127.0.0.1", .port = port});
    c.cache.enabled = j.what.cached;
    return c;
}

[[noreturn]] void die_of(const error& why) {
    die(why.message());
}

auto cached_get(const job& j, std::uint32_t key) {
    return commands::get(j.keys.key(key)).cached(std::chrono::hours{1});
}

void run_sync(job& j) {
    cluster client{settings(j)};
    client.connect();
    for (std::uint32_t key = 0; j.what.cached && key < key_count; ++key) {
        client.execute(cached_get(j, key));  // what is measured is what a full cache costs
    }

    j.clock.start();
    while (j.clock.running()) {
        const std::uint32_t key = j.pick();
        const auto check = [&](reply_view reply) {
            const bool right = j.what.writes ? reply.text() == "OK" : j.keys.holds(key, reply.text());
            if (!right) j.wrong_reply(key);
        };
        const auto done = j.what.writes   ? client.visit(commands::set(j.keys.key(key), j.keys.value(key)), check)
                          : j.what.cached ? client.visit(cached_get(j, key), check)
                                          : client.visit(commands::get(j.keys.key(key)), check);
        if (!done) die_of(done.error());
        j.clock.completed(1);
    }
    j.clock.stop();
}

void run_pipeline(job& j) {
    cluster client{settings(j)};
    client.connect();
    pipeline batch;
    pipeline_result result;
    std::vector<std::uint32_t> keys(j.what.width);

    j.clock.start();
    while (j.clock.running()) {
        batch.clear();
        for (std::uint32_t& key : keys) {
            key = j.pick();
            batch.add(commands::get(j.keys.key(key)));
        }
        client.execute(batch, result);
        for (std::size_t i = 0; i < keys.size(); ++i) {
            if (result.failed(i)) die_of(result.failure(i));
            if (!j.keys.holds(keys[i], result.reply(i).text())) j.wrong_reply(keys[i]);
        }
        j.clock.completed(j.what.width);
    }
    j.clock.stop();
}

class async_run {
  public:
    explicit async_run(job& j) : job_{j}, load_{j}, client_{loop_, settings(j)} {}

    void run() {
        bool connected = false;
        client_.execute(commands::ping(), [&connected](const result<std::string>& r) {
            if (!r) die_of(r.error());
            connected = true;
        });
        while (!connected) loop_.run_one();

        load_.start();
        while (load_.wants_more()) send();
        while (load_.in_flight() != 0) loop_.run_one();
        load_.stop();
    }

  private:
    void send() {
        const async_load::request r = load_.next();
        client_.execute(commands::get(job_.keys.key(r.key)).as<std::string>(),
                        [this, r](const result<std::string>& value) {
                            if (!value) die_of(value.error());
                            load_.finished(r, std::string_view{*value});
                            if (load_.wants_more()) send();
                        });
    }

    job& job_;
    async_load load_;
    boost::asio::io_context loop_{1};
    async_cluster client_;
};

void run_async(job& j) {
    async_run{j}.run();
}

const peer_version this_version{"valkeyxx", "0.1.0"};
const registration sync_scenarios{"valkeyxx", {"get16", "set16", "get1k", "cached16", "cget16"}, run_sync};
const registration pipelines{"valkeyxx", {"pipe100", "pipe1000", "pipe1000_1k", "cpipe1000"}, run_pipeline};
const registration async_scenarios{"valkeyxx", {"async64", "async1024", "casync64", "casync1024"}, run_async};

// What it costs to be observed.
template <driver run>
void with_metrics(job& j) {
    watcher = std::make_shared<metrics>();
    run(j);
}
template <driver run>
void with_log(job& j) {
    watcher = std::make_shared<log_observer>([](const log_record&) {});
    run(j);
}

const registration sync_metrics{"valkeyxx+metrics", {"get16", "cget16"}, with_metrics<run_sync>};
const registration pipeline_metrics{"valkeyxx+metrics", {"cpipe1000"}, with_metrics<run_pipeline>};
const registration async_metrics{"valkeyxx+metrics", {"casync64"}, with_metrics<run_async>};
const registration sync_log{"valkeyxx+log", {"get16", "cget16"}, with_log<run_sync>};
const registration pipeline_log{"valkeyxx+log", {"cpipe1000"}, with_log<run_pipeline>};
const registration async_log{"valkeyxx+log", {"casync64"}, with_log<run_async>};

}  // namespace
}  // namespace valkeyxx::bench
