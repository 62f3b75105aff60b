// What is measured, and what before it is not.
#include "valkeyxx_cli/bench_measure.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <exception>
#include <iostream>
#include <thread>

#include <valkeyxx/commands/strings.hpp>

#include "valkeyxx_cli/bench_driver.hpp"
#include "valkeyxx_cli/observation.hpp"
#include "valkeyxx_cli/reconnect_counter.hpp"
#include "valkeyxx_cli/signal_wait.hpp"

namespace valkeyxx::cli {

namespace {

void note(const std::string& sentence) {
    std::cerr << "valkeyxx: " << sentence << '\n';
}

// User and system time of the whole program.
std::chrono::nanoseconds cpu_time() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto of = [](const timeval& t) {
        return std::chrono::seconds{t.tv_sec} + std::chrono::microseconds{t.tv_usec};
    };
    return of(usage.ru_utime) + of(usage.ru_stime);
}

stats difference(const stats& after, const stats& before) {
    return {.commands = after.commands - before.commands,
            .moved = after.moved - before.moved,
            .ask = after.ask - before.ask,
            .retries = after.retries - before.retries,
            .refreshes = after.refreshes - before.refreshes,
            .connects = after.connects - before.connects,
            .disconnects = after.disconnects - before.disconnects};
}

class measurement {
  public:
    measurement(const bench_plan& plan, config settings)
        : plan_{plan}, reads_{settings.reads}, driver_{make_driver(std::move(settings))} {}

    bench_report run() {
        connect();
        report_.prepared = fill();
        if (!stopped()) load();
        return std::move(report_);
    }

  private:
    std::unique_ptr<bench_driver> make_driver(config settings) {
        // A shard may take half of them: all that this benchmark has under way.
        settings.max_in_flight = std::max(settings.max_in_flight, 2 * plan_.width());
        settings.watcher = both(settings.watcher, reconnects_);
        return plan_.mode == bench_mode::async ? make_async_driver(std::move(settings))
                                               : make_thread_driver(std::move(settings));
    }

    void connect() {
        connect("PING", on_all_primaries());
        // A client has a connection of its own for reads from a replica, and PING is none.
        const bool reads_there = reads_ != read_from::primary && !driver_->topology()->replicas().empty();
        if (reads_there) connect("DBSIZE", on_all_replicas());
    }

    void connect(std::string_view by, const target& nodes) {
        for (const auto& [_, reply] : driver_->execute_each(raw(by), nodes)) {
            if (!reply) note("not ready at the start: " + reply.error().message());
        }
    }

    // So that GET finds something; false if some of it could not be set.
    bool fill() {
        if (plan_.command != bench_command::get && plan_.command != bench_command::mix) return true;
        constexpr std::uint64_t keys_at_once = 1000;
        constexpr std::size_t bytes_at_once = 4U << 20U;
        bench_workload workload{plan_};
        std::uint64_t number = 0;
        while (number < plan_.keys && !stopped()) {
            pipeline batch;
            for (std::size_t bytes = 0; number < plan_.keys && batch.size() < keys_at_once && bytes < bytes_at_once;
                 ++number, bytes += plan_.size) {
                const auto key = workload.key({bench_operation::kind::set, number});
                batch.add(commands::set(key, workload.value(key)));
            }
            const auto done = driver_->execute(batch);
            if (done.ok()) continue;
            for (std::size_t i = 0; i < batch.size(); ++i) {
                if (!done.failed(i)) continue;
                note("not all values could be set before the measurement: " + done.failure(i).message());
                return false;
            }
        }
        return true;
    }

    void load() {
        const auto map = plan_.by_shard ? driver_->topology() : nullptr;
        bench_run run{plan_, bench_schedule{plan_}, bench_gaps{map.get()}};
        bench_clock::time_point start;
        std::chrono::nanoseconds cpu_before{};
        stats before{};
        const auto ready = [&] {
            before = driver_->statistics();
            cpu_before = cpu_time();
            start = bench_clock::now();
            run.schedule.start(start);
            run.gaps.start(start);
        };

        std::exception_ptr failure;
        std::thread worker{[&] {
            try {
                report_.tally = driver_->run(run, ready);
            } catch (...) {
                failure = std::current_exception();
            }
            report_.cpu = cpu_time() - cpu_before;
            signals_.wake();
        }};
        while (signals_.wait() == signal_wait::reason::signal) {
            run.schedule.stop(bench_clock::now());
            driver_->wake();
        }
        worker.join();
        if (failure) std::rethrow_exception(failure);
        await_end(run.schedule);

        const auto last = std::max(report_.tally.last_outcome, start);
        const auto end = plan_.requests == 0 ? run.schedule.end() : std::min(run.schedule.end(), last);
        run.gaps.end(end);
        report_.lasted = std::max(end, last) - start;
        report_.longest_gap = run.gaps.longest();
        report_.gaps_by_shard = run.gaps.by_shard();
        report_.work = difference(driver_->statistics(), before);
        report_.reconnects = reconnects_->count();
        if (const auto missed = run.schedule.missed(end); missed > 0) {
            note("the rate was too high: " + std::to_string(missed) + " operations were due and never started");
        }
    }

    // With a low rate the last operation is over long before the time.
    void await_end(bench_schedule& schedule) {
        while (plan_.requests == 0 && bench_clock::now() < schedule.end()) {
            if (signals_.wait(schedule.end()) == signal_wait::reason::signal) schedule.stop(bench_clock::now());
        }
    }

    // Whether a signal came during the preparations.
    bool stopped() {
        stopped_ = stopped_ || signals_.wait(bench_clock::now()) == signal_wait::reason::signal;
        return stopped_;
    }

    const bench_plan& plan_;
    const read_from reads_;
    signal_wait signals_{};  // before the driver's threads
    bool stopped_ = false;
    bench_report report_{};
    std::shared_ptr<reconnect_counter> reconnects_ = std::make_shared<reconnect_counter>();
    std::unique_ptr<bench_driver> driver_;  // last: it uses the others
};

}  // namespace

bench_report measure(const bench_plan& plan, config settings) {
    return measurement{plan, std::move(settings)}.run();
}

}  // namespace valkeyxx::cli
