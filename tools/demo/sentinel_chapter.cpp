// Chapter: servers that sentinels watch lose their primary.
#include <chrono>
#include <mutex>
#include <optional>
#include <string>

#include <valkeyxx/observer.hpp>
#include <valkeyxx/sentinel.hpp>
#include <valkeyxx/valkeyxx.hpp>

#include "demo/chapters.hpp"
#include "demo/interrupt.hpp"
#include "demo/require.hpp"
#include "support/sentinel_set.hpp"

namespace valkeyxx::demo {

namespace {

using clock = std::chrono::steady_clock;
using namespace commands;

// When the client took another primary into use.
class switch_log final : public observer {
  public:
    void topology_changed(const shard_map& now) override {
        const std::lock_guard lock{mutex_};
        const endpoint primary = now.shards().front().primary.address;
        if (primary_ && *primary_ != primary) switched_ = clock::now();
        primary_ = primary;
    }
    std::optional<clock::time_point> switched() const {
        const std::lock_guard lock{mutex_};
        return switched_;
    }

  private:
    mutable std::mutex mutex_;
    std::optional<endpoint> primary_;
    std::optional<clock::time_point> switched_;
};

}  // namespace

void follow_sentinels(narrator& out, traces& left) {
    out.chapter("Servers that sentinels watch lose their primary");
    testing::sentinel_set servers;
    servers.wait();
    left.note(servers);
    out.tell("a primary, two replicas and three sentinels: " + servers.url());

    const auto log = std::make_shared<switch_log>();
    auto settings = parse_url(servers.url()).value();
    settings.command_timeout = std::chrono::seconds{20};
    settings.watcher = log;
    client primary{settings};
    const auto write = [&](int number) { primary.execute(set("step:" + std::to_string(number), "done")); };
    int written = 0;
    for (; written < 300; ++written) write(written);

    auto& victim = servers.primary();
    const auto kill = clock::now();
    victim.kill9();
    const auto started = clock::now();
    write(written++);  // inside this call the sentinels notice, agree, and have a replica take over
    const auto ended = clock::now();
    for (const int last = written + 300; written < last; ++written) {
        check_interrupt();
        write(written);
    }

    const endpoint now = primary.topology()->shards().front().primary.address;
    require(now.port != victim.port(), "the client still takes the killed server for the primary");
    require(log->switched().has_value(), "the client has not told of the other primary");
    sentinel watch{settings};
    require(watch.find_primary() == now, "the sentinels name another primary than the client");
    out.table({{"time", "event"},
               {"+0.00 s", "SIGKILL to " + endpoint{victim.host(), victim.port()}.text() + ", the primary"},
               {"+" + to_text(*log->switched() - kill), "the client takes " + now.text() + " for the primary"},
               {"+" + to_text(ended - kill), "the write that was under way is acknowledged there"}});
    out.tell("it had stayed " + to_text(ended - started) + " inside its call; " +
             counted(static_cast<std::size_t>(written), "write") + " in all, and none has failed");
    int found = 0;
    for (int i = 300; i < written; ++i) found += primary.execute(exists("step:" + std::to_string(i))) == 1 ? 1 : 0;
    require(found == written - 300, "writes that the new primary acknowledged are not there");
}

}  // namespace valkeyxx::demo
