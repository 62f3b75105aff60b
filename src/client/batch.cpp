#include "client/batch.hpp"

#include <utility>

namespace valkeyxx {
namespace detail {

inline void batch::one_done() noexcept {
    if (--open_ != 0) return;
    clients::timer_queue::remove(*this);
    owner_->batch_done();
}

// Once for each reply: what most of them need is inlined into its caller.
inline void batch::store(std::size_t index, reply_view reply) {
    pipeline_result& into = *into_;
    pipeline_result::item& item = into.items_[index];
    item.base = into.bytes_.size();
    item.root = *reply.node();
    if (!reply.is_aggregate()) [[likely]] {
        item.root.at = 0;
        into.bytes_.append(reply.text());
    } else {
        item.root.at = static_cast<std::uint32_t>(into.nodes_.size());
        store_tree(item.base, reply);
    }
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
    into_ = &into;
    owner_ = &who;
    size_ = commands.size();
    if (capacity_ < size_) {
        parts_ = std::make_unique<part[]>(size_);
        capacity_ = size_;
    }
    into.bytes_.clear();
    into.nodes_.clear();
    into.errors_.clear();
    into.items_.resize(size_);

    first_open_ = 0;
    open_ = size_ + 1;
    if (!own_clock) e.timers().add(*this, deadline);
    for (std::size_t i = 0; i < size_; ++i) {
        const auto& entry = commands.entries_[i];
        part& p = parts_[i];
        p.prepare(*this, i);
        p.set_command({commands.bytes_.data() + entry.at, entry.size}, entry.facts);
        p.set_deadline(deadline);
        e.submit(p);
    }
    one_done();
}

// The tape stays as it is, the text is moved together: each scalar follows the one before.
void batch::store_tree(std::size_t base, reply_view reply) {
    pipeline_result& into = *into_;
    for (const resp::node* n = reply.node(); n != reply.node() + reply.node()->span; ++n) {
        const reply_view each{reply.bytes(), n};
        resp::node copy = *n;
        copy.at = static_cast<std::uint32_t>(into.bytes_.size() - base);
        into.bytes_.append(each.text());
        into.nodes_.push_back(copy);
    }
}

void batch::store(std::size_t index, error why) {
    into_->items_[index] = {.base = into_->errors_.size(),
                            .root = {.at = 0, .size = 0, .span = 0, .kind = value_kind::null}};
    into_->errors_.push_back(std::move(why));
    one_done();
}

clients::connection* batch::awaited() noexcept {
    while (first_open_ < size_ && !parts_[first_open_].under_way()) ++first_open_;
    return first_open_ < size_ ? parts_[first_open_].in_flight_on() : nullptr;
}

void batch::expire() {
    ++open_;  // the owner is told at the end, not from within the loop
    for (std::size_t i = 0; i < size_; ++i) {
        if (parts_[i].under_way()) engine_->expire(parts_[i]);
    }
    one_done();
}

void batch::on_due(io::time_point) noexcept {
    expire();
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
