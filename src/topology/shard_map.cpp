#include <valkeyxx/shard_map.hpp>

#include <algorithm>
#include <ostream>

namespace valkeyxx {

shard_map::shard_map() {
    owner_.fill(nobody);
}

shard_map::shard_map(std::vector<shard_info> shards) : shards_{std::move(shards)} {
    owner_.fill(nobody);
    for (std::size_t i = 0; i < shards_.size(); ++i) {
        for (const slot_range& range : shards_[i].slots) {
            std::fill(owner_.begin() + range.first, owner_.begin() + range.last + 1, static_cast<std::uint16_t>(i));
            covered_ += range.last - range.first + 1U;
        }
    }
}

const shard_info* shard_map::shard_of(std::uint16_t slot) const noexcept {
    return owner_[slot] == nobody ? nullptr : &shards_[owner_[slot]];
}

std::vector<node_info> shard_map::nodes() const {
    std::vector<node_info> all;
    const auto add = [&all](const node_info& node) {
        if (std::find(all.begin(), all.end(), node) == all.end()) all.push_back(node);
    };
    for (const shard_info& shard : shards_) {
        add(shard.primary);
        std::for_each(shard.replicas.begin(), shard.replicas.end(), add);
    }
    return all;
}

std::vector<node_info> shard_map::primaries() const {
    std::vector<node_info> all;
    all.reserve(shards_.size());
    for (const shard_info& shard : shards_) all.push_back(shard.primary);
    return all;
}

std::vector<node_info> shard_map::replicas() const {
    std::vector<node_info> all;
    for (const shard_info& shard : shards_) all.insert(all.end(), shard.replicas.begin(), shard.replicas.end());
    return all;
}

std::ostream& operator<<(std::ostream& out, const shard_map& t) {
    for (const shard_info& shard : t.shards()) {
        const char* separator = "slots ";
        for (const slot_range& range : shard.slots) {
            out << separator << range.first;
            if (range.last != range.first) out << '-' << range.last;
            separator = ",";
        }
        out << "  primary " << shard.primary.address.text();
        for (const node_info& replica : shard.replicas) out << "  replica " << replica.address.text();
        out << '\n';
    }
    return out;
}

}  // namespace valkeyxx
