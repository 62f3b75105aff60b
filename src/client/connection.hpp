// The connection to one node: dialled when first needed, again after it broke, and shared by all commands for the node.
//
// Everything here happens under the engine's lock, except that a thread may sleep in read_alone().
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "client/request.hpp"
#include "client/shard_room.hpp"
#include "io/stream.hpp"
#include "resp/decoder.hpp"
#include "session/client_cache.hpp"
#include "session/handshake.hpp"
#include "session/multiplexer.hpp"

#include <valkeyxx/credentials.hpp>

namespace valkeyxx::clients {

class engine;

/// What comes by a connection besides replies to requests. Called under the engine's lock.
class push_listener {
  public:
    /// The connection is ready, in RESP version `protocol`.
    virtual void on_ready(int protocol) noexcept = 0;
    /// It broke, or could not be made.
    virtual void on_lost(const error& why) noexcept = 0;
    /// Bytes have come.
    virtual void on_bytes() noexcept = 0;
    /// Whether a reply is a push in all but its kind: RESP2 has no other form for them.
    [[nodiscard]] virtual bool is_push(reply_view reply) const noexcept = 0;
    /// False: it is none that the listener knows.
    virtual bool on_push(reply_view reply) noexcept = 0;
    /// A reply to what say() has sent. True if it was the last one to that.
    virtual bool on_reply(reply_view reply) noexcept = 0;

  protected:
    ~push_listener() = default;
};

class connection final : public std::enable_shared_from_this<connection>, private timed {
  public:
    /// @param dirty    where it puts itself when it has something for flush()
    /// @param reading    for reads from a replica: it says READONLY first
    /// @param exclusive  for one command or session at a time: see exclusive_pool
    connection(engine& e, std::shared_ptr<void> keep_alive, std::vector<connection*>& dirty, routing::node_id node,
               endpoint at, bool reading, bool exclusive = false);

    [[nodiscard]] routing::node_id node() const noexcept { return node_; }
    [[nodiscard]] const endpoint& at() const noexcept { return at_; }
    [[nodiscard]] bool reading() const noexcept { return reading_only_; }
    [[nodiscard]] bool exclusive() const noexcept { return exclusive_; }
    [[nodiscard]] bool ready() const noexcept { return state_ == state::ready; }
    /// The node has left its oldest command unanswered for config::suspect_after, and sends nothing else either.
    [[nodiscard]] bool suspected() const noexcept { return suspected_; }
    /// Requests that are queued or in flight, those that were given up included.
    [[nodiscard]] std::size_t backlog() const noexcept { return mux_.requests() + queued_.size(); }
    [[nodiscard]] bool connecting() const noexcept { return state_ != state::idle && state_ != state::ready; }
    [[nodiscard]] std::size_t in_flight() const noexcept {
        return state_ == state::ready ? mux_.size() - mux_.withdrawn() : 0;
    }
    [[nodiscard]] std::size_t queued() const noexcept {
        return queued_.size() - static_cast<std::size_t>(std::count(queued_.begin(), queued_.end(), nullptr));
    }
    /// Bytes that the network has not taken yet.
    [[nodiscard]] std::size_t queued_bytes() const noexcept { return out_.size(); }
    /// Written and not yet in the node's tally.
    [[nodiscard]] std::uint64_t untold_requests() const noexcept { return requests() - told_requests_; }
    /// Whether the request has room here and nobody waits for it. One that is larger than all that may be under way has
    /// not, even if there is nothing else: see shard_room::takes().
    [[nodiscard]] bool has_room(const request& r) const noexcept { return room_.open_to(backlog(), r.bytes_.size()); }
    [[nodiscard]] shard_room& room() noexcept { return room_; }
    [[nodiscard]] const shard_room& room() const noexcept { return room_; }
    /// Nobody waits for anything from it.
    [[nodiscard]] bool unused() const noexcept { return mux_.empty() && queued_.empty() && listener_ == nullptr; }

    /// Takes the request on its way. It is written by the next flush().
    void submit(request& r, bool asking) {
        r.on_ = this;
        room_.enter(r.bytes_.size());
        if (state_ == state::ready && !parked_) [[likely]] {
            write(r, asking);
        } else {
            enqueue(r, asking);
        }
    }
    /// The request's owner has given up; what comes for it is dropped. Whether the node may run it all the same.
    bool abandon(request& r) noexcept;
    /// What is submitted from now on waits here until unpark(): its node may not be the right one any more.
    void park() noexcept { parked_ = true; }
    void unpark();
    /// Writes what is queued, as far as the network takes it.
    void flush();

