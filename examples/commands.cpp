// What one does first with each group of commands. The pages of docs/commands show these functions.
//
//   commands valkey://127.0.0.1:7000
#include <chrono>
#include <cstdint>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include <valkeyxx/valkeyxx.hpp>

namespace vk = valkeyxx;
using namespace vk::commands;
using namespace std::chrono_literals;

namespace {

// --- strings ---------------------------------------------------------------------------------------------------------

void use_strings(vk::client& client) {
    client.execute(set("session:1", "ada", {.expiry = 30min}));
    std::optional<std::string> user = client.execute(get("session:1"));  // nullopt: there is no such key
    bool written = client.execute(set("session:1", "grace", {.condition = set_if::does_not_exist}));
    std::cout << "session of " << user.value_or("nobody") << (written ? ", taken over\n" : ", kept\n");

    client.execute(mset({{"{page}visits", "41"}, {"{page}title", "Welcome"}}));  // {page}: all in one slot
    std::int64_t visits = client.execute(incr("{page}visits"));
    auto both = client.execute(mget("{page}title", "{page}author"));  // a vector of optional strings
    std::cout << both[0].value_or("?") << " by " << both[1].value_or("?") << ": visit " << visits << '\n';
}

// --- generic ---------------------------------------------------------------------------------------------------------

void use_generic(vk::client& client) {
    client.execute(set("draft:1", "some text"));
    client.execute(expire("draft:1", 1h));
    std::optional<std::chrono::seconds> left = client.execute(ttl("draft:1")).left;  // nullopt: it lives for good
    std::cout << "a " << client.execute(type("draft:1")) << (left ? " for a while\n" : "\n");

    std::vector<std::string> names = client.execute(keys("draft:*"));  // of all shards
    std::int64_t removed = client.execute(del("draft:1"));
    std::cout << names.size() << " found, " << removed << " removed\n";
}

// --- hashes ----------------------------------------------------------------------------------------------------------

void use_hashes(vk::client& client) {
    client.execute(hset("book:1", {{"title", "Notes"}, {"year", "1843"}, {"sold", "6"}}));
    client.execute(hincrby("book:1", "sold", 1));
    auto some = client.execute(hmget("book:1", "title", "price"));  // nullopt for each that is not there
    std::cout << some[0].value_or("untitled") << ", price " << some[1].value_or("unknown") << '\n';

    std::uint64_t cursor = 0;  // step by step, for hashes that are too large for hgetall
    do {
        const auto step = client.execute(hscan("book:1", cursor));
        for (const auto& [field, value] : step.items) std::cout << field << " = " << value << '\n';
        cursor = step.cursor;
    } while (cursor != 0);
}

// --- lists -----------------------------------------------------------------------------------------------------------

void use_lists(vk::client& client) {
    client.execute(del("jobs"));
    client.execute(rpush("jobs", "wash", "cook", "eat"));
    for (const std::string& job : client.execute(lrange("jobs", 0, 1))) std::cout << "next: " << job << '\n';
    while (std::optional<std::string> job = client.execute(lpop("jobs"))) std::cout << "done: " << *job << '\n';
}

// --- sets ------------------------------------------------------------------------------------------------------------

void use_sets(vk::client& client) {
    client.execute(sadd("{team}1", "ada", "grace"));
    client.execute(sadd("{team}2", "grace", "barbara"));  // {team}: both in one slot
    for (const std::string& name : client.execute(sinter("{team}1", "{team}2"))) std::cout << name << " is in both\n";
    std::cout << client.execute(scard("{team}1")) << " in the first, ada among them: " << std::boolalpha
              << client.execute(sismember("{team}1", "ada")) << '\n';
}

// --- sorted_sets -----------------------------------------------------------------------------------------------------

void use_sorted_sets(vk::client& client) {
    client.execute(zadd("scores", {{"ada", 12}, {"grace", 9.5}, {"barbara", 3}}));
    client.execute(zincrby("scores", 1.5, "ada"));
    for (const auto& [name, score] : client.execute(zrange_with_scores("scores", 0, 1, sort_order::descending))) {
        std::cout << name << " has " << score << '\n';
    }
    auto below_ten = client.execute(zrange("scores", score_range{.max = score_bound::exclusive(10)}));
    std::cout << below_ten.size() << " have less than 10\n";
}

// --- streams ---------------------------------------------------------------------------------------------------------

void use_streams(vk::client& client) {
    client.execute(del("events"));
    client.execute(xadd("events", {{"what", "login"}, {"who", "ada"}}, {.trim = {.max_length = 1000}}));
    client.execute(xgroup_create("events", "mailers", "0"));  // from the first entry on

    for (const stream_batch& batch : client.execute(xreadgroup("mailers", "mailer 1", {{"events", ">"}}))) {
        for (const stream_entry& entry : batch.entries) {
            for (const auto& [name, value] : entry.fields) std::cout << name << ": " << value << '\n';
            client.execute(xack(batch.key, "mailers", entry.id));
        }
    }
    std::cout << client.execute(xpending("events", "mailers")).count << " pending\n";
}

// --- geo -------------------------------------------------------------------------------------------------------------

void use_geo(vk::client& client) {
    client.execute(geoadd("towns", {{"Palermo", {.longitude = 13.361389, .latitude = 38.115556}},
                                    {"Catania", {.longitude = 15.087269, .latitude = 37.502669}}}));
    std::optional<double> apart = client.execute(geodist("towns", "Palermo", "Catania", geo_unit::kilometers));
    std::cout << "about " << static_cast<int>(apart.value_or(0)) << " km apart\n";

    const geo_center here = around({.longitude = 15, .latitude = 37});
    for (const geo_found& town : client.execute(geosearch_details("towns", here, circle(200, geo_unit::kilometers),
                                                                  {.order = geo_order::nearest_first}))) {
        std::cout << town.member << " in " << static_cast<int>(town.distance) << " km\n";
    }
}

// --- bitmap ----------------------------------------------------------------------------------------------------------

void use_bitmap(vk::client& client) {
    client.execute(del("seen:monday"));
    for (std::int64_t user : {3, 11, 12}) client.execute(setbit("seen:monday", user, true));
    std::cout << client.execute(bitcount("seen:monday")) << " were here, the first was user "
              << client.execute(bitpos("seen:monday", true)) << '\n';

    client.execute(del("counters"));
    auto replies = client.execute(
        bitfield("counters", bitfield_operations{}
                                 .increment(unsigned_bits(8), at_index(0), 250)
                                 .increment(unsigned_bits(8), at_index(0), 10, bitfield_overflow::saturate)));
    std::cout << "no more than " << replies[1].value_or(0) << '\n';
}

// --- hyperloglog -----------------------------------------------------------------------------------------------------

void use_hyperloglog(vk::client& client) {
    client.execute(pfadd("{visitors}monday", "ada", "grace", "ada"));
    client.execute(pfadd("{visitors}tuesday", "grace", "barbara"));
    std::cout << client.execute(pfcount("{visitors}monday")) << " on Monday, "
              << client.execute(pfcount("{visitors}monday", "{visitors}tuesday")) << " on both days\n";
}

// --- scripting -------------------------------------------------------------------------------------------------------

void use_scripting(vk::client& client) {
    client.execute(set("stock", "5"));
    const std::string take =
        "local left = redis.call('GET', KEYS[1]) - ARGV[1] "
        "if left < 0 then return false end "
        "redis.call('SET', KEYS[1], left) return left";
    const std::string sha1 = client.execute(script_load(take));  // to all nodes
    for (const std::string amount : {"3", "3"}) {
        auto left = client.execute(evalsha<std::optional<std::int64_t>>(sha1, {"stock"}, {amount}));
        std::cout << (left ? std::to_string(*left) + " left\n" : "not enough\n");
    }
}

// --- pubsub ----------------------------------------------------------------------------------------------------------

void use_pubsub(vk::client& client) {
    std::int64_t heard = client.execute(publish("news", "all is well"));
    std::cout << heard << " at that node have heard it\n";
    for (const auto& [channel, subscribers] : client.execute(pubsub_numsub("news", "weather"))) {
        std::cout << channel << " has " << subscribers << " subscribers\n";
    }
}

// --- connection ------------------------------------------------------------------------------------------------------

void use_connection(vk::client& client) {
    std::cout << client.execute(ping()) << ' ' << client.execute(echo("hello")) << '\n';
    const connected_client self = client.execute(client_info());
    std::cout << "user " << self.user << ", protocol " << self.resp << '\n';
    for (const connected_client& other : client.execute(client_list({.type = client_type::pubsub}))) {
        std::cout << other.addr << " has subscribed to " << other.sub << " channels\n";
    }
}

// --- server ----------------------------------------------------------------------------------------------------------

void use_server(vk::client& client) {
    client.execute(config_set({{"slowlog-log-slower-than", "10000"}, {"slowlog-max-len", "128"}}));  // all nodes
    for (const auto& [name, value] : client.execute(config_get("slowlog-max-len"))) {
        std::cout << name << " is " << value << '\n';
    }
    std::cout << (client.execute(dbsize()) > 0 ? "there are keys\n" : "there are no keys\n");
    // Other nodes than the default one answer if a target names them.
    for (const auto& [node, reply] : client.execute_each(role(), vk::on_all_primaries())) {
        std::cout << "a primary with " << reply.value().replicas.size() << " replicas\n";
    }
}

// --- acl -------------------------------------------------------------------------------------------------------------

void use_acl(vk::client& client) {
    client.execute(acl_setuser("reader", {"reset", "on", ">secret", "~public:*", "+@read"}));  // on all nodes
    for (const std::string name : {"GET", "DEL"}) {
        const acl_verdict verdict = client.execute(acl_dryrun("reader", {name, "public:1"}));
        std::cout << name << ": " << (verdict.allowed ? "allowed" : verdict.reason) << '\n';
    }
    client.execute(acl_deluser("reader"));
}

// --- cluster_admin ---------------------------------------------------------------------------------------------------

void use_cluster_admin(vk::client& client) {
    int slots = 0;
    for (const cluster_shard& shard : client.execute(cluster_shards())) {
        for (const vk::slot_range& range : shard.slots) slots += range.last - range.first + 1;
    }
    std::cout << slots << " slots are served\n";

    const std::uint16_t slot = vk::key_slot("scores");
    std::int64_t keys_there = client.execute(cluster_countkeysinslot(slot), vk::on_slot(slot));
    std::cout << "slot " << slot << (keys_there > 0 ? " has keys\n" : " is empty\n");
}

// --- all of them -----------------------------------------------------------------------------------------------------

void use_all(vk::client& client) {
    for (auto* use :
         {use_strings, use_generic, use_hashes, use_lists, use_sets, use_sorted_sets, use_streams, use_geo, use_bitmap,
          use_hyperloglog, use_scripting, use_pubsub, use_connection, use_server, use_acl, use_cluster_admin}) {
        use(client);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: commands URL\n";
        return 2;
    }
    try {
        vk::cluster cluster{argv[1]};
        use_all(cluster);
    } catch (const std::exception& failure) {
        std::cerr << failure.what() << '\n';
        return 1;
    }
}
