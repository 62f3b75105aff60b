// Transactions, read-decide-write, scripts, locks and streams of commands.
//
//   08_together valkey://127.0.0.1:7000
#include <chrono>
#include <cstdint>
#include <exception>
#include <iostream>
#include <optional>
#include <string>

#include <valkeyxx/command_stream.hpp>
#include <valkeyxx/lock.hpp>
#include <valkeyxx/valkeyxx.hpp>

namespace vk = valkeyxx;
using namespace std::chrono_literals;
using namespace vk::commands;

namespace {

void transact(vk::cluster& cluster) {
    vk::transaction move;
    move.add(decrby("{account}:1", 100));
    const auto arrived = move.add(incrby("{account}:2", 100));
    std::cout << cluster.execute(move)[arrived].value() << " arrived\n";
}

void decide(vk::cluster& cluster) {
    cluster.execute(set("stock", "1"));
    const auto buy = [](vk::session& s, vk::transaction& t) {
        const auto left = s.execute(get("stock").as<std::int64_t>());
        if (left > 0) t.add(decr("stock"));
    };
    std::cout << "bought " << vk::optimistic(cluster, {"stock"}, buy).size() << '\n';
    std::cout << "bought " << vk::optimistic(cluster, {"stock"}, buy).size() << '\n';
}

void run_script(vk::cluster& cluster) {
    const vk::script raise_to{
        "local now = tonumber(redis.call('GET', KEYS[1]) or '0')\n"
        "if now < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], ARGV[1]) end\n"
        "return now"};
    cluster.execute(set("level", "3"));
    std::cout << "it was " << cluster.execute(raise_to.call<std::int64_t>({"level"}, {"7"})) << ", and is "
              << cluster.execute(raise_to.call<std::int64_t>({"level"}, {"5"})) << '\n';
}

void lock_out(vk::cluster& cluster) {
    vk::lock lock{cluster, "report", {.lease = 30s}};
    if (!lock.acquire(5s)) return;
    vk::lock other{cluster, "report"};
    std::cout << "locked, for others: " << (other.try_acquire() ? "no" : "yes") << '\n';
    lock.release().value();
}

void stream(vk::cluster& cluster) {
    int made = 0;
    const auto next = [&]() -> std::optional<vk::command<bool>> {
        if (made == 10'000) return std::nullopt;
        ++made;
        return set("streamed:" + std::to_string(made), "x");
    };
    int failed = 0;
    const auto told = [&](std::size_t, const vk::result<bool>& r) { failed += r ? 0 : 1; };
    std::cout << vk::execute_stream(cluster, next, told) << " commands, " << failed << " failed\n";
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: 08_together URL\n";
        return 2;
    }
    try {
        vk::cluster cluster{argv[1]};
        cluster.execute(mset({{"{account}:1", "500"}, {"{account}:2", "0"}}));
        transact(cluster);
        decide(cluster);
        run_script(cluster);
        lock_out(cluster);
        stream(cluster);
    } catch (const std::exception& failure) {
        std::cerr << failure.what() << '\n';
        return 1;
    }
}
