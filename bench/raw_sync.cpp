// The limit of the sync scenarios: one send and one recv for each command.
#include "raw_protocol.hpp"
#include "raw_socket.hpp"
#include "registry.hpp"

namespace valkeyxx::bench {
namespace {

void run_sync(job& j) {
    const raw_command command(j.keys, j.what.writes);
    const raw_reply reply(j.keys, j.what.writes);
    auto sockets = connect_all(j.ports());
    std::string request = command.bytes();
    raw_reader reader(reply.size());

    j.clock.start();
    while (j.clock.running()) {
        const std::uint32_t key = j.pick();
        command.patch(request.data(), key);
        raw_socket& socket = sockets[j.node_of(key)];
        socket.send_all(request);
        for (bool answered = false; !answered;) {
            reader.take(socket.receive(reader.space()), [&](const char* bytes) {
                if (!reply.answers(key, bytes)) j.wrong_reply(key);
                answered = true;
            });
        }
        j.clock.completed(1);
    }
    j.clock.stop();
}

const registration scenarios{"raw", {"get16", "set16", "get1k", "cached16", "cget16"}, run_sync};

}  // namespace
}  // namespace valkeyxx::bench
