// What a client tells of itself while it works. Ready observers: metrics.hpp counts, log.hpp writes.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <valkeyxx/endpoint.hpp>
#include <valkeyxx/error.hpp>
#include <valkeyxx/message.hpp>

namespace valkeyxx {

class monitor;
class shard_map;

/// Kinds of commands that take their time for different reasons.
enum class command_class : std::uint8_t {
    read,         ///< changes nothing
    write,        ///< changes keys
    script,       ///< a script of script.hpp
    transaction,  ///< MULTI to EXEC, as one
    blocking,     ///< waits at the server for others (BLPOP, XREAD BLOCK): its time says nothing of the server
    other,        ///< everything else: PING, CONFIG, PUBLISH, EVAL, commands of modules
};

/// "read", "write", "script", "transaction", "blocking", "other".
std::string_view to_string(command_class c) noexcept;

/// A command that has its outcome. What it points to is good only during the call.
struct ended_command {
    enum class scope : std::uint8_t {
        one,      ///< a command for one node
        part,     ///< what one node was asked for the sake of a command to several: no caller's own
        several,  ///< such a command as a whole, after its parts
    };

    std::string_view name;  ///< "GET", "CLUSTER INFO"; never arguments. Of unknown commands the caller's first word
    command_class what = command_class::other;
    scope of = scope::one;
    const endpoint* node = nullptr;   ///< where it was sent last; nullptr: to several, or nowhere
    const error* why = nullptr;       ///< nullptr: it has a reply
    int sends = 0;                    ///< how often it was sent: once, if nothing came in between; of `several` 0
    std::chrono::nanoseconds took{};  ///< from its start to its outcome, with waits, redirects and retries
};

/// Something has happened to a subscription, whoever has it; once, also if several subscribers share it.
struct subscription_event {
    message_kind what = message_kind::subscribed;  ///< subscribed, unsubscribed, refused, gap_began (lost), gap (back)
    channel_kind kind = channel_kind::channel;
    std::string_view name;           ///< of the channel or pattern, which can be a secret or name a key
    const endpoint* node = nullptr;  ///< which said so, or by which it was lost; nullptr: none is concerned
};

/// Override what you want to know. Calls come from whichever thread does the client's work, one at a time, while the
/// client holds its lock: be quick, do not call the client, do not throw. Nothing is called, and nothing paid, without
/// an observer. An observer of several clients gets calls of each of them, at the same time.
class observer {
  public:
    virtual ~observer() = default;

    /// The client is about to make its first connection. Through `client` it can be looked at later, by any thread.
    virtual void attached(const monitor& /*client*/) {}

    /// A connection is ready for commands, in RESP version `protocol`.
    virtual void connected(const endpoint& /*node*/, int /*protocol*/) {}
    /// Just after connected(): the connection takes the place of an earlier one, rather than being one more.
    virtual void reconnected(const endpoint& /*node*/) {}
    /// A connection broke, or could not be made.
    virtual void disconnected(const endpoint& /*node*/, const error& /*why*/) {}
    /// A connection that was ready is no more, for whatever reason; if it broke, just after disconnected(). There are
    /// as many connections as connected() says more often than this.
    virtual void closed(const endpoint& /*node*/) {}

    /// A connection that stands could not authenticate again after its credentials had changed (see
    /// credential_source); it goes on with what it had.
    virtual void authentication_failed(const endpoint& /*node*/, const error& /*why*/) {}

    enum class redirect_kind : std::uint8_t { moved, ask };
    /// A node sent a command on to another one.
    virtual void redirected(redirect_kind /*kind*/, std::uint16_t /*slot*/, const endpoint& /*from*/,
                            const endpoint& /*to*/) {}
    /// A command was rejected or lost without having run (or may safely run again) and will be tried again.
    virtual void retried(std::string_view /*command*/, std::string_view /*reason*/) {}

    /// Whether command_ended() is to be called, which takes two looks at the clock for each command. Asked once, when
    /// the client is made.
    [[nodiscard]] virtual bool wants_commands() const { return false; }
    /// A command has its outcome, just before its caller learns of it. What the caller then makes of the reply is his:
    /// `unexpected_reply` and `transaction_conflict` are replies here. Commands that could not even be started
    /// (`queue_full`, `client_closed`) have ended, too; the client's own questions are not told of.
    virtual void command_ended(const ended_command& /*what*/) {}

