// Which shard a success belongs to.
#include "valkeyxx_cli/bench_gaps.hpp"

#include <algorithm>

#include "valkeyxx_cli/slots.hpp"

namespace valkeyxx::cli {

bench_gaps::bench_gaps(const shard_map* map) {
    if (map == nullptr) return;
    of_slot_.resize(slot_count);
    for (const shard_info* info : in_slot_order(*map)) {
        shards_.push_back(std::make_unique<shard>(slots_text(info->slots)));
        for (const auto& range : info->slots) {
            std::fill(of_slot_.begin() + range.first, of_slot_.begin() + range.last + 1, shards_.back().get());
        }
    }
}

void bench_gaps::start(bench_clock::time_point at) noexcept {
    all_.start(at);
    for (auto& one : shards_) one->gap.start(at);
}

void bench_gaps::success_in_shard(std::string_view key, bench_clock::time_point at) noexcept {
    if (shard* one = of_slot_[key_slot(key)]) one->gap.success(at);
}

void bench_gaps::end(bench_clock::time_point at) noexcept {
    all_.success(at);
    for (auto& one : shards_) one->gap.success(at);
}

std::vector<bench_gaps::shard_gap> bench_gaps::by_shard() const {
    std::vector<shard_gap> all;
    for (const auto& one : shards_) all.push_back({one->slots, one->gap.longest()});
    return all;
}

}  // namespace valkeyxx::cli
