// A client under the load of a benchmark.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <valkeyxx/config.hpp>
#include <valkeyxx/pipeline.hpp>
#include <valkeyxx/shard_map.hpp>
#include <valkeyxx/stats.hpp>
#include <valkeyxx/target.hpp>

#include "valkeyxx_cli/bench_tally.hpp"

namespace valkeyxx::cli {

/// What all threads of one measurement share.
struct bench_run {
    const bench_plan& plan;
    bench_schedule schedule;
    bench_gaps gaps;
};

class bench_driver {
  public:
    virtual ~bench_driver() = default;

    /// Throws `exception` if the client finds no topology.
    virtual std::vector<node_result<value>> execute_each(const command<value>& c, const target& nodes) = 0;
    virtual pipeline_result execute(const pipeline& batch) = 0;
    [[nodiscard]] virtual std::shared_ptr<const shard_map> topology() const = 0;
    [[nodiscard]] virtual stats statistics() const = 0;

    /// Calls `ready` when all threads are there, and then runs operations until the schedule ends and each has its
    /// outcome.
    virtual bench_tally run(bench_run& run, const std::function<void()>& ready) = 0;
    /// From any thread, after the schedule was stopped: looks at it again.
    virtual void wake() {}
};

std::unique_ptr<bench_driver> make_thread_driver(config settings);
std::unique_ptr<bench_driver> make_async_driver(config settings);

}  // namespace valkeyxx::cli
