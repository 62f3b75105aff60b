// The commands of sentinels, and their replies.
#include <valkeyxx/sentinel_commands.hpp>

#include <initializer_list>
#include <span>
#include <string>
#include <utility>

#include "commands/fields.hpp"
#include "commands/lines.hpp"

namespace valkeyxx {

using detail::decode_fields;
using detail::field;
using detail::member;

namespace commands {
namespace {

// A server's table of commands does not have these: whether they may be repeated is said here.
enum class again : std::uint8_t { yes, no };

template <class R>
command<R> sentinel_command(again repeat, std::initializer_list<std::string_view> rest) {
    std::vector<std::string_view> words{"SENTINEL"};
    words.insert(words.end(), rest.begin(), rest.end());
    encoded_command encoded{std::span<const std::string_view>{words}};
    if (repeat == again::yes) encoded.allow_repeat();
    return command<R>{std::move(encoded)};
}

}  // namespace

command<std::vector<sentinel_primary>> sentinel_masters() {
    return sentinel_command<std::vector<sentinel_primary>>(again::yes, {"MASTERS"});
}

command<sentinel_primary> sentinel_master(std::string_view service) {
    return sentinel_command<sentinel_primary>(again::yes, {"MASTER", service});
}

command<std::vector<sentinel_replica>> sentinel_replicas(std::string_view service) {
    return sentinel_command<std::vector<sentinel_replica>>(again::yes, {"REPLICAS", service});
}

command<std::vector<sentinel_peer>> sentinel_sentinels(std::string_view service) {
    return sentinel_command<std::vector<sentinel_peer>>(again::yes, {"SENTINELS", service});
}

command<std::optional<endpoint>> sentinel_get_master_addr_by_name(std::string_view service) {
    return sentinel_command<std::optional<endpoint>>(again::yes, {"GET-MASTER-ADDR-BY-NAME", service});
}

command<std::string> sentinel_myid() {
    return sentinel_command<std::string>(again::yes, {"MYID"});
}

command<std::string> sentinel_ckquorum(std::string_view service) {
    return sentinel_command<std::string>(again::yes, {"CKQUORUM", service});
}

command<void> sentinel_failover(std::string_view service) {
    return sentinel_command<void>(again::no, {"FAILOVER", service});
}

command<void> sentinel_monitor(std::string_view service, const endpoint& primary, std::int64_t quorum) {
    return sentinel_command<void>(
        again::no, {"MONITOR", service, primary.host, std::to_string(primary.port), std::to_string(quorum)});
}

command<void> sentinel_remove(std::string_view service) {
    return sentinel_command<void>(again::no, {"REMOVE", service});
}

command<std::int64_t> sentinel_reset(std::string_view pattern) {
    return sentinel_command<std::int64_t>(again::no, {"RESET", pattern});
}

command<void> sentinel_set(std::string_view service, std::string_view option, std::string_view value) {
    return sentinel_command<void>(again::yes, {"SET", service, option, value});
}

command<void> sentinel_flushconfig() {
    return sentinel_command<void>(again::yes, {"FLUSHCONFIG"});
}

command<std::unordered_map<std::string, std::string>> sentinel_config_get(std::string_view pattern) {
    return sentinel_command<std::unordered_map<std::string, std::string>>(again::yes, {"CONFIG", "GET", pattern});
}

command<void> sentinel_config_set(std::string_view option, std::string_view value) {
    return sentinel_command<void>(again::yes, {"CONFIG", "SET", option, value});
}

command<value> sentinel_info_cache(std::string_view service) {
    return sentinel_command<value>(again::yes, {"INFO-CACHE", service});
}

command<value> sentinel_pending_scripts() {
    return sentinel_command<value>(again::yes, {"PENDING-SCRIPTS"});
}

command<void> sentinel_simulate_failure(std::string_view when) {
    return sentinel_command<void>(again::yes, {"SIMULATE-FAILURE", when});
}

}  // namespace commands

namespace {

result<void> read_port(std::uint16_t& to, reply_view v) {
    const auto number = v.as_integer();
    if (!number) return number.error();
    if (*number < 0 || *number > 65535) return detail::shape_error("a port from 0 to 65535", v);
    to = static_cast<std::uint16_t>(*number);
    return {};
}

commands::sentinel_flags read_flags(std::string_view words) {
    commands::sentinel_flags flags;
    while (!words.empty()) {
        const auto word = detail::take_until(words, ',');
        flags.primary |= word == "master" || word == "primary";
        flags.replica |= word == "slave" || word == "replica";
        flags.s_down |= word == "s_down";
        flags.o_down |= word == "o_down";
        flags.disconnected |= word == "disconnected";
        flags.failover |= word == "failover_in_progress";
    }
    return flags;
}

// What all three kinds of instances have in common.
template <class Instance>
constexpr field<Instance> host_field{"ip", [](Instance& to, reply_view v) -> result<void> {
                                         to.address.host = v.text();
                                         return {};
                                     }};
template <class Instance>
constexpr field<Instance> port_field{"port", [](Instance& to, reply_view v) { return read_port(to.address.port, v); }};
template <class Instance>
constexpr field<Instance> flags_field{"flags", [](Instance& to, reply_view v) -> result<void> {
                                          to.flags = read_flags(v.text());
                                          return {};
                                      }};

}  // namespace

result<commands::sentinel_primary> reply_to<commands::sentinel_primary>::from(reply_view v) {
    using primary = commands::sentinel_primary;
    static constexpr field<primary> fields[] = {
        host_field<primary>,
        port_field<primary>,
        flags_field<primary>,
        member<&primary::name>("name"),
        member<&primary::id>("runid"),
        member<&primary::epoch>("config-epoch"),
        member<&primary::replicas>("num-slaves"),
        member<&primary::other_sentinels>("num-other-sentinels"),
        member<&primary::quorum>("quorum"),
        member<&primary::down_after>("down-after-milliseconds"),
        member<&primary::last_answer>("last-ok-ping-reply"),
    };
    return decode_fields(v, "a service of a sentinel", fields);
}

result<commands::sentinel_replica> reply_to<commands::sentinel_replica>::from(reply_view v) {
    using replica = commands::sentinel_replica;
    static constexpr field<replica> fields[] = {
        host_field<replica>,
        port_field<replica>,
        flags_field<replica>,
        member<&replica::id>("runid"),
        {"master-link-status",
         [](replica& to, reply_view text) -> result<void> {
             to.linked = text.text() == "ok";
             return {};
         }},
        {"master-host",
         [](replica& to, reply_view text) -> result<void> {
             to.primary.host = text.text();
             return {};
         }},
        {"master-port", [](replica& to, reply_view number) { return read_port(to.primary.port, number); }},
        member<&replica::priority>("slave-priority"),
        member<&replica::offset>("slave-repl-offset"),
        {"replica-announced",
         [](replica& to, reply_view number) -> result<void> {
             to.announced = number.text() != "0";
             return {};
         }},
    };
    return decode_fields(v, "a replica of a sentinel's service", fields);
}

result<commands::sentinel_peer> reply_to<commands::sentinel_peer>::from(reply_view v) {
    using peer = commands::sentinel_peer;
    static constexpr field<peer> fields[] = {
        host_field<peer>,
        port_field<peer>,
        flags_field<peer>,
        member<&peer::id>("runid"),
    };
    return decode_fields(v, "a sentinel", fields);
}

result<endpoint> reply_to<endpoint>::from(reply_view v) {
    if (!v.is_aggregate() || v.size() < 2 || !v[0].is_string()) return detail::shape_error("a host and a port", v);
    endpoint at{.host = std::string{v[0].text()}};
    if (auto done = read_port(at.port, v[1]); !done) return done.error();
    return at;
}

}  // namespace valkeyxx
