// How keys and values are made.
#include "keys.hpp"

#include <cstdio>
#include <cstring>

#include "harness.hpp"

namespace valkeyxx::bench {
namespace {

constexpr std::size_t block_size = 16;

// splitmix64: distinct inputs give distinct outputs, so no two blocks of any two values are equal.
std::uint64_t mix(std::uint64_t x) {
    x += 0x9E3779B97F4A7C15U;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
    return x ^ (x >> 31);
}

// Sixteen hexadecimal digits: printable, so that a value can be looked at with valkey-cli.
void write_block(char* to, std::uint64_t number) {
    for (std::size_t i = 0; i < block_size; ++i) to[i] = "0123456789abcdef"[(number >> (4 * i)) & 15];
}

}  // namespace

keyspace::keyspace(std::size_t value_size) : value_size_(value_size), bytes_(key_count * (key_size + value_size)) {
    if (value_size == 0 || value_size % block_size != 0) die("a value size must be a multiple of 16");
    const std::size_t blocks = value_size / block_size;
    char* to = bytes_.data();
    for (std::uint32_t index = 0; index < key_count; ++index) {
        char key[key_size + 1];
        std::snprintf(key, sizeof key, "v%04u:%010u", static_cast<unsigned>(value_size % 10'000), index);
        std::memcpy(to, key, key_size);
        to += key_size;
        for (std::size_t block = 0; block < blocks; ++block, to += block_size)
            write_block(to, mix(std::uint64_t{index} * blocks + block + (std::uint64_t{value_size} << 32)));
    }
}

}  // namespace valkeyxx::bench
