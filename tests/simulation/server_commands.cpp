#include "server_commands.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "cluster_words.hpp"
#include "replies.hpp"
#include "server.hpp"
#include "world.hpp"

namespace valkeyxx::simulation {
namespace {

// ---- connection ----

void hello(call& c) {
    if (!c.w.settings.knows_hello) {
        reply::error(c.out, "ERR unknown command 'HELLO', with args beginning with: '3' ");
        return;
    }
    for (std::size_t i = 2; i < c.words.size(); ++i) {
        if (c.words[i] == "AUTH") {
            if (c.word(i + 2) != c.w.settings.client.password) {
                reply::error(c.out, "WRONGPASS invalid username-password pair or user is disabled.");
                return;
            }
            c.s.authenticated = true;
            i += 2;
        } else if (c.words[i] == "SETNAME") {
            ++i;
        }
    }
    if (!c.s.authenticated) {
        reply::error(c.out, "NOAUTH HELLO must be called with the client already authenticated");
        return;
    }
    if (c.words.size() > 1) c.s.protocol = c.words[1] == "3" ? 3 : 2;
    reply::map(c.out, 5, c.s.protocol);
    for (const char* text : {"server", "valkey", "version", "8.0.1"}) reply::bulk(c.out, text);
    reply::bulk(c.out, "proto");
    reply::integer(c.out, c.s.protocol);
    for (const char* text : {"mode", "cluster"}) reply::bulk(c.out, text);
    reply::bulk(c.out, "availability_zone");
    reply::bulk(c.out, c.n.zone());
}

void auth(call& c) {
    if (c.words.back() != c.w.settings.client.password) {
        reply::error(c.out, "WRONGPASS invalid username-password pair or user is disabled.");
        return;
    }
    c.s.authenticated = true;
    reply::simple(c.out, "OK");
}

void ok(call& c) {
    reply::simple(c.out, "OK");
}
void asking(call& c) {
    c.s.asking = true;
    ok(c);
}
void read_only(call& c) {
    c.s.read_only = true;
    ok(c);
}
void read_write(call& c) {
    c.s.read_only = false;
    ok(c);
}
void ping(call& c) {
    if (c.words.size() == 1) {
        reply::simple(c.out, "PONG");
        return;
    }
    c.w.commands.executed(c.number, 0);
    reply::bulk(c.out, c.words[1]);
}

// ---- data ----

void numbered(call& c, std::int64_t result) {
    c.w.commands.executed(c.number, result);
    reply::integer(c.out, c.number * reply_unit + result);
}

void get(call& c) {
    const std::string& value = c.n.read(c.keys[0]);
    c.w.commands.executed(c.number, 0);
    reply::bulk(c.out, std::string{c.word(2)} + "|" + value);
}

void set(call& c) {
    c.w.commands.executed(c.number, 0);
    c.n.write(c.keys[0], std::string{c.word(2)});
    reply::simple(c.out, "OK #" + std::to_string(c.number));
}

void append(call& c) {
    std::string value = c.n.read(c.keys[0]);
    value += c.word(2);
    const auto size = static_cast<std::int64_t>(value.size());
    c.n.write(c.keys[0], std::move(value));
    numbered(c, size);
}

void incr(call& c) {
    std::int64_t n = 0;
    const std::string& value = c.n.read(c.keys[0]);
    std::from_chars(value.data(), value.data() + value.size(), n);
    c.n.write(c.keys[0], std::to_string(++n));
    numbered(c, n);
}

void del(call& c) {
    std::int64_t gone = 0;
    for (const std::size_t k : c.keys) {
        if (c.n.read(k).empty()) continue;
        c.n.write(k, {});
        ++gone;
    }
    numbered(c, gone);
}

void mget(call& c) {
    c.w.commands.executed(c.number, 0);
    reply::array(c.out, c.words.size() - 1);
    for (std::size_t i = 1; i < c.words.size(); ++i) {
        const std::size_t k = c.w.keys.find(c.words[i]);
        if (k == keyspace::none) {  // the command's number
            reply::bulk(c.out, c.words[i]);
        } else if (c.n.read(k).empty()) {
            reply::null(c.out, c.s.protocol);
        } else {
            reply::bulk(c.out, c.n.read(k));
        }
    }
}

void dbsize(call& c) {
    numbered(c, std::count_if(c.n.data.begin(), c.n.data.end(), [](const auto& v) { return !v.empty(); }));
}

// ---- the server and its cluster ----

void role(call& c) {
    if (c.n.is_primary()) c.w.told.forget();  // the client may have taken it for a replica
    words::role(c.w, c.n, c.out);
}
void information(call& c) {
    words::information(c.w, c.n, c.out);
}
void cluster_command(call& c) {
    c.w.told.told_slots();
    if (!words::cluster(c.w, c.n, c.s, c.word(1), c.out)) {
        reply::error(c.out, "ERR unknown subcommand '" + std::string{c.word(1)} + "'. Try CLUSTER HELP.");
    }
}

constexpr std::array<known_command, 18> commands{{
    {"GET", get, first_key | reads},
    {"SET", set, first_key | writes},
    {"INCR", incr, first_key | writes},
    {"APPEND", append, first_key | writes},
    {"MGET", mget, all_keys | reads},
    {"DEL", del, all_keys | writes},
    {"PING", ping, none},
    {"CLUSTER", cluster_command, while_loading},
    {"ASKING", asking, while_loading},
    {"HELLO", hello, while_loading | before_login},
    {"AUTH", auth, while_loading | before_login},
    {"CLIENT", ok, while_loading},
    {"READONLY", read_only, while_loading},
    {"READWRITE", read_write, while_loading},
    {"ROLE", role, while_loading},
    {"INFO", information, while_loading},
    {"DBSIZE", dbsize, none},
    {"SELECT", ok, while_loading},
}};

}  // namespace

const known_command* find_command(std::string_view name) {
    const auto same = [name](const known_command& k) {
        return k.name.size() == name.size() && std::equal(name.begin(), name.end(), k.name.begin(), [](char a, char b) {
                   return (a >= 'a' && a <= 'z' ? a - 'a' + 'A' : a) == b;
               });
    };
    const auto found = std::find_if(commands.begin(), commands.end(), same);
    return found == commands.end() ? nullptr : &*found;
}

}  // namespace valkeyxx::simulation
