// Random numbers, and values that can be checked without remembering them.
#include "valkeyxx_cli/bench_workload.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace valkeyxx::cli {

namespace {

using kind = bench_operation::kind;

// splitmix64: every seed gives a good sequence. Source: https://prng.di.unimi.it/splitmix64.c (public domain)
std::uint64_t next_random(std::uint64_t& state) noexcept {
    state += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
}

// FNV-1a: the same for every build of the program, so that one run can check what another one wrote.
std::uint64_t hash_of(std::string_view key) noexcept {
    std::uint64_t hash = 0xCBF29CE484222325U;
    for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
    return hash;
}

// The letters of a value, eight at a time. The length is part of the seed: a value that was cut off is a wrong one.
class letters {
  public:
    letters(std::string_view key, std::size_t size) noexcept : state_{hash_of(key) ^ (size * 0xD6E8FEB86659FD93U)} {}

    std::array<char, 8> next() noexcept {
        const auto word = (next_random(state_) & 0x0F0F0F0F0F0F0F0FU) + 0x6161616161616161U;  // from a to p
        std::array<char, 8> eight{};
        std::memcpy(eight.data(), &word, eight.size());
        return eight;
    }

  private:
    std::uint64_t state_;
};

void append(std::string& to, std::uint64_t number) {
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    to.append(digits.data(), end);
}

}  // namespace

bench_dice::bench_dice(const bench_plan& plan, std::uint64_t seed)
    : command_{plan.command}, keys_{plan.keys}, state_{seed} {
    draw();  // small seeds are neighbours
    state_ = draw();
}

std::uint64_t bench_dice::draw() noexcept {
    return next_random(state_);
}

bench_operation bench_dice::next() noexcept {
    const auto number = draw() % keys_;
    switch (command_) {
        case bench_command::get:
            return {kind::get, number};
        case bench_command::set:
            return {kind::set, number};
        case bench_command::incr:
            return {kind::incr, number};
        case bench_command::mix:
            break;
    }
    const auto of_ten = draw() % 10;
    return {of_ten < 6 ? kind::get : of_ten < 9 ? kind::set : kind::incr, number};
}

bench_workload::bench_workload(const bench_plan& plan)
    : values_prefix_{plan.prefix + "key:"}, counters_prefix_{plan.prefix + "counter:"}, size_{plan.size} {}

std::string_view bench_workload::key(const bench_operation& operation) {
    key_ = operation.what == kind::incr ? counters_prefix_ : values_prefix_;
    append(key_, operation.number);
    return key_;
}

std::string_view bench_workload::value(std::string_view key) {
    letters source{key, size_};
    value_.resize(size_);
    for (std::size_t at = 0; at < size_; at += 8) {
        const auto eight = source.next();
        std::memcpy(value_.data() + at, eight.data(), std::min<std::size_t>(eight.size(), size_ - at));
    }
    return value_;
}

bool bench_workload::is_right(std::string_view key, const std::optional<std::string>& got) {
    if (!got) return true;
    letters source{key, got->size()};
    for (std::size_t at = 0; at < got->size(); at += 8) {
        const auto eight = source.next();
        if (std::memcmp(got->data() + at, eight.data(), std::min<std::size_t>(eight.size(), got->size() - at)) != 0) {
            return false;
        }
    }
    return !got->empty();
}

}  // namespace valkeyxx::cli
