// The limit of the pipeline scenarios: all commands of a node in one send, all nodes before the first reply is read.
#include "raw_protocol.hpp"
#include "raw_socket.hpp"
#include "registry.hpp"

namespace valkeyxx::bench {
namespace {

struct node_batch {
    node_batch(const raw_command& command, const raw_reply& reply, std::size_t width) : reader(reply.size()) {
        for (std::size_t i = 0; i < width; ++i) requests += command.bytes();
    }

    std::string requests;  // room for a whole batch; only keys and values change
    std::vector<std::uint32_t> keys;
    raw_reader reader;
};

void run_pipeline(job& j) {
    const raw_command command(j.keys, j.what.writes);
    const raw_reply reply(j.keys, j.what.writes);
    auto sockets = connect_all(j.ports());
    std::vector<node_batch> batches(sockets.size(), node_batch(command, reply, j.what.width));

    j.clock.start();
    while (j.clock.running()) {
        for (node_batch& batch : batches) batch.keys.clear();
        for (std::size_t i = 0; i < j.what.width; ++i) {
            const std::uint32_t key = j.pick();
            node_batch& batch = batches[j.node_of(key)];
            command.patch(batch.requests.data() + batch.keys.size() * command.size(), key);
            batch.keys.push_back(key);
        }
        for (std::size_t node = 0; node < sockets.size(); ++node)
            sockets[node].send_all({batches[node].requests.data(), batches[node].keys.size() * command.size()});

        for (std::size_t node = 0; node < sockets.size(); ++node) {
            node_batch& batch = batches[node];
            for (std::size_t answered = 0; answered < batch.keys.size();) {
                batch.reader.take(sockets[node].receive(batch.reader.space()), [&](const char* bytes) {
                    const std::uint32_t key = batch.keys[answered++];
                    if (!reply.answers(key, bytes)) j.wrong_reply(key);
                });
            }
        }
        j.clock.completed(j.what.width);
    }
    j.clock.stop();
}

const registration scenarios{"raw", {"pipe100", "pipe1000", "pipe1000_1k", "cpipe1000"}, run_pipeline};

}  // namespace
}  // namespace valkeyxx::bench