    /// A connection is encrypted, but its server did not have to prove anything (tls_verify::none): whoever is in
    /// between reads along. Just before connected().
    virtual void unverified(const endpoint& /*node*/) {}
    /// Files of certificates have changed and cannot be used: new connections go on with the last good ones, which may
    /// be about to expire. Once for each change.
    virtual void certificates_not_renewed(const error& /*why*/) {}

    /// A node does not track keys for the client's cache (config::cache): what it answers is not kept.
    virtual void not_tracked(const endpoint& /*node*/, const error& /*why*/) {}

    /// A node leaves commands unanswered (see config::suspect_after).
    virtual void suspected(const endpoint& /*node*/) {}
    /// A suspected node has answered.
    virtual void recovered(const endpoint& /*node*/) {}

    /// A refresh of the topology begins.
    virtual void refresh_started() {}
    /// A new topology is in use.
    virtual void topology_changed(const shard_map& /*now*/) {}
    /// Just after topology_changed(), if anything is different. What, compare() of topology_change.hpp tells.
    virtual void topology_replaced(const shard_map& /*before*/, const shard_map& /*now*/) {}
    /// Asking a node for the topology failed.
    virtual void refresh_failed(const endpoint& /*node*/, const error& /*why*/) {}
    /// Sentinels have named another primary of the service, and it says that it is one.
    virtual void primary_switched(std::string_view /*service*/, const endpoint& /*from*/, const endpoint& /*to*/) {}

    virtual void subscription_changed(const subscription_event& /*what*/) {}
};

/// Passes everything on to several observers, in their order. None may be nullptr. As thread-safe as they are.
class observers final : public observer {
  public:
    explicit observers(std::vector<std::shared_ptr<observer>> all) : all_{std::move(all)} {
        for (const auto& o : all_) curious_.push_back(o->wants_commands());
    }

    void attached(const monitor& client) override {
        for (const auto& o : all_) o->attached(client);
    }
    void connected(const endpoint& node, int protocol) override {
        for (const auto& o : all_) o->connected(node, protocol);
    }
    void reconnected(const endpoint& node) override {
        for (const auto& o : all_) o->reconnected(node);
    }
    void disconnected(const endpoint& node, const error& why) override {
        for (const auto& o : all_) o->disconnected(node, why);
    }
    void closed(const endpoint& node) override {
        for (const auto& o : all_) o->closed(node);
    }
    void authentication_failed(const endpoint& node, const error& why) override {
        for (const auto& o : all_) o->authentication_failed(node, why);
    }
    void redirected(redirect_kind kind, std::uint16_t slot, const endpoint& from, const endpoint& to) override {
        for (const auto& o : all_) o->redirected(kind, slot, from, to);
    }
    void retried(std::string_view command, std::string_view reason) override {
        for (const auto& o : all_) o->retried(command, reason);
    }
    [[nodiscard]] bool wants_commands() const override {
        for (const bool curious : curious_) {
            if (curious) return true;
        }
        return false;
    }
    void command_ended(const ended_command& what) override {
        for (std::size_t i = 0; i < all_.size(); ++i) {
            if (curious_[i]) all_[i]->command_ended(what);
        }
    }
    void unverified(const endpoint& node) override {
        for (const auto& o : all_) o->unverified(node);
    }
    void certificates_not_renewed(const error& why) override {
        for (const auto& o : all_) o->certificates_not_renewed(why);
    }
    void not_tracked(const endpoint& node, const error& why) override {
        for (const auto& o : all_) o->not_tracked(node, why);
    }
    void suspected(const endpoint& node) override {
        for (const auto& o : all_) o->suspected(node);
    }
    void recovered(const endpoint& node) override {
        for (const auto& o : all_) o->recovered(node);
    }
    void refresh_started() override {
        for (const auto& o : all_) o->refresh_started();
    }
    void topology_changed(const shard_map& now) override {
        for (const auto& o : all_) o->topology_changed(now);
    }
    void topology_replaced(const shard_map& before, const shard_map& now) override {
        for (const auto& o : all_) o->topology_replaced(before, now);
    }
    void refresh_failed(const endpoint& node, const error& why) override {
        for (const auto& o : all_) o->refresh_failed(node, why);
    }
    void primary_switched(std::string_view service, const endpoint& from, const endpoint& to) override {
        for (const auto& o : all_) o->primary_switched(service, from, to);
    }
    void subscription_changed(const subscription_event& what) override {
        for (const auto& o : all_) o->subscription_changed(what);
    }

  private:
    std::vector<std::shared_ptr<observer>> all_;
    std::vector<bool> curious_;  // by place: wants commands
};

}  // namespace valkeyxx
