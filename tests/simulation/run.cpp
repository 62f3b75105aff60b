#include "run.hpp"

#include <algorithm>

#include "checks.hpp"
#include "client/engine.hpp"
#include "client/start.hpp"
#include "faults.hpp"
#include "watcher.hpp"
#include "workload.hpp"

namespace valkeyxx::simulation {
namespace {

using namespace std::chrono_literals;

constexpr auto longest_settling = 60s;
constexpr auto between_rounds = 30ms;
constexpr auto after_close = 30s;               // nothing that a closed client has asked of the network takes longer
constexpr std::uint64_t most_at_once = 50'000;  // events in a millisecond, for each node or command

class one_run {
  public:
    one_run(plan p, trace::mode m) : world_{std::move(p), m} {
        config settings = world_.settings.client;
        if (world_.log.on()) settings.watcher = std::make_shared<watcher>(world_.log);
        engine_ =
            std::make_shared<clients::engine>(loop_, clients::checked(std::move(settings), detail::layout::cluster),
                                              detail::layout::cluster, clients::drive::by_loop, world_.random.number());
        if (world_.settings.wire.window >= 65536 && !faults_.will_hold_up_bytes()) {
            world_.told.watch(&engine_->router(), &engine_->counters());
        }
        load_.emplace(world_, engine_);
    }

    outcome go() {
        world_.nodes.start();
        faults_.schedule();
        load_->start();
        traffic();
        if (good() && !world_.settings.close_early) {
            settle();
            recover();
            if (good()) compare_maps();
        }
        close();
        if (good()) check_history(world_, stats_);
        if (good()) check_order(world_, world_.settings.wire.window >= 65536 && !faults_.held_up_bytes());
        if (good() && !world_.settings.close_early) check_data(world_);
        return report();
    }

  private:
    [[nodiscard]] bool good() const noexcept { return world_.judgement.good(); }

    // Lets time pass until the condition holds, at most for so long. False if it does not.
    template <class Condition>
    bool pass(duration most, Condition fulfilled) {
        const auto end = scheduler::now() + most;
        while (good()) {
            if (fulfilled()) return true;
            if (!world_.time.step(end)) return fulfilled();
            if (world_.time.events_at_once() > most_at_once) world_.judgement.fail("time stands still");
        }
        return false;
    }

    void traffic() {
        const auto& p = world_.settings;
        const auto until_calm = p.calm - scheduler::now();
        if (p.close_early) {
            pass(until_calm / 2, [] { return false; });
            return;
        }
        pass(until_calm, [] { return false; });
        faults_.heal();
        // What is under way ends in time; who has more commands may start them.
        const auto most = p.client.command_timeout * static_cast<int>(p.commands) + 2 * p.think * 300;
        if (!pass(most, [this] { return load_->finished(); }) && good()) {
            world_.judgement.fail("commands are never completed");
        }
    }

    void settle() {
        if (!pass(longest_settling, [this] { return world_.nodes.settled(); }) && good()) {
            world_.judgement.fail("the simulated cluster does not settle (a fault of the simulator): " +
                                  world_.nodes.unsettled());
        }
        settled_at_ = scheduler::now();
        world_.log([] { return std::string{"the cluster is well"}; });
    }

    // Dead connections show when they are used, and that takes a command's time and a connection's; one after the other
    // where few commands may be under way.
    [[nodiscard]] duration longest_recovery() const {
        const config& c = world_.settings.client;
        const auto groups = 1 + world_.keys.chunks().size() / c.max_in_flight;
        return (c.command_timeout + 2 * c.connect_timeout + 2 * c.refresh_interval + 2s) * static_cast<int>(groups);
    }

    void recover() {
        const std::size_t chunks = world_.keys.chunks().size();
        const auto touched = [&](workload::touch how) {
            const std::size_t before = load_->failures();
            for (std::size_t done = 0; good() && done < chunks; done += world_.settings.client.max_in_flight) {
                load_->touch_chunks(std::min(chunks - done, world_.settings.client.max_in_flight), how);
                if (!pass(2 * world_.settings.client.command_timeout, [this] { return load_->under_way() == 0; }) &&
                    good()) {
                    world_.judgement.fail("commands are never completed");
                }
            }
            return load_->failures() == before;
        };
        // What only reads may be answered by replicas, and says nothing of the way to the primary.
        const auto well = [&] {
            return (world_.settings.client.reads == read_from::primary || touched(workload::touch::try_to_write)) &&
                   touched(workload::touch::try_all);
        };
        while (good() && !well()) {
            if (scheduler::now() - settled_at_ > longest_recovery()) {
                world_.judgement.fail("commands fail long after all is well again");
            }
            pass(between_rounds, [] { return false; });
        }
        recovery_ = scheduler::now() - settled_at_;
        if (good()) touched(workload::touch::promise);
    }

    // After refreshes that failed, the client lets more and more time pass before the next one.
    void compare_maps() {
        const auto deadline = scheduler::now() + 50 * world_.settings.client.refresh_interval + 2s;
        std::string wrong;
        do {
            pass(4 * world_.settings.client.refresh_interval, [] { return false; });
            const std::unique_lock lock{engine_->mutex()};
            wrong = wrong_in_map(world_, *engine_->current_map());
        } while (good() && !wrong.empty() && scheduler::now() < deadline);
        if (!wrong.empty()) world_.judgement.fail(std::move(wrong));
    }

    void close() {
        stats_ = [this] {
            const std::unique_lock lock{engine_->mutex()};
            return engine_->counters();
        }();
        check_refreshes(world_, stats_);
        load_->stop();
        load_->closing();
        {
            const clients::engine::turn turn{*engine_};
            engine_->close();
        }
        if (good() && load_->under_way() != 0) world_.judgement.fail("commands survive the client's end");
        load_->let_go();
        world_.told.watch(nullptr, nullptr);
        const std::weak_ptr<clients::engine> remains = engine_;
        engine_.reset();
        if (!pass(after_close, [&] { return remains.expired(); }) && good()) {
            world_.judgement.fail("something holds the closed client");
        }
        if (good()) pass(1s, [] { return false; });  // what is on its way to the servers still arrives there
    }

    outcome report() {
        outcome o;
        if (!good()) o.violation = world_.judgement.what();
        o.trace = world_.log.lines();
        o.commands = world_.commands.all().size();
        for (const record& r : world_.commands.all()) {
            o.failed += r.failure.has_value();
            o.fingerprint = o.fingerprint * 1'000'003 + static_cast<std::uint64_t>(r.done.time_since_epoch().count()) +
                            r.arrivals.size() * 7 + r.executions;
        }
        o.events = world_.time.events();
        o.fingerprint = o.fingerprint * 1'000'003 + o.events;
        o.client = stats_;
        o.faults = faults_.happened();
        o.virtual_time = scheduler::elapsed();
        o.recovery = recovery_;
        return o;
    }

    world world_;
    io::context loop_{world_.time, world_.net};
    faults faults_{world_};
    std::shared_ptr<clients::engine> engine_;
    std::optional<workload> load_;
    stats stats_;
    time_point settled_at_{};
    duration recovery_{};
};

}  // namespace

outcome run(plan p, trace::mode m) {
    one_run r{std::move(p), m};
    return r.go();
}

}  // namespace valkeyxx::simulation
