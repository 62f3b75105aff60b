// What do the commands for healthy shards feel while another shard's primary hangs? Every shard gets the same steady
// load from one client; then one server is stopped for a while, and goes on again.
//
//   valkeyxx_bench_isolation --cluster 7001,7002,7003 --hang PID --hung-port 7001 --face async --seconds 30
//
// Only run_isolation.py runs it.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <valkeyxx/asio.hpp>
#include <valkeyxx/valkeyxx.hpp>

namespace {

namespace vk = valkeyxx;
namespace asio = boost::asio;
using namespace std::chrono_literals;
using namespace vk::commands;
using clock_type = std::chrono::steady_clock;
using std::chrono::microseconds;

constexpr std::size_t keys_of_shard = 1000;
constexpr std::array<const char*, 3> phases{"healthy", "hanging", "again"};

struct settings {
    std::string ports;
    std::string face = "async";
    int hung_port = 0;
    int pid = 0;
    int rate = 5000;  // commands a second for each shard
    int threads = 2;  // for each shard, of the synchronous face
    std::chrono::seconds phase{30};
    std::chrono::milliseconds deadline{1000};
};

/// What one shard's commands met in one phase; a command counts to the phase that it began in.
struct tally {
    std::vector<std::uint32_t> latencies;  // of successes, in microseconds
    std::map<std::string, std::uint64_t> errors;
    std::uint32_t slowest_error = 0;
};

struct shard {
    bool hangs = false;
    std::vector<std::string> keys;
    std::mutex guard;                              // of `tallies`: one thread each writes, but for the synchronous face
    std::array<tally, phases.size() + 1> tallies;  // the last one: what began between two phases
};

class stage {
  public:
    explicit stage(const settings& s) : settings_{s} {}

    [[nodiscard]] std::size_t phase() const noexcept { return phase_; }
    /// Hangs and wakes the server on time; returns when all is over.
    void run() {
        std::this_thread::sleep_for(settings_.phase);
        ::kill(settings_.pid, SIGSTOP);
        phase_ = 1;
        std::this_thread::sleep_for(settings_.phase);
        phase_ = phases.size();  // neither one nor the other
        ::kill(settings_.pid, SIGCONT);
        std::this_thread::sleep_for(2 * settings_.deadline);
        phase_ = 2;
        std::this_thread::sleep_for(std::min<std::chrono::seconds>(settings_.phase, 10s));
        over_ = true;
    }
    [[nodiscard]] bool over() const noexcept { return over_; }