    /// True if a thread may wait for this connection alone: it is ready, has nothing left to write, and nobody does
    /// yet.
    [[nodiscard]] bool can_read_alone() const noexcept {
        return state_ == state::ready && out_.empty() && !alone_ && blocking_allowed_ && !paused_;
    }
    [[nodiscard]] bool read_alone_by_somebody() const noexcept { return alone_; }
    /// Why it is doubted.
    enum class doubt_by : std::uint8_t {
        question,  ///< one of the client's own had no answer in time
        command,   ///< nor had one of a user
        server,    ///< which says that it owes us nothing: what it gets or sends does not get through
    };
    /// If nothing at all comes for a while longer, the connection is given up: a peer that has gone without a word, or
    /// hangs, would otherwise be written to for ever.
    void doubt(doubt_by whom) noexcept;
    /// Its server says that it is at work for us, or has us wait: so it is not for our own questions to doubt it.
    void reassure() noexcept;
    /// Sleeps in the kernel until bytes come or a short time has passed, without the lock; then deals with them. False
    /// if nothing came.
    bool read_alone(std::unique_lock<std::mutex>& lock);

    /// Breaks the connection: every request is told, in order. The next submit() dials again.
    void fail(const error& why);
    /// Its node has left the topology: what waits for the connection to come about shall go elsewhere, but for what is
    /// meant for this node alone.
    void give_back(const error& why);
    /// The server knows none of the scripts that were sent to it.
    void forget_scripts() noexcept { scripts_.clear(); }
    /// A session has it, whether it uses it just now or not.
    void hold(bool held) noexcept { held_ = held; }
    [[nodiscard]] bool held() const noexcept { return held_; }
    /// What the server calls it (CLIENT ID); 0: it did not say, as servers do not in RESP2.
    [[nodiscard]] std::int64_t client_id() const noexcept { return client_id_; }
    /// The position of the oldest command that has no reply yet.
    [[nodiscard]] std::uint64_t oldest() const noexcept { return mux_.front(); }
    /// How often it was dialled.
    [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }
    /// What there is to authenticate with. @param generation  when it was asked for
    void authorize(std::uint64_t generation, const result<credentials>& answer);
    /// The credentials have changed.
    void authenticate_again();
    /// A session is over in which it could not authenticate again.
    void catch_up();
    /// Sends a command whose reply nobody wants; requires that it is ready.
    void tell(std::string_view bytes);
    /// Closes for good, without telling anybody; requires that there are no requests left.
    void close() noexcept;

    // --- for the cache of replies ---

    /// Its server tells of the keys that it was asked to track.
    [[nodiscard]] bool tracks() const noexcept { return kept_reads_ != nullptr; }
    /// Takes in what has come, without waiting, unless a thread reads already.
    void look();
    /// Asks whether the server is there, and still serves this key's slot. Requires tracks().
    void probe(std::string_view key);

    // --- for those who listen for pushes ---

    /// nullptr: nobody does any more. While somebody listens, the connection is kept.
    /// @param alone  there are no other users: what becomes of the connection is the listener's business, and no news
    ///               of the node
    void set_listener(push_listener* who, bool alone) noexcept {
        listener_ = who;
        listener_only_ = alone;
    }
    [[nodiscard]] bool has_listener() const noexcept { return listener_ != nullptr; }
    [[nodiscard]] bool is_listener_only() const noexcept { return listener_only_; }
    /// Dials now, unless it has done so.
    void open() {
        if (state_ == state::idle) dial(true);
    }
    /// Writes what the listener has to say, with the next flush(); requires ready().
    void say(std::string_view bytes);
    /// Stops reading, until resume(): what comes waits in the network.
    void pause() noexcept { paused_ = true; }
    void resume();
    [[nodiscard]] bool paused() const noexcept { return paused_; }
    [[nodiscard]] int protocol() const noexcept { return protocol_; }

  private:
    // turned_away: not dialled, since the node has just refused the same credentials; it will be told in a moment
    enum class state : std::uint8_t { idle, turned_away, dialling, encrypting, authorizing, handshaking, ready };

    // For handlers in the loop: the stream that they belong to is still there, and ours.
    [[nodiscard]] bool goes_on(std::uint64_t generation) const noexcept;
    void dial(bool at_once);
    void dial_next(std::error_code last);
    void watch_dial() noexcept;
    void dial_due(io::time_point now);
    void tell_way(const error& why, io::time_point now);
    [[nodiscard]] bool was_of_use(const error& why, io::time_point now) const noexcept;
    void dialled();
    void agree_on_tls();
    void greet();
    void shake_hands(const credentials& with);
    void say_auth(const credentials& with);
    void auth_reply(reply_view reply);
    [[nodiscard]] error refusal(const error& why) const;
    void send_handshake(const sessions::handshake::round& round);
    void handshake_reply(reply_view reply);
    void became_ready();
    void tell_ready();
    void tell_end() noexcept;
    // All that were ever written.
    [[nodiscard]] std::uint64_t requests() const noexcept { return mux_.front() + mux_.size() - not_requests_; }
    void write_queued();

