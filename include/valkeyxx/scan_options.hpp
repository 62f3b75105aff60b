// What is to be scanned, and how.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace valkeyxx {

/// Options of scan(). The views must stay until scan() has returned.
struct key_scan_options {
    /// Only keys that match this glob pattern. "*": all. With a hash tag before the first special character
    /// ("{user:1}:*") only the node of that slot is asked.
    std::string_view match = "*";
    /// Only keys of this type: "string", "list", "set", "zset", "hash", "stream" or a module's. Empty: of any.
    std::string_view type = {};
    /// About how many keys a server looks at in one step, from 1. It answers nobody else meanwhile: 1000 take it some
    /// 0.1 ms. Fewer make the scan slower, and others wait less.
    std::int64_t count = 1000;
    /// How many nodes are scanned at the same time, from 1. Each round of steps waits for the slowest of them.
    std::size_t parallel = 1;
    /// Returns each key once. It costs the memory of the keys of all slots that are under way, each with some 60 bytes
    /// more: since Valkey 8.0 a few slots for each node that is scanned at the time, before that all keys of these
    /// nodes, and of a single server all its keys. What another process returned before `cursor` was stored may come
    /// again.
    bool unique = false;
    /// Uses CLUSTERSCAN where a node has it (Valkey 9.1). The keys are the same without.
    bool clusterscan = true;
    /// Goes on where another scan was: what its cursor() returned. `match` and `type` must be the same, the rest need
    /// not. Empty or "0": from the beginning.
    std::string_view cursor = {};
};

/// Options of sscan(), hscan() and zscan(). The views must stay until the call has returned.
struct member_scan_options {
    /// Only members that match this glob pattern; of a hash its fields, not their values. "*": all.
    std::string_view match = "*";
    /// About how many members the server looks at in one step, from 1.
    std::int64_t count = 1000;
};

}  // namespace valkeyxx
