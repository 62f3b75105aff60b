#include "client/connection.hpp"

#include <algorithm>
#include <string>

#include "client/engine.hpp"

#include <valkeyxx/observer.hpp>

namespace valkeyxx::clients {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t read_chunk = 16384;
constexpr std::size_t longest_read = 1048576;
constexpr std::size_t kept_buffer = 262144;  // an idle connection gives back what exceeds this
constexpr int reads_in_a_row = 16;           // then the loop gets a chance to serve other connections
constexpr std::string_view ping_bytes = "*1\r\n$4\r\nPING\r\n";

std::string reason(std::error_code ec) {
    if (ec == std::errc::connection_reset) return "closed by the server";
    return ec.message();
}

}  // namespace

connection::connection(engine& e, std::shared_ptr<void> keep_alive, std::vector<connection*>& dirty,
                       routing::node_id node, endpoint at, bool reading, bool exclusive)
    : engine_{e},
      keep_alive_{std::move(keep_alive)},
      dirty_{dirty},
      node_{node},
      at_{std::move(at)},
      room_{e.settings().max_in_flight_per_shard, e.settings().max_bytes_in_flight_per_shard},
      reading_only_{reading},
      exclusive_{exclusive} {}

void connection::enqueue(request& r, bool asking) {
    r.place_ = request::place::queued;
    r.asking_ = asking;
    r.position_ = queued_.size();
    queued_.push_back(&r);
    // The keeper paces its questions by itself, and each must bring an answer of now. The pool paces its connections.
    if (state_ == state::idle) dial(exclusive_ || r.pinned_ != routing::no_node);
}

void connection::flush() {
    marked_ = false;
    if (!stream_ || writing_) return;
    while (!out_.empty()) {
        if (mux_.withdrawn() != 0) [[unlikely]] {
            out_.consume(mux_.pass_gap());
            if (lingering_ > out_.size()) lingers(out_.size());
            if (out_.empty()) break;
        }
        const io::transfer done = stream_->write(out_.view().substr(0, mux_.before_gap(out_.size())));
        if (!done) {
            if (done.failure == std::errc::broken_pipe || done.failure == std::errc::connection_reset) {
                writing_ = true;  // no more of that: reading finds the end, after the replies that came before it
            } else {
                fail(error{errc::connection_lost, reason(done.failure)});
            }
            return;
        }
        if (done.bytes == 0) {
            await_writable();
            return;
        }
        mux_.wrote(done.bytes);
        out_.consume(done.bytes);
        if (lingering_ > out_.size()) [[unlikely]]
            lingers(out_.size());
    }
    out_.trim(kept_buffer);
}

bool connection::goes_on(std::uint64_t generation) const noexcept {
    return generation == generation_ && !engine_.inherited();
}

void connection::write_queued() {
    for (request* r : std::exchange(queued_, {})) {
        if (r != nullptr) write(*r, r->asking_);
    }
    if (exclusive_ && unused()) engine_.exclusive().idle(*this);
}

void connection::unpark() {
    parked_ = false;
    if (state_ == state::ready) write_queued();
}

void connection::await_readable() {
    reading_ = true;
    stream_->wait_readable([self = shared_from_this(), generation = generation_](boost::system::error_code) {
        // An error shows again, and with its reason, when reading.
        const engine::turn turn{self->engine_};
        if (!self->goes_on(generation)) return;
        self->reading_ = false;
        if (!self->alone_ && !self->paused_) self->on_readable();
    });
}

void connection::await_writable() {
    writing_ = true;
    stream_->wait_writable([self = shared_from_this(), generation = generation_](boost::system::error_code) {
        const engine::turn turn{self->engine_};
        if (!self->goes_on(generation)) return;
        self->writing_ = false;
        self->flush();
    });
}

std::size_t connection::next_read() const noexcept {
    // A long reply is read in long pieces, but what a server announces is not reserved before it comes.
    return in_.empty() ? read_chunk : std::clamp(decoder_.missing(), read_chunk, longest_read);
}

