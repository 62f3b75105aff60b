// Chapter: a slot moves behind the client's back.
#include <valkeyxx/commands/strings.hpp>

#include "demo/chapters.hpp"
#include "demo/require.hpp"

namespace valkeyxx::demo {

namespace {

using commands::get;

endpoint address_of(const testing::valkey_server& server) {
    return {server.host(), server.port()};
}

testing::valkey_server& another_primary(testing::valkey_cluster& servers, const testing::valkey_server& than) {
    auto& first = servers.primary(0);
    return &first != &than ? first : servers.primary(1);
}

}  // namespace

void heal_stale_map(narrator& out, testing::valkey_cluster& servers, cluster& client, redirect_log& redirects) {
    out.chapter("A stale slot map heals itself");
    const std::string key = "user:1";
    const auto slot = key_slot(key);
    auto& source = servers.node_serving(slot);
    auto& target = another_primary(servers, source);
    const auto from = address_of(source);
    const auto to = address_of(target);
    const auto value = client.execute(get(key));
    require(client.node_for(key) == from, "the client does not know who serves " + key);

    servers.move_slot(slot, target);
    out.tell("behind the client's back slot " + std::to_string(slot) + " (" + key + ") moves from " + from.text() +
             " to " + to.text());
    const auto known = client.node_for(key).value();
    out.tell("the client's map still says " + known.text() + "; now it executes GET " + key);
    require(known == from, "the client's map was not stale");

    redirects.take();
    const auto before = client.statistics();
    require(client.execute(get(key)) == value, "GET gave another value than before the move");
    const auto healed = client.statistics();
    const auto seen = redirects.take();
    for (const auto& one : seen) {
        out.stress(std::string{"observer: "} + (one.kind == observer::redirect_kind::moved ? "MOVED" : "ASK") +
                   " slot " + std::to_string(one.slot) + " from " + one.from.text() + " to " + one.to.text());
    }
    require(seen.size() == 1 && seen[0].kind == observer::redirect_kind::moved && seen[0].slot == slot &&
                seen[0].from == from && seen[0].to == to,
            "the observer did not see exactly this one MOVED");

    require(client.execute(get(key)) == value, "the second GET gave another value");
    const auto after = client.statistics();
    out.tell("the value is right, and the client's map says " + client.node_for(key).value().text() + " now");
    out.table(
        {{"statistics()", "before", "after 1st GET", "after 2nd GET"},
         {"MOVED followed", std::to_string(before.moved), std::to_string(healed.moved), std::to_string(after.moved)}});
    require(healed.moved == before.moved + 1, "the first GET did not take exactly one redirect");
    require(after.moved == healed.moved, "the second GET was redirected again");
    require(client.node_for(key) == to, "the client's map did not heal");
}

}  // namespace valkeyxx::demo
