// One asynchronous client on a thread of its own, always with the same number of commands under way.
#include <future>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <valkeyxx/async_cluster.hpp>
#include <valkeyxx/commands/strings.hpp>

#include "valkeyxx_cli/bench_driver.hpp"

namespace valkeyxx::cli {

namespace {

namespace asio = boost::asio;
using kind = bench_operation::kind;

// The commands under way. On the loop's thread alone, but for its making and its end.
class flight {
  public:
    flight(async_cluster& client, bench_run& run)
        : client_{client},
          run_{run},
          dice_{run.plan, 0},
          workload_{run.plan},
          scorer_{run.schedule, run.gaps},
          timer_{client.context()} {}

    // Starts what is due, as far as there is room.
    void go_on(bench_clock::time_point now) noexcept {
        while (!ended_ && under_way_ < run_.plan.width()) {
            if (!next_) next_ = run_.schedule.claim(1, now);
            if (!next_) {
                end();
            } else if (next_->due > now) {
                sleep_until(next_->due);
                break;
            } else {
                start(next_->due);
                next_.reset();
                now = bench_clock::now();
            }
        }
        if (ended_ && under_way_ == 0 && !sleeping_ && !std::exchange(finished_, true)) done_.set_value();
    }

    // Starts nothing more.
    void end() noexcept {
        ended_ = true;
        timer_.cancel();
    }

    void wait() { done_.get_future().wait(); }
    [[nodiscard]] const bench_tally& tally() const { return scorer_.tally(); }

  private:
    void start(bench_clock::time_point due) noexcept {
        ++under_way_;
        const auto operation = dice_.next();
        const auto key = workload_.key(operation);
        switch (operation.what) {
            case kind::get:
                return start(operation, commands::get(key), due);
            case kind::set:
                return start(operation, commands::set(key, workload_.value(key)), due);
            case kind::incr:
                return start(operation, commands::incr(key), due);
        }
    }

    template <class R>
    void start(const bench_operation& operation, command<R> c, bench_clock::time_point due) noexcept {
        client_.try_execute(std::move(c), [this, operation, due](const result<R>& outcome) {
            const auto now = bench_clock::now();
            --under_way_;
            scorer_.take(operation, workload_.key(operation), outcome, due, now);
            go_on(now);
        });
    }

    void sleep_until(bench_clock::time_point due) noexcept {
        if (sleeping_) return;
        sleeping_ = true;
        timer_.expires_at(due);
        timer_.async_wait([this](const auto&) {  // cancelled or not: it looks for itself what is to be done
            sleeping_ = false;
            go_on(bench_clock::now());
        });
    }

    async_cluster& client_;
    bench_run& run_;
    bench_dice dice_;
    bench_workload workload_;
    bench_scorer scorer_;
    asio::steady_timer timer_;
    std::optional<bench_schedule::turn> next_{};
    std::size_t under_way_ = 0;
    bool sleeping_ = false;
    bool ended_ = false;
    bool finished_ = false;
    std::promise<void> done_{};
};

class async_driver final : public bench_driver {
  public:
    explicit async_driver(config settings) : client_{std::move(settings)} {}

    std::vector<node_result<value>> execute_each(const command<value>& c, const target& nodes) override {
        using outcome = result<std::vector<node_result<value>>>;
        std::promise<outcome> done;
        client_.execute_each(c, nodes, [&done](outcome all) { done.set_value(std::move(all)); });
        return done.get_future().get().value();
    }

    pipeline_result execute(const pipeline& batch) override {
        std::promise<pipeline_result> done;
        client_.execute(batch, [&done](pipeline_result all) { done.set_value(std::move(all)); });
        return done.get_future().get();
    }

    [[nodiscard]] std::shared_ptr<const shard_map> topology() const override { return client_.topology(); }
    [[nodiscard]] stats statistics() const override { return client_.statistics(); }

    bench_tally run(bench_run& run, const std::function<void()>& ready) override {
        flight all{client_, run};
        asio::post(client_.context(), [&] {
            flying_ = &all;
            ready();
            all.go_on(bench_clock::now());
        });
        all.wait();
        // After this nothing on the loop knows of `all`.
        std::promise<void> forgotten;
        asio::post(client_.context(), [&] {
            flying_ = nullptr;
            forgotten.set_value();
        });
        forgotten.get_future().wait();
        return all.tally();
    }

    void wake() override {
        asio::post(client_.context(), [this] {
            if (flying_ == nullptr) return;
            flying_->end();
            flying_->go_on(bench_clock::now());
        });
    }

  private:
    flight* flying_ = nullptr;  // touched on the loop's thread
    async_cluster client_;      // last: its loop uses the other one
};

}  // namespace

std::unique_ptr<bench_driver> make_async_driver(config settings) {
    return std::make_unique<async_driver>(std::move(settings));
}

}  // namespace valkeyxx::cli
