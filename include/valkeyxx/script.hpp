// A script that runs at the server, sent once and then called by its digest.
//
//   const vk::script add_if_less{"local n = tonumber(redis.call('GET', KEYS[1]) or '0') ..."};
//   auto n = cluster.execute(add_if_less.call<std::int64_t>({"hits"}, {"10"}));
#pragma once

#include <string>
#include <string_view>

#include <valkeyxx/command.hpp>
#include <valkeyxx/command_id.hpp>
#include <valkeyxx/strings.hpp>

namespace valkeyxx {

/// A script in Lua. Its calls are commands like any other: in pipelines, transactions, asynchronous ones. A connection
/// that has not sent the script yet sends it with the first call (EVAL), afterwards only its digest (EVALSHA); if the
/// server has lost it meanwhile (NOSCRIPT: restart, SCRIPT FLUSH) the call is sent again with the script, which cannot
/// run it twice. A value; thread-safe to read.
class script {
  public:
    /// `text` is compiled by the server only, at the first call.
    explicit script(std::string text);

    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    /// The SHA1 digest in hexadecimal, by which servers know it.
    [[nodiscard]] const std::string& digest() const noexcept { return digest_; }

    /// Runs it and returns what it returns, as an `R`. Which keys it uses must be among `keys`, all of one slot: they
    /// decide which node runs it. Not repeated when its reply is lost.
    /// Source: https://valkey.io/commands/evalsha
    template <class R = value>
    [[nodiscard]] command<R> call(const strings& keys = {}, const strings& args = {}) const {
        return command<R>{encoded(command_id::eval, keys, args)};
    }

    /// The same for a script that only reads: replicas may run it (see config::reads), and it is repeated when its
    /// reply is lost. Errors: ERR if it writes. Source: https://valkey.io/commands/evalsha_ro
    template <class R = value>
    [[nodiscard]] command<R> call_ro(const strings& keys = {}, const strings& args = {}) const {
        return command<R>{encoded(command_id::eval_ro, keys, args)};
    }

  private:
    [[nodiscard]] encoded_command encoded(command_id id, const strings& keys, const strings& args) const;

    std::string text_;
    std::string digest_;
};

}  // namespace valkeyxx
