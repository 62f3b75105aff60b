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
        r.position_ = mux_.add(&r, r.bytes_.size());
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

bool connection::abandon(request& r) noexcept {
    if (r.place_ == request::place::in_flight) {
        const std::uint64_t before = r.queueing_ ? r.queueing_->replies : 0;
        for (auto each = std::max(r.position_ - before, mux_.front()); each < r.position_; ++each) mux_.abandon(each);
        mux_.abandon(r.position_);
        return true;  // what the network has not taken yet stays in out_, and will be sent
    }
    queued_[r.position_] = nullptr;
    while (!queued_.empty() && queued_.back() == nullptr) queued_.pop_back();
    return false;
}

}  // namespace valkeyxx::clients
