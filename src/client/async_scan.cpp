// Scans of those who do not wait: round after round, until there is something to tell.
#include <valkeyxx/async_scan.hpp>

#include <mutex>
#include <utility>

#include "client/async_client_state.hpp"
#include "client/cancellable.hpp"
#include "client/scan_source.hpp"

namespace valkeyxx::detail {

class scan_operation::running final : public clients::round::owner,
                                      public clients::completion,
                                      public clients::cancellable<scan_operation::running> {
  public:
    template <class Plan>
    running(const async_client::state& on, const Plan& plan, scan_sink& into)
        : engine_{on.engine}, course_{source_of(plan, on.engine->settings(), on.engine->one_shard(), into), into} {}

    void fill(std::unique_ptr<listener> who, std::shared_ptr<void> keep, cancel_ticket* ticket) {
        listener_ = std::move(who);
        keep_ = std::move(keep);
        if (course_.must_ask()) {
            ticket_ = ticket;
            begin();
            return;
        }
        // Not at once: a completion comes from the loop, and one that calls again would go ever deeper.
        const clients::engine::turn turn{*engine_};
        if (engine_->closed()) {
            engine_->defer(*this);  // there may be no loop any more
        } else {
            io::post(engine_->loop(), [this] { run(); });
        }
    }

    [[nodiscard]] const scan_course& course() const noexcept { return course_; }
    [[nodiscard]] io::context& loop() const noexcept { return engine_->loop(); }

    void on_reply(std::size_t request, reply_view reply, const endpoint& from) noexcept override {
        course_.source().on_reply(request, reply, from);
    }
    void on_error(std::size_t request, error why) noexcept override {
        course_.source().on_error(request, std::move(why));
    }
    void round_over() noexcept override {
        asked_ = true;
        engine_->defer(*this);
    }

    // It only reads: nobody notices.
    void cancel(bool /*only_unnoticed*/) noexcept {
        cancelled_ = true;
        if (round_.under_way()) round_.give_up(clients::giving_up::cancelled);
    }

    // On the loop's thread, without the lock.
    void run() noexcept override {
        if (std::exchange(asked_, false)) course_.round_over();
        if (course_.must_ask() && goes_on()) return;
        auto more = was_cancelled() ? result<bool>{course_.cancelled()} : course_.outcome();
        const auto keep = std::move(keep_);
        const auto who = std::move(listener_);
        who->told(std::move(more));
    }

  private:
    void begin() {
        const clients::engine::visit visit{*engine_};
        if (ticket_ != nullptr) begins(*engine_, *ticket_);
        begin_round();
    }
    // False: it has been cancelled.
    bool goes_on() {
        const clients::engine::visit visit{*engine_};
        if (cancelled_) return false;
        begin_round();
        return true;
    }
    void begin_round() {
        clients::engine& engine = *engine_;
        round_.start(engine, course_.source().next_round(engine.current_map()), engine.default_deadline(), *this,
                     false);
    }
    // At the end of a call: from now on nobody can cancel it.
    bool was_cancelled() {
        if (std::exchange(ticket_, nullptr) == nullptr) return false;
        const std::lock_guard lock{engine_->mutex()};
        ends();
        return std::exchange(cancelled_, false);
    }

    std::shared_ptr<clients::engine> engine_;
    scan_course course_;
    clients::round round_;
    std::unique_ptr<listener> listener_;
    std::shared_ptr<void> keep_;       // us, and the sink
    cancel_ticket* ticket_ = nullptr;  // of the call under way, if somebody may cancel it
    bool cancelled_ = false;           // guarded by the engine's lock
    bool asked_ = false;               // a round is over and was not looked at yet
};

scan_operation::scan_operation(async_client& c, const key_scan_options& options, scan_sink& into)
    : running_{std::make_shared<running>(*c.state_, options, into)} {}
scan_operation::scan_operation(async_client& c, const member_scan_plan& plan, scan_sink& into)
    : running_{std::make_shared<running>(*c.state_, plan, into)} {}
scan_operation::scan_operation(scan_operation&&) noexcept = default;
scan_operation& scan_operation::operator=(scan_operation&&) noexcept = default;
scan_operation::~scan_operation() = default;

void scan_operation::fill(std::unique_ptr<listener> who, std::shared_ptr<void> keep, cancel_ticket* ticket) {
    running_->fill(std::move(who), std::move(keep), ticket);
}

std::string scan_operation::cursor() const {
    return running_->course().cursor();
}

bool scan_operation::finished() const noexcept {
    return running_->course().finished();
}

std::size_t scan_operation::slots_done() const noexcept {
    return running_->course().slots_done();
}

boost::asio::io_context& scan_operation::context() const noexcept {
    return running_->loop();
}

}  // namespace valkeyxx::detail