void connection::on_readable() {
    if (read_what_came() && !paused_) await_readable();
}

// False: the connection is over, or is not to be waited for.
bool connection::read_what_came() {
    for (int i = 0; i < reads_in_a_row; ++i) {
        const auto space = in_.prepare(next_read());
        const io::transfer got = stream_->read(space);
        if (!got) {
            fail(error{errc::connection_lost, reason(got.failure)});
            return false;
        }
        in_.commit(got.bytes);
        if (got.bytes != 0 && !parse()) return false;
        if (got.bytes < space.size()) break;
        if (paused_) [[unlikely]]
            return false;
    }
    return true;
}

bool connection::read_alone(std::unique_lock<std::mutex>& lock) {
    const auto self = shared_from_this();
    const auto space = in_.prepare(next_read());
    alone_ = true;
    lock.unlock();
    const io::transfer got = stream_->read_blocking(space);
    lock.lock();
    alone_ = false;
    if (doomed_) {
        fail(*std::exchange(doomed_, std::nullopt));
    } else if (!got) {
        fail(error{errc::connection_lost, reason(got.failure)});
    } else {
        in_.commit(got.bytes);
        if (got.bytes != 0 && !parse()) return true;
        if (!reading_ && !paused_) await_readable();  // the loop saw it ready meanwhile and left it to us
    }
    return got.bytes != 0;
}

inline void connection::take(reply_view reply) {
    if (listener_ != nullptr) [[unlikely]] {
        if (taken_by_listener(reply)) return;
    }
    if (reply.kind() == value_kind::push) [[unlikely]] {
        engine_.pushed(*this, reply);
        return;
    }
    if (mux_.empty()) [[unlikely]] {
        fail(error{errc::protocol_error, "the server sent a reply that nobody asked for"});
        return;
    }
    const auto entry = mux_.match();
    switch (entry.kind()) {
        case sessions::slot_kind::cached:
            cached_reply(reply);
            [[fallthrough]];
        case sessions::slot_kind::question:
        case sessions::slot_kind::request:
            if (entry.owner != nullptr) {
                room_.leave(entry.owner->bytes_.size());
                engine_.replied(*entry.owner, reply);
            }
            return;
        case sessions::slot_kind::part:
            if (entry.owner != nullptr && reply.is_error()) {
                auto& queueing = *entry.owner->queueing_;
                const auto left =
                    entry.owner->position_ - mux_.front();  // before EXEC's, of which MULTI's is the first
                queueing.multi_refused = queueing.multi_refused || left + 1 == queueing.replies;
                if (!queueing.refusal) queueing.refusal.emplace(reply.text());
            }
            return;
        case sessions::slot_kind::asking:
            return;  // if ASKING was refused, so is the command after it
        case sessions::slot_kind::handshake:
            handshake_reply(reply);
            return;
        case sessions::slot_kind::auth:
            auth_reply(reply);
            return;
        case sessions::slot_kind::listener:
            return;  // who has left meanwhile
        case sessions::slot_kind::caching:
            caching_reply(reply);
            return;
        case sessions::slot_kind::expiry:
            expiry_reply(reply);
            return;
        case sessions::slot_kind::withdrawn:
            fail(error{errc::protocol_error, "the server sent a reply to what it has not been sent"});
            return;
    }
}

bool connection::taken_by_listener(reply_view reply) {
    if (reply.kind() == value_kind::push || listener_->is_push(reply)) {
        return listener_->on_push(reply);
    }
    if (mux_.empty() || mux_.front_kind() != sessions::slot_kind::listener) return false;
    const auto generation = generation_;
    if (listener_->on_reply(reply) && generation == generation_) mux_.match();
    return true;
}

void connection::say(std::string_view bytes) {
    ++not_requests_;
    out_.append(bytes);
    mux_.add(nullptr, bytes.size(), sessions::slot_kind::listener);
    mark();
}

void connection::resume() {
    if (!std::exchange(paused_, false) || state_ != state::ready) return;
    if (!parse() || paused_) return;
    if (!reading_ && !alone_) await_readable();
}

