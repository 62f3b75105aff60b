#include "topology/sentinel_reply.hpp"

#include <algorithm>

namespace valkeyxx::topology {
namespace {

constexpr std::size_t longest_host = 255;  // what DNS allows

bool usable(const endpoint& at) noexcept {
    return !at.host.empty() && at.host != "?" && at.host.size() <= longest_host && at.port != 0;
}

template <class T>
result<void> take(T& to, reply_view answer) {
    auto decoded = decode<T>(answer);
    if (!decoded) return std::move(decoded).error();
    to = *std::move(decoded);
    return {};
}

}  // namespace

encoded_command request_for(sentinel_question q, std::string_view service) {
    switch (q) {
        case sentinel_question::myid:
            return commands::sentinel_myid().encoded();
        case sentinel_question::state:
            return commands::sentinel_master(service).encoded();
        case sentinel_question::replicas:
            return commands::sentinel_replicas(service).encoded();
        case sentinel_question::peers:
            return commands::sentinel_sentinels(service).encoded();
        case sentinel_question::address:
            break;
    }
    return commands::sentinel_get_master_addr_by_name(service).encoded();
}

result<void> read_answer(sentinel_question q, reply_view answer, sentinel_report& into) {
    switch (q) {
        case sentinel_question::myid:
            into.id = answer.text();
            return {};
        case sentinel_question::state:
            return take(into.state, answer);
        case sentinel_question::replicas: {
            auto done = take(into.replicas, answer);
            std::erase_if(into.replicas, [](const auto& r) { return !usable(r.address); });
            return done;
        }
        case sentinel_question::peers: {
            auto done = take(into.peers, answer);
            std::erase_if(into.peers, [](const auto& p) { return !usable(p.address); });
            return done;
        }
        case sentinel_question::address: {
            auto done = take(into.primary, answer);
            if (done && into.primary && !usable(*into.primary)) {
                return error{errc::unexpected_reply, "it names a primary without a usable address"};
            }
            return done;
        }
    }
    return {};
}

}  // namespace valkeyxx::topology
