// The commands that a simulated node knows: what each does, and what must be known before it is run.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "history.hpp"

namespace valkeyxx::simulation {

struct world;
class node;
struct session;

/// One command at one node.
struct call {
    world& w;
    node& n;
    session& s;
    const std::vector<std::string_view>& words;
    std::string& out;
    command_number number;
    std::vector<std::size_t> keys;  // those of the run among its keys

    [[nodiscard]] std::string_view word(std::size_t i) const { return i < words.size() ? words[i] : ""; }
};

enum trait : unsigned {
    none = 0,
    first_key = 1,  // the word after the name is a key
    all_keys = 2,   // all words after the name are
    reads = 4,
    writes = 8,
    while_loading = 16,
    before_login = 32,
};

struct known_command {
    std::string_view name;
    void (*run)(call&);
    unsigned traits;
};

/// Null if there is no such command.
const known_command* find_command(std::string_view name);

}  // namespace valkeyxx::simulation
