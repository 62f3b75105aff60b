// Scans of those who wait: one round after the other, each as one call.
#include <valkeyxx/scan.hpp>

#include <mutex>
#include <utility>

#include "client/client_state.hpp"
#include "client/scan_source.hpp"

namespace valkeyxx::detail {

class waiting_scan::running {
  public:
    template <class Plan>
    running(client::state& on, const Plan& plan, scan_sink& into)
        : state_{on}, course_{source_of(plan, on.engine->settings(), on.engine->one_shard(), into), into} {}

    result<bool> fill() {
        while (course_.must_ask()) run_round();
        return course_.outcome();
    }
    [[nodiscard]] const scan_course& course() const noexcept { return course_; }

  private:
    // A round of a waiting thread, on its stack.
    class waiting_round final : public clients::round::owner, public clients::waiter {
      public:
        waiting_round(scan_source& source, clients::round& of, clients::baton& b)
            : source_{source}, round_{of}, baton_{b} {}

        void on_reply(std::size_t request, reply_view reply, const endpoint& from) noexcept override {
            source_.on_reply(request, reply, from);
        }
        void on_error(std::size_t request, error why) noexcept override { source_.on_error(request, std::move(why)); }
        void round_over() noexcept override { baton_.finish(*this); }
        clients::connection* awaited() noexcept override { return round_.awaited(); }

      private:
        scan_source& source_;
        clients::round& round_;
        clients::baton& baton_;
    };

    void run_round() {
        clients::engine& engine = *state_.engine;
        waiting_round waiting{course_.source(), round_, state_.baton};
        {
            std::unique_lock lock{engine.mutex()};
            const auto deadline = state_.arrive(lock) + engine.settings().command_timeout;
            round_.start(engine, course_.source().next_round(engine.current_map()), deadline, waiting, true);
            engine.flush_soon();
            if (!state_.baton.wait(lock, waiting, deadline)) {
                round_.expire();
                engine.flush_soon();  // others may have waited for its room
            }
        }
        course_.round_over();
    }

    client::state& state_;
    scan_course course_;
    clients::round round_;
};

waiting_scan::waiting_scan(client& c, const key_scan_options& options, scan_sink& into)
    : running_{std::make_unique<running>(*c.state_, options, into)} {}
waiting_scan::waiting_scan(client& c, const member_scan_plan& plan, scan_sink& into)
    : running_{std::make_unique<running>(*c.state_, plan, into)} {}
waiting_scan::waiting_scan(waiting_scan&&) noexcept = default;
waiting_scan& waiting_scan::operator=(waiting_scan&&) noexcept = default;
waiting_scan::~waiting_scan() = default;

result<bool> waiting_scan::fill() {
    return running_->fill();
}

std::string waiting_scan::cursor() const {
    return running_->course().cursor();
}

bool waiting_scan::finished() const noexcept {
    return running_->course().finished();
}

std::size_t waiting_scan::slots_done() const noexcept {
    return running_->course().slots_done();
}

}  // namespace valkeyxx::detail