void connection::unreadable() {
    const error why{errc::protocol_error, "the server's bytes are not RESP: " + decoder_.problem()};
    // The one whose reply it was is not tried again: the same reply, too large for us perhaps, would come.
    if (!mux_.empty()) {
        // Of a transaction it may be one of the earlier replies: the one that counts will not come any more.
        auto entry = mux_.match();
        while (entry.kind() == sessions::slot_kind::part) entry = mux_.match();
        if (entry.owner != nullptr) engine_.garbled(*entry.owner, why);
    }
    fail(why);
}

bool connection::parse() {
    const auto generation = generation_;
    heard_ = heard_since_doubt_ = true;
    if (listener_ != nullptr) [[unlikely]]
        listener_->on_bytes();
    while (!in_.empty()) {
        const auto outcome = decoder_.parse(in_.view());
        if (outcome == resp::decoder::status::ready) [[likely]] {
            take(decoder_.reply());
            if (generation != generation_) return false;  // that reply broke the connection
            in_.consume(decoder_.consumed());
            if (paused_) [[unlikely]]
                return true;
        } else if (outcome == resp::decoder::status::need_more) {
            return true;
        } else {
            unreadable();
            return false;
        }
    }
    in_.trim(kept_buffer);
    if (exclusive_ && unused()) [[unlikely]]
        engine_.exclusive().idle(*this);
    return generation == generation_;
}

void connection::fail(const error& why) {
    if (alone_) {
        if (!doomed_) doomed_ = why;
        stream_->interrupt();
        return;
    }
    const auto self = shared_from_this();
    const auto now = io::clock::now();
    if (state_ != state::idle && state_ != state::turned_away) {
        tell_way(why, now);
        if (why.which() == errc::authentication_failed) engine_.refused(node_, why, now);
        ++engine_.counters().disconnects;
        if (const auto& watcher = engine_.settings().watcher) watcher->disconnected(at_, why);
    }
    const bool dialled_in_vain = connecting();
    struct casualty {
        request* who;
        bool sent;
    };
    std::vector<casualty> casualties;
    while (!mux_.empty()) {
        const auto entry = mux_.match();
        const bool is_request = takes_room(entry.kind()) || entry.kind() == sessions::slot_kind::question;
        if (entry.owner != nullptr && is_request) {
            casualties.push_back({entry.owner, mux_.sent(entry)});
        }
    }
    for (request* r : std::exchange(queued_, {})) {
        if (r != nullptr) casualties.push_back({r, false});
    }
    shut_down();
    if (exclusive_) engine_.exclusive().lost(*this);
    if (!engine_.closed() && !listener_only_ && why != errc::client_closed) engine_.gone(*this, why);
    if (listener_ != nullptr) listener_->on_lost(why);
    for (const casualty& c : casualties) {
        c.who->place_ = request::place::nowhere;
        engine_.lost(*c.who, c.sent, why);
    }
    if (dialled_in_vain || (exclusive_ && engine_.exclusive().deserted(node_))) engine_.exclusive().dial_over(node_);
}

void connection::shut_down() noexcept {
    timer_queue::remove(*this);
    if (connecting() && state_ != state::turned_away) engine_.way_to(node_).dialling.end();
    trying_.reset();
    if (state_ != state::idle) tell_end();
    state_ = state::idle;
    ++generation_;
    stream_.reset();
    handshake_.reset();
    newer_.reset();
    decoder_.reset();
    mux_.reset();
    scripts_.clear();
    if (kept_reads_) {
        kept_reads_.reset();
        engine_.cache()->lost(node_);
    }
    in_.clear();
    out_.clear();
    in_.trim(kept_buffer);
    out_.trim(kept_buffer);
    lingers(0);
    room_.leave_all();
    reading_ = writing_ = blocking_allowed_ = suspected_ = watched_ = paused_ = false;
    silent_since_.reset();
    asked_at_.reset();
    doubted_at_.reset();
    client_id_ = 0;
}

