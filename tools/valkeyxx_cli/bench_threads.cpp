// Threads that share one synchronous client, each with one command or one pipeline at a time.
#include <sys/prctl.h>

#include <latch>
#include <thread>
#include <vector>

#include <valkeyxx/cluster.hpp>
#include <valkeyxx/commands/strings.hpp>

#include "valkeyxx_cli/bench_driver.hpp"

namespace valkeyxx::cli {

namespace {

using kind = bench_operation::kind;

class worker {
  public:
    worker(cluster& client, bench_run& run, int number)
        : client_{client},
          run_{run},
          dice_{run.plan, static_cast<std::uint64_t>(number)},
          workload_{run.plan},
          scorer_{run.schedule, run.gaps} {}

    void work() {
        // Else a sleep until the next operation is due ends 50 us late.
        ::prctl(PR_SET_TIMERSLACK, 1UL);
        const bool one_by_one = run_.plan.mode == bench_mode::sync;
        const auto wanted = one_by_one ? 1U : static_cast<std::uint64_t>(run_.plan.pipeline);
        auto now = bench_clock::now();
        while (const auto turn = run_.schedule.claim(wanted, now)) {
            if (turn->due > now && !run_.schedule.wait_until(turn->due)) break;
            now = one_by_one ? run_one(*turn) : run_batch(*turn);
        }
    }

    [[nodiscard]] const bench_tally& tally() const { return scorer_.tally(); }

  private:
    bench_clock::time_point run_one(const bench_schedule::turn& turn) {
        const auto operation = dice_.next();
        const auto key = workload_.key(operation);
        switch (operation.what) {
            case kind::get:
                return run_command(operation, key, commands::get(key), turn);
            case kind::set:
                return run_command(operation, key, commands::set(key, workload_.value(key)), turn);
            case kind::incr:
                break;
        }
        return run_command(operation, key, commands::incr(key), turn);
    }

    template <class R>
    bench_clock::time_point run_command(const bench_operation& operation, std::string_view key, const command<R>& c,
                                        const bench_schedule::turn& turn) {
        const auto from = start_of(turn);
        const auto outcome = client_.try_execute(c);
        const auto now = bench_clock::now();
        scorer_.take(operation, key, outcome, from, now);
        return now;
    }

    // With a rate, being late counts; without one, making the command does not.
    [[nodiscard]] bench_clock::time_point start_of(const bench_schedule::turn& turn) const {
        return run_.plan.rate > 0 ? turn.due : bench_clock::now();
    }

    bench_clock::time_point run_batch(const bench_schedule::turn& turn) {
        batch_.clear();
        operations_.clear();
        for (std::uint64_t i = 0; i < turn.count; ++i) {
            operations_.push_back(dice_.next());
            add(operations_.back());
        }
        const auto from = start_of(turn);
        client_.execute(batch_, done_);
        const auto now = bench_clock::now();
        for (std::size_t i = 0; i < operations_.size(); ++i) score_part(i, from, now);
        return now;
    }

    void add(const bench_operation& operation) {
        const auto key = workload_.key(operation);
        switch (operation.what) {
            case kind::get:
                batch_.add(commands::get(key));
                break;
            case kind::set:
                batch_.add(commands::set(key, workload_.value(key)));
                break;
            case kind::incr:
                batch_.add(commands::incr(key));
                break;
        }
    }

    void score_part(std::size_t i, bench_clock::time_point from, bench_clock::time_point now) {
        const auto& operation = operations_[i];
        const auto key = workload_.key(operation);
        switch (operation.what) {
            case kind::get:
                scorer_.take(operation, key, done_.get<std::optional<std::string>>(i), from, now);
                break;
            case kind::set:
                scorer_.take(operation, key, done_.get<bool>(i), from, now);
                break;
            case kind::incr:
                scorer_.take(operation, key, done_.get<std::int64_t>(i), from, now);
                break;
        }
    }

    cluster& client_;
    bench_run& run_;
    bench_dice dice_;
    bench_workload workload_;
    bench_scorer scorer_;
    std::vector<bench_operation> operations_{};
    pipeline batch_{};
    pipeline_result done_{};
};

class thread_driver final : public bench_driver {
  public:
    explicit thread_driver(config settings) : client_{std::move(settings)} {}

    std::vector<node_result<value>> execute_each(const command<value>& c, const target& nodes) override {
        return client_.execute_each(c, nodes);
    }
    pipeline_result execute(const pipeline& batch) override { return client_.execute(batch); }
    [[nodiscard]] std::shared_ptr<const shard_map> topology() const override { return client_.topology(); }
    [[nodiscard]] stats statistics() const override { return client_.statistics(); }

    bench_tally run(bench_run& run, const std::function<void()>& ready) override {
        std::vector<std::unique_ptr<worker>> workers;
        std::latch all_there{run.plan.clients};
        std::latch begin{1};
        std::vector<std::jthread> threads;
        try {
            for (int i = 0; i < run.plan.clients; ++i) {
                workers.push_back(std::make_unique<worker>(client_, run, i));
                threads.emplace_back([&, one = workers.back().get()] {
                    all_there.count_down();
                    begin.wait();
                    one->work();
                });
            }
        } catch (...) {  // no more threads to be had: those that wait must end
            run.schedule.stop(bench_clock::now());
            begin.count_down();
            throw;
        }
        all_there.wait();
        ready();
        begin.count_down();
        threads.clear();
        bench_tally sum;
        for (const auto& one : workers) sum.add(one->tally());
        return sum;
    }

  private:
    cluster client_;
};

}  // namespace

std::unique_ptr<bench_driver> make_thread_driver(config settings) {
    return std::make_unique<thread_driver>(std::move(settings));
}

}  // namespace valkeyxx::cli
