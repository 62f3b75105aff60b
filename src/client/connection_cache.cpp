// What a connection does for the cache of replies: it asks for keys to be tracked, and brings what servers say of them.
//
//   CLIENT CACHING YES   GET user:1   PTTL user:1       in one write
//
// The server tracks the key of the GET. Whatever happens to the key from then on it says before it answers the PTTL, so
// that the time that is left belongs to the value.
#include "client/connection.hpp"

#include "client/engine.hpp"
#include "command/keys.hpp"
#include "resp/encoder.hpp"
#include "resp/server_error.hpp"
#include "routing/fanout.hpp"

#include <valkeyxx/observer.hpp>
#include <valkeyxx/slot.hpp>

namespace valkeyxx::clients {
namespace {

constexpr std::string_view caching_bytes = "*3\r\n$6\r\nCLIENT\r\n$7\r\nCACHING\r\n$3\r\nYES\r\n";

std::string question_of(std::string_view verb, std::string_view key) {
    std::string bytes;
    resp::append_command(bytes, std::array{verb, key});
    return bytes;
}

}  // namespace

void connection::begin_tracking() {
    if (engine_.cache() == nullptr || !is_common() || engine_.is_sentinel(node_)) return;
    if (handshake_->tracking()) {
        kept_reads_ = std::make_unique<std::deque<kept_read>>();
    } else {
        end_tracking(resp::read_server_error(handshake_->why_not_tracking()));
    }
}

void connection::end_tracking(const error& why) {
    kept_reads_.reset();
    if (const auto& watcher = engine_.settings().watcher) watcher->not_tracked(at_, why);
}

// To be kept only if the node serves the slot for certain: not what it says in the course of a migration.
void connection::write_cached(request& r, bool asking) {
    auto& cache = *engine_.cache();
    sessions::client_cache::ticket ticket = 0;
    std::vector<std::string_view> keys;
    const auto now = io::clock::now();
    if (!tracks()) {
        cache.note_untracked();
    } else if (!asking && engine_.may_keep(node_, r.facts_.slot)) {
        const auto words = routing::words_of(r.bytes_);
        std::vector<std::uint32_t> positions;
        if (find_keys(*r.facts_.info, words, positions) == key_search::found) {
            for (const auto at : positions) keys.push_back(words[at]);
            const auto ttl = static_cast<std::chrono::milliseconds>(r.facts_.kept_for);
            ticket = cache.begin({.request = r.bytes_, .keys = keys, .ttl = ttl, .by = node_}, now);
        }
    }
    if (ticket == 0) {
        out_.append(r.bytes_);
        r.position_ = mux_.add(&r, r.bytes_.size());
        return;
    }
    out_.append(caching_bytes);
    mux_.add(nullptr, caching_bytes.size(), sessions::slot_kind::caching);
    out_.append(r.bytes_);
    r.position_ = mux_.add(&r, r.bytes_.size(), sessions::slot_kind::cached);
    for (const std::string_view key : keys) {
        const std::string question = question_of("PTTL", key);
        out_.append(question);
        mux_.add(nullptr, question.size(), sessions::slot_kind::expiry);
    }
    kept_reads_->push_back({ticket, now, r.facts_.slot, keys.size()});
}

// EXISTS leaves no trace at the key, and is refused where the slot is not served.
void connection::probe(std::string_view key) {
    const std::string question = question_of("EXISTS", key);
    out_.append(question);
    mux_.add(nullptr, question.size(), sessions::slot_kind::expiry);
    kept_reads_->push_back({0, io::clock::now(), key_slot(key), 1});
    mark();
}

// Each read's replies come together, and in the order of the reads.
void connection::caching_reply(reply_view reply) {
    if (!reply.is_error() || !kept_reads_) return;
    engine_.cache()->lost(node_);  // it may not even tell of what it has tracked so far
    end_tracking(resp::read_server_error(reply.text()));
}

void connection::cached_reply(reply_view reply) {
    if (kept_reads_) engine_.cache()->answered(kept_reads_->front().ticket, reply);
}

void connection::expiry_reply(reply_view reply) {
    if (!kept_reads_) return;
    kept_read& read = kept_reads_->front();
    engine_.cache()->expires(read.ticket, reply);
    if (--read.replies_due != 0) return;
    const kept_read over = read;
    kept_reads_->pop_front();
    engine_.probed(*this, over.slot, over.asked, reply);
}

void connection::look() {
    if (state_ != state::ready || alone_ || paused_) return;
    if (read_what_came() && !reading_ && !paused_) await_readable();
}

}  // namespace valkeyxx::clients