  private:
    settings settings_;
    std::atomic<std::size_t> phase_ = 0;
    std::atomic<bool> over_ = false;
};

template <class R>
void record(shard& of, std::size_t phase, clock_type::time_point begun, const vk::result<R>& outcome) {
    const auto took =
        static_cast<std::uint32_t>(std::chrono::duration_cast<microseconds>(clock_type::now() - begun).count());
    const std::lock_guard lock{of.guard};
    tally& t = of.tallies[phase];
    if (outcome) {
        t.latencies.push_back(took);
    } else {
        ++t.errors[outcome.error().code().message()];
        t.slowest_error = std::max(t.slowest_error, took);
    }
}

// One command in two only reads; the other may not be repeated.
void load_asynchronously(const vk::config& config, const settings& s, std::vector<shard>& shards, const stage& now) {
    asio::io_context loop;
    vk::async_cluster client{loop.get_executor(), config};
    asio::steady_timer timer{loop};
    const auto start = clock_type::now();
    std::uint64_t sent = 0;
    std::function<void()> tick = [&] {
        if (now.over()) {
            client.close();
            return;
        }
        const auto due = static_cast<std::uint64_t>((clock_type::now() - start) / 1us) *
                         static_cast<std::uint64_t>(s.rate) / 1'000'000;
        for (; sent < due; ++sent) {
            for (shard& each : shards) {
                const auto begun = clock_type::now();
                const std::string& key = each.keys[sent % keys_of_shard];
                const auto note = [&each, begun, phase = now.phase()](const auto& r) { record(each, phase, begun, r); };
                if (sent % 2 == 0) {
                    client.try_execute(get(key), note);
                } else {
                    client.try_execute(incr(key), note);
                }
            }
        }
        timer.expires_after(1ms);
        timer.async_wait([&](boost::system::error_code) { tick(); });
    };
    tick();
    loop.run();
}

void load_by_threads(const vk::config& config, const settings& s, std::vector<shard>& shards, const stage& now) {
    vk::cluster client{config};
    client.connect();
    const auto pause = std::chrono::nanoseconds{1s} * s.threads / s.rate;
    std::vector<std::jthread> threads;
    for (shard& each : shards) {
        for (int t = 0; t < s.threads; ++t) {
            threads.emplace_back([&, t] {
                auto next = clock_type::now();
                for (std::size_t i = static_cast<std::size_t>(t); !now.over(); ++i) {
                    const std::string& key = each.keys[i % keys_of_shard];
                    const auto phase = now.phase();
                    const auto begun = clock_type::now();
                    if (i % 2 == 0) {
                        record(each, phase, begun, client.try_execute(get(key)));
                    } else {
                        record(each, phase, begun, client.try_execute(incr(key)));
                    }
                    next = std::max(next + pause, clock_type::now() - 10ms);
                    std::this_thread::sleep_until(next);
                }
            });
        }
    }
}

std::vector<shard> shards_of(const vk::config& config, int hung_port) {
    vk::cluster client{config};
    client.connect();
    const auto primaries = client.primaries();
    std::vector<shard> shards(primaries.size());
    for (std::size_t i = 0; i < shards.size(); ++i) {
        shards[i].hangs = primaries[i].address.port == hung_port;
        for (int n = 0; shards[i].keys.size() < keys_of_shard; ++n) {
            const std::string key = "isolation:" + std::to_string(n);
            if (client.node_for(key) == primaries[i].address) shards[i].keys.push_back(key);
        }
    }
    return shards;
}

void print(std::vector<shard>& shards, const settings& s) {
    for (std::size_t phase = 0; phase < phases.size(); ++phase) {
        for (const bool hung : {false, true}) {
            std::vector<std::uint32_t> all;
            std::map<std::string, std::uint64_t> errors;
            std::uint32_t slowest = 0;
            for (shard& each : shards) {
                if (each.hangs != hung) continue;
                const tally& t = each.tallies[phase];
                all.insert(all.end(), t.latencies.begin(), t.latencies.end());
                for (const auto& [what, count] : t.errors) errors[what] += count;
                slowest = std::max(slowest, t.slowest_error);
            }
            std::sort(all.begin(), all.end());
            const auto at = [&](double share) {
                return all.empty() ? 0U : all[static_cast<std::size_t>(share * static_cast<double>(all.size() - 1))];
            };
            std::printf(R"({"face":"%s","phase":"%s","shards":"%s","done":%zu,"p50_us":%u,"p99_us":%u,"max_us":%u,)"
                        R"("slowest_error_us":%u,"errors":{)",
                        s.face.c_str(), phases[phase], hung ? "hung" : "others", all.size(), at(0.5), at(0.99), at(1),
                        slowest);
            const char* comma = "";
            for (const auto& [what, count] : errors) {
                std::printf(R"(%s"%s":%llu)", comma, what.c_str(), static_cast<unsigned long long>(count));
                comma = ",";
            }
            std::printf("}}\n");
        }
    }
}

settings parse(int argc, char** argv) {
    settings s;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string_view name = argv[i];
        const char* text = argv[i + 1];
        if (name == "--cluster") s.ports = text;
        if (name == "--face") s.face = text;
        if (name == "--hung-port") s.hung_port = std::atoi(text);
        if (name == "--hang") s.pid = std::atoi(text);
        if (name == "--rate") s.rate = std::atoi(text);
        if (name == "--seconds") s.phase = std::chrono::seconds{std::atoi(text)};
    }
    if (s.ports.empty() || s.pid <= 0 || s.hung_port == 0 || s.rate <= 0) {
        std::fprintf(stderr, "run it by bench/run_isolation.py\n");
        std::exit(2);
    }
    return s;
}

}  // namespace

int main(int argc, char** argv) {
    const settings s = parse(argc, argv);
    std::string url = "valkey://";
    for (std::size_t from = 0; from < s.ports.size();) {
        const auto end = std::min(s.ports.find(',', from), s.ports.size());
        url += (from == 0 ? "127.0.0.1:" : ",127.0.0.1:") + s.ports.substr(from, end - from);
        from = end + 1;
    }
    vk::config config = vk::parse_url(url).value();
    config.command_timeout = s.deadline;
    auto shards = shards_of(config, s.hung_port);
    stage now{s};
    std::jthread director{[&] { now.run(); }};
    if (s.face == "async") {
        load_asynchronously(config, s, shards, now);
    } else {
        load_by_threads(config, s, shards, now);
    }
    print(shards, s);
}