    void enqueue(request& r, bool asking);
    void write(request& r, bool asking) {
        if (asking || r.facts_.how >= handling::script || !r.counted_) [[unlikely]] {
            write_specially(r, asking);
        } else {
            out_.append(r.bytes_);
            r.position_ = mux_.add(&r, r.bytes_.size());
        }
        r.place_ = request::place::in_flight;
        mark();
    }
    void mark() {
        if (marked_) return;
        marked_ = true;
        dirty_.push_back(this);
        if (!watched_) [[unlikely]]
            begin_watch();
    }
    void write_specially(request& r, bool asking);
    void write_script(request& r);
    void write_transaction(request& r);
    void write_cached(request& r, bool asking);
    bool withdraw(request& r) noexcept;
    void close_gaps() noexcept;
    void lingers(std::size_t bytes) noexcept;
    [[nodiscard]] bool is_common() const noexcept { return !reading_only_ && !exclusive_ && !listener_only_; }
    void begin_tracking();
    void end_tracking(const error& why);
    void caching_reply(reply_view reply);
    void cached_reply(reply_view reply);
    void expiry_reply(reply_view reply);
    void await_readable();
    void await_writable();
    [[nodiscard]] std::size_t next_read() const noexcept;
    void on_readable();
    bool read_what_came();
    bool parse();
    void take(reply_view reply);
    bool taken_by_listener(reply_view reply);
    void unreadable();
    void shut_down() noexcept;
    void begin_watch();
    void look_for_life(io::time_point now);
    void rest(io::time_point now);
    void ask_for_life(io::time_point now);
    void silent(io::time_point now);
    void dial_takes_long();
    [[nodiscard]] std::string why_not_ready() const;
    void on_due(io::time_point now) noexcept override;

    engine& engine_;
    std::shared_ptr<void> keep_alive_;  // handlers in the loop hold us, and we our engine
    std::vector<connection*>& dirty_;
    routing::node_id node_;
    endpoint at_;

    std::optional<io::stream> stream_;
    resp::decoder decoder_;
    sessions::multiplexer<request> mux_;
    std::optional<sessions::handshake> handshake_;
    std::optional<credentials> newer_;  // to authenticate with when the session is over
    base::bytes in_;
    base::bytes out_;
    shard_room room_;
    std::size_t lingering_ = 0;     // bytes in out_ of commands that were given up; all that is left of it at most
    std::vector<request*> queued_;  // submitted before we were ready, in order; null: given up
    std::vector<io::stream::address> addresses_;  // of our host, to be tried, the last one next
    std::optional<io::stream::address> trying_;   // or connected to

    std::uint64_t generation_ = 0;  // counts streams: handlers of an earlier one are ignored
    std::uint64_t tries_ = 0;       // counts addresses: an earlier one's handler is ignored
    io::time_point dialled_at_{};
    io::time_point ready_at_{};
    std::uint64_t first_request_ = 0;  // its position
    state state_ = state::idle;
    bool marked_ = false;   // in the list for flush()
    bool reading_ = false;  // a wait for readability is under way
    bool writing_ = false;  // a wait for writability is under way
    bool parked_ = false;
    bool alone_ = false;  // a thread is in read_alone()
    bool blocking_allowed_ = false;
    bool paused_ = false;
    bool listener_only_ = false;
    const bool reading_only_;
    const bool exclusive_;
    bool held_ = false;
    bool outdated_ = false;  // the credentials have changed since it asked for them
    bool suspected_ = false;
    bool watched_ = false;  // its commands are: it is looked at every config::suspect_after
    bool heard_ = false;    // something has come since the last look
    bool heard_since_doubt_ = false;
    std::uint64_t oldest_ = 0;                  // the position of the oldest command at the last look
    std::optional<io::time_point> doubted_at_;  // since when a command has waited in vain
    doubt_by doubted_by_ = doubt_by::question;
    std::optional<io::time_point> silent_since_;
    std::optional<io::time_point> asked_at_;  // when the PING was sent that is in flight, perhaps
    io::time_point give_up_dial_{};
    io::time_point suspect_dial_{};               // when it takes longer than it should
    io::time_point give_up_address_{};            // the next one then gets its turn
    std::uint64_t not_requests_ = 0;              // that went through mux_, too: handshakes, ASKING and the like
    std::uint64_t told_requests_ = 0;             // in the node's tally
    std::optional<error> doomed_;                 // fail() came while a thread was in read_alone(): it will do it
    std::set<std::string, std::less<>> scripts_;  // the digests of those that the server has got from us
    push_listener* listener_ = nullptr;
    int protocol_ = 0;
    std::int64_t client_id_ = 0;

    // A read whose reply is to be kept, or a probe, that is not over yet.
    struct kept_read {
        sessions::client_cache::ticket ticket;  // of a probe, and of one that is not to be kept any more: 0
        io::time_point asked;
        std::uint16_t slot;
        std::size_t replies_due;  // of kind expiry
    };
    std::unique_ptr<std::deque<kept_read>> kept_reads_;  // nullptr: the server does not track keys for us
};

}  // namespace valkeyxx::clients
