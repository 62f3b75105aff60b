#include "client/shard_room.hpp"

#include <iterator>

namespace valkeyxx::clients {

// One that has waited elsewhere, until its slot had moved, may be older than those that are here.
void shard_room::stand_in_line(request& r) noexcept {
    auto place = waiting_.end();
    while (place != waiting_.begin() && std::prev(place)->number() > r.number()) --place;
    waiting_.insert(place, r);
    open_to_ = 0;
}

void shard_room::leave_line(request& r) noexcept {
    waiting_.erase(line::s_iterator_to(r));
    if (waiting_.empty()) open_to_ = most_commands_;
}

}  // namespace valkeyxx::clients
