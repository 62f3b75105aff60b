// Clock, histogram, and the cost of a run by getrusage and the preloaded allocation counter.
#include "harness.hpp"

#include <dlfcn.h>
#include <sys/resource.h>

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace valkeyxx::bench {
namespace {

using allocation_counter = std::uint64_t (*)();

// Only there if the program runs under the LD_PRELOAD library of alloc_count.c.
allocation_counter find_allocation_counter() {
    return reinterpret_cast<allocation_counter>(dlsym(RTLD_DEFAULT, "valkeyxx_bench_allocations"));
}

const allocation_counter allocations = find_allocation_counter();

double microseconds(const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
}

}  // namespace

void die(std::string_view what) {
    std::fprintf(stderr, "valkeyxx_bench: %.*s\n", static_cast<int>(what.size()), what.data());
    std::exit(1);
}

std::uint64_t now() {
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(t.tv_nsec);
}

void histogram::add(std::uint64_t nanoseconds) {
    std::size_t bucket = nanoseconds;
    if (nanoseconds >= steps) {
        // The top seven bits select the bucket: the leading one by its position, the six below it within the doubling.
        const auto shift = static_cast<std::size_t>(std::bit_width(nanoseconds)) - 7;
        bucket = (shift + 1) * steps + ((nanoseconds >> shift) - steps);
    }
    ++counts_[std::min(bucket, counts_.size() - 1)];
    ++entries_;
}

double histogram::percentile(double p) const {
    const auto wanted = static_cast<std::uint64_t>(p * static_cast<double>(entries_));
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
        seen += counts_[bucket];
        if (seen <= wanted) continue;
        const std::size_t doubling = bucket / steps;
        const std::uint64_t lowest = doubling ? (bucket % steps + steps) << (doubling - 1) : bucket;
        return static_cast<double>(lowest) / 1000.0;
    }
    return 0;
}

measurement::usage measurement::usage_now() {
    rusage r{};
    getrusage(RUSAGE_SELF, &r);
    return {microseconds(r.ru_utime), microseconds(r.ru_stime), allocations ? allocations() : 0};
}

void measurement::start() {
    before_ = usage_now();
    began_ = last_ = now();
    deadline_ = began_ + static_cast<std::uint64_t>(until_.seconds * 1e9);
}

void measurement::stop() {
    ended_ = now();
    after_ = usage_now();
}

void measurement::completed(std::uint64_t count) {
    const std::uint64_t began = last_;
    last_ = now();
    latencies_.add(last_ - began);
    operations_ += count;
}

void measurement::completed_since(std::uint64_t began) {
    last_ = now();
    latencies_.add(last_ - began);
    ++operations_;
}

std::string measurement::json(std::string_view client, std::string_view scenario) const {
    if (!operations_ || !ended_) die("the driver did not finish a run");
    const auto operations = static_cast<double>(operations_);
    const double seconds = static_cast<double>(ended_ - began_) / 1e9;
    const double user = (after_.user - before_.user) / operations;
    const double system = (after_.system - before_.system) / operations;
    const std::string allocated = allocations ? std::to_string(after_.allocations - before_.allocations) : "null";

    std::array<char, 512> line{};
    const int length = std::snprintf(
        line.data(), line.size(),
        R"({"client": "%.*s", "scenario": "%.*s", "ops": %llu, "seconds": %.6f, "ops_per_second": %.1f, )"
        R"("cpu_us": %.4f, "user_us": %.4f, "system_us": %.4f, "p50_us": %.3f, "p99_us": %.3f, "p999_us": %.3f, )"
        R"("allocations": %s})",
        static_cast<int>(client.size()), client.data(), static_cast<int>(scenario.size()), scenario.data(),
        static_cast<unsigned long long>(operations_), seconds, operations / seconds, user + system, user, system,
        latencies_.percentile(0.5), latencies_.percentile(0.99), latencies_.percentile(0.999), allocated.c_str());
    if (length < 0 || static_cast<std::size_t>(length) >= line.size()) die("a result line does not fit");
    return {line.data(), static_cast<std::size_t>(length)};
}

}  // namespace valkeyxx::bench
