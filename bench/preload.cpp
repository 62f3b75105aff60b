// Preloading by the raw loop's own means.
#include "preload.hpp"

#include <set>

#include "raw_protocol.hpp"
#include "raw_socket.hpp"

namespace valkeyxx::bench {
namespace {

void set_all(const keyspace& keys, std::span<const std::uint16_t> ports) {
    const raw_command command(keys, true);
    const raw_reply reply(keys, true);
    auto sockets = connect_all(ports);
    std::string request = command.bytes();
    raw_reader reader(reply.size());
    for (std::uint32_t key = 0; key < key_count; ++key) {
        command.patch(request.data(), key);
        raw_socket& socket = sockets[ports.size() == 1 ? 0 : owner_of(slot_of(keys.key(key)))];
        socket.send_all(request);
        for (bool answered = false; !answered;) {
            reader.take(socket.receive(reader.space()), [&](const char* bytes) {
                if (!reply.answers(key, bytes))
                    die("a server refused to set a key: is the cluster laid out as expected?");
                answered = true;
            });
        }
    }
}

}  // namespace

void preload(const server_ports& servers) {
    std::set<std::size_t> value_sizes;
    for (const scenario& s : all_scenarios()) value_sizes.insert(s.value_size);
    for (const std::size_t size : value_sizes) {
        const keyspace keys(size);
        set_all(keys, std::span(&servers.standalone, 1));
        set_all(keys, servers.cluster);
    }
}

}  // namespace valkeyxx::bench
