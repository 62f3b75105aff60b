// How a connection writes requests of each kind, and takes them back.
#include "client/connection.hpp"

#include <algorithm>

#include "client/engine.hpp"
#include "command/script_request.hpp"

namespace valkeyxx::clients {
namespace {

constexpr std::string_view asking_bytes = "*1\r\n$6\r\nASKING\r\n";

}  // namespace

// ASKING, MULTI and what belongs to them go out in one piece: nothing can come between them. A server keeps ASKING in
// mind until the end of a transaction that follows it.
void connection::write_specially(request& r, bool asking) {
    if (asking) {
        ++not_requests_;
        out_.append(asking_bytes);
        mux_.add(nullptr, asking_bytes.size(), sessions::slot_kind::asking);
    }
    if (r.facts_.how == handling::script) {
        write_script(r);
    } else if (r.facts_.how == handling::transaction) {
        write_transaction(r);
    } else if (r.facts_.how == handling::cached) {
        write_cached(r, asking);
    } else {
        out_.append(r.bytes_);
        r.position_ =
            mux_.add(&r, r.bytes_.size(), r.counted_ ? sessions::slot_kind::request : sessions::slot_kind::question);
    }
}

// The whole script for the first time on this connection, its digest from then on. What was begun before, in order, is
// not overtaken by a second try after NOSCRIPT, which is left for scripts that somebody flushed.
void connection::write_script(request& r) {
    const script_request script{r.bytes_};
    const auto before = out_.size();
    if (scripts_.contains(script.digest())) {
        out_.append(script.head());
        out_.append(script.digest());
        out_.append(script.tail());
    } else {
        out_.append(script.whole());
        scripts_.emplace(script.digest());
    }
    r.position_ = mux_.add(&r, out_.size() - before);
}

void connection::write_transaction(request& r) {
    not_requests_ += r.queueing_->replies;
    out_.append(r.bytes_);
    mux_.add(&r, r.bytes_.size(), sessions::slot_kind::part);  // MULTI's; which byte is whose matters to the last only
    for (std::uint32_t i = 1; i < r.queueing_->replies; ++i) mux_.add(&r, 0, sessions::slot_kind::part);
    r.position_ = mux_.add(&r, 0);
    r.queueing_->refusal.reset();
    r.queueing_->multi_refused = false;
}

void connection::tell(std::string_view bytes) {
    ++not_requests_;
    out_.append(bytes);
    mux_.add(nullptr, bytes.size());
    mark();
}

// What the network has not begun to take is not sent any more; the rest must go out, and counts until it has.
bool connection::abandon(request& r) noexcept {
    room_.leave(r.bytes_.size());
    if (r.place_ != request::place::in_flight) {
        queued_[r.position_] = nullptr;
        while (!queued_.empty() && queued_.back() == nullptr) queued_.pop_back();
        return false;
    }
    if (withdraw(r)) return false;
    const std::uint64_t before = r.queueing_ ? r.queueing_->replies : 0;
    const auto first = std::max(r.position_ - before, mux_.front());
    const auto left = std::min(mux_.unsent(first), r.bytes_.size());
    for (auto each = first; each <= r.position_; ++each) mux_.abandon(each);
    if (left != 0) lingers(lingering_ + left);
    return true;
}

bool connection::withdraw(request& r) noexcept {
    // An exclusive connection has one command at a time; the cache has taken down what replies to it are due.
    if (exclusive_ || mux_.kind_at(r.position_) == sessions::slot_kind::cached) return false;
    // Later ones count on the server's knowing the script.
    if (r.facts_.how == handling::script && mux_.unsent(r.position_) >= script_request{r.bytes_}.whole().size()) {
        return false;
    }
    auto first = r.position_ - (r.queueing_ ? r.queueing_->replies : 0);
    if (first > mux_.front() && mux_.kind_at(first - 1) == sessions::slot_kind::asking) --first;
    if (!mux_.withdraw(first, r.position_, stream_->promised())) return false;
    ++not_requests_;
    // No more than a quarter of what is kept may be useless, and closing gaps costs no more than what made them.
    constexpr std::size_t entry_size = sizeof(sessions::multiplexer<request>::entry);
    const auto useless = mux_.gap_bytes() + entry_size * mux_.withdrawn();
    if (4 * useless >= out_.size() + entry_size * mux_.size()) close_gaps();
    return true;
}

void connection::close_gaps() noexcept {
    const auto before = mux_.size();
    out_.cut_to(
        mux_.close_gaps([this](std::size_t from, std::size_t to, std::size_t size) { out_.pull(from, to, size); },
                        [](request& r, std::uint64_t position) { r.position_ = position; }));
    not_requests_ -= before - mux_.size();
}

void connection::lingers(std::size_t bytes) noexcept {
    room_.leave(lingering_);
    room_.enter(bytes);
    engine_.linger(lingering_, bytes);
    lingering_ = bytes;
}

}  // namespace valkeyxx::clients
