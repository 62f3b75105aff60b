#include "client/batch.hpp"

#include <algorithm>
#include <utility>

namespace valkeyxx {
namespace detail {

inline void batch::one_done() noexcept {
    if (--open_ != 0) return;
    clients::timer_queue::remove(*this);
    owner_->batch_done();
}

inline void batch::store(std::size_t index, reply_view reply) {
    out_.store(index, reply);
    one_done();
}

class batch::part final : public clients::request {
  public:
    part() : request{true} {}

    void prepare(batch& of, std::size_t index) noexcept {
        of_ = &of;
        index_ = index;
        request::prepare(*of.engine_);
    }

    void on_reply(reply_view reply) noexcept override { of_->store(index_, reply); }
    void on_error(error why) noexcept override { of_->store(index_, std::move(why)); }
    [[nodiscard]] bool under_way() const noexcept { return where() != place::nowhere; }

  private:
    batch* of_ = nullptr;
    std::size_t index_ = 0;
};

void batch_deleter::operator()(batch* b) const noexcept {
    delete b;
}

batch& batch::of(pipeline_result& into) {
    if (!into.batch_) into.batch_.reset(new batch);
    return *into.batch_;
}

void batch::start(clients::engine& e, const pipeline& commands, pipeline_result& into, io::time_point deadline,
                  owner& who, bool own_clock) {
    engine_ = &e;
    owner_ = &who;
    size_ = commands.size();
    if (capacity_ < size_) {
        parts_ = std::make_unique<part[]>(size_);
        capacity_ = size_;
    }
    out_ = result_writer{into, size_};
    deadline_ = deadline;
    first_open_ = 0;
    open_ = size_ + 1;
    for (std::size_t i = 0; i < size_; ++i) {
        const auto& entry = commands.entries_[i];
        part& p = parts_[i];
        p.prepare(*this, i);
        p.set_command({commands.bytes_.data() + entry.at, entry.size}, entry.facts);
        p.set_deadline(deadline);
        if (entry.target != 0) [[unlikely]] {
            e.submit(p, commands.targets_[entry.target - 1], false);
        } else {
            e.submit(p);
        }
    }
    if (!own_clock && open_ != 1) e.timers().add(*this, deadline);
    one_done();
}

void batch::store(std::size_t index, error why) {
    out_.store(index, std::move(why));
    one_done();
}

clients::connection* batch::awaited() noexcept {
    while (first_open_ < size_ && !parts_[first_open_].under_way()) ++first_open_;
    return first_open_ < size_ ? parts_[first_open_].in_flight_on() : nullptr;
}

void batch::expire(io::time_point now) {
    ++open_;  // the owner is told at the end, not from within the loop
    auto next = io::time_point::max();
    for (std::size_t i = 0; i < size_; ++i) {
        if (!parts_[i].under_way()) continue;
        if (parts_[i].deadline() <= now || engine_->inherited()) {
            engine_->expire(parts_[i]);
        } else {
            next = std::min(next, parts_[i].deadline());
        }
    }
    deadline_ = next;
    one_done();
}

// From the last one to the first: else one that stands in line would get the place of one before it.
void batch::cancel() {
    ++open_;
    for (std::size_t i = size_; i-- != 0;) {
        if (parts_[i].under_way()) engine_->give_up(parts_[i], clients::giving_up::cancelled);
    }
    one_done();
}

bool batch::unnoticed() const noexcept {
    return std::all_of(parts_.get(), parts_.get() + size_, [this](const part& p) { return engine_->unnoticed(p); });
}

void batch::on_due(io::time_point now) noexcept {
    expire(now);
    if (open_ != 0) engine_->timers().add_apart(*this, deadline_);
}

}  // namespace detail

pipeline_result::pipeline_result() = default;
pipeline_result::pipeline_result(pipeline_result&&) noexcept = default;
pipeline_result& pipeline_result::operator=(pipeline_result&&) noexcept = default;
pipeline_result::~pipeline_result() = default;

void pipeline_result::throw_first_error() const {
    for (const item& i : items_) {
        if (i.root.span == 0) throw exception{errors_[i.base]};
    }
}

}  // namespace valkeyxx