void connection::close() noexcept {
    while (!mux_.empty()) mux_.match();
    const bool dialled_in_vain = connecting();
    shut_down();
    if (dialled_in_vain) engine_.exclusive().dial_over(node_);
}

void connection::doubt(doubt_by whom) noexcept {
    if (state_ != state::ready) return;
    if (!doubted_at_ || whom > doubted_by_) doubted_by_ = whom;
    if (doubted_at_) return;
    doubted_at_ = io::clock::now();
    if (heard_since_doubt_) asked_at_.reset();
    heard_since_doubt_ = false;
}

void connection::reassure() noexcept {
    if (doubted_by_ == doubt_by::question) doubted_at_.reset();
}

// --- is there life? --------------------------------------------------------------------------------------------------
// While commands are in flight the connection is looked at every config::suspect_after. If between two looks nothing
// has come, and the oldest command is still the same, the node is suspected. One that rests is asked from time to time.

void connection::begin_watch() {
    if (exclusive_) return;  // its command may wait for others, and its silence then says nothing
    watched_ = true;
    heard_ = true;  // this look only takes down what is the oldest command
    engine_.timers().add(*this, io::clock::now() + engine_.settings().suspect_after);
}

void connection::look_for_life(io::time_point now) {
    const bool life = std::exchange(heard_, false) || mux_.front() != oldest_ || paused_;
    oldest_ = mux_.front();
    if (life) {
        silent_since_.reset();
        if (std::exchange(suspected_, false)) {
            if (const auto& watcher = engine_.settings().watcher) watcher->recovered(at_);
            engine_.hears(*this);
        }
    }
    if (heard_since_doubt_) {
        doubted_at_.reset();
        asked_at_.reset();
    }
    if (mux_.empty()) {
        watched_ = false;  // the next command begins a new watch
        rest(now);
        return;
    }
    engine_.timers().add(*this, now + engine_.settings().suspect_after);
    if (!life) silent(now);
}

void connection::rest(io::time_point now) {
    if (unused() && !engine_.needed(*this)) {
        close();  // its node has left, and the last reply has come
    } else if (engine_.driven() == drive::by_loop && listener_ == nullptr) {  // which asks by itself
        const auto interval = engine_.settings().ping_interval;
        if (interval > 0ms) engine_.timers().add_apart(*this, now + interval);
    }
}

void connection::ask_for_life(io::time_point now) {
    if (listener_ != nullptr) return;
    tell(ping_bytes);
    asked_at_ = now;
    heard_since_doubt_ = false;
}

void connection::silent(io::time_point now) {
    if (!silent_since_) silent_since_ = now;
    if (!std::exchange(suspected_, true)) {
        engine_.suspects(*this);
    } else if (is_common() && listener_ == nullptr) {  // who listens asks by itself
        engine_.lines().look_into(*this, now);
    }
    // A read can be had elsewhere, and a question of our own is nobody's loss. Another command may be long at work, and
    // is waited for as long as its caller does.
    const bool only_asked = asked_at_ && mux_.size() == 1;
    const auto since = reading_only_ ? silent_since_ : only_asked ? asked_at_ : doubted_at_;
    if (since && now - *since >= engine_.settings().connect_timeout) {
        fail(error{errc::connection_lost, doubted_at_ && doubted_by_ == doubt_by::server
                                              ? "nothing comes by this connection any more, although the node is well"
                                              : "the node has stopped answering"});
    }
}

void connection::on_due(io::time_point now) noexcept {
    if (state_ == state::ready && watched_) {
        look_for_life(now);
    } else if (state_ == state::ready) {
        ask_for_life(now);
    } else if (state_ == state::turned_away) {
        if (const auto& known = engine_.tally(node_).refused) {
            fail(error{known->why});
        } else {  // another connection has got through meanwhile
            state_ = state::idle;
            dial(true);
        }
    } else {
        dial_due(now);
    }
}

}  // namespace valkeyxx::clients
