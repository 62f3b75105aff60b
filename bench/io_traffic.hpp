// The traffic that compares ways of doing I/O: GETs that are neither encoded nor parsed, over an exchangeable
// transport.
//
// A transport connects in its constructor and then does three things; all else is here, and the same for each.
//
//     out(node)   the bytes to send to a node next; the traffic appends to it
//     flush()     sends all that, now or as soon as it may
//     turn()      waits until something happens and hands what was received to the sink
#pragma once

#include <vector>

#include "async_load.hpp"
#include "raw_protocol.hpp"

namespace valkeyxx::bench {

/// @tparam Transport  of a `Sink`, which has space(node) and received(node, bytes)
template <template <class Sink> class Transport>
class io_traffic {
  public:
    explicit io_traffic(job& j)
        : job_{j},
          load_{j},
          command_{j.keys, false},
          reply_{j.keys, false},
          nodes_(j.ports().size(), node{raw_reader{reply_.size()}, std::vector<async_load::request>(j.what.width)}),
          transport_{j.ports(), *this} {}

    void run() {
        load_.start();
        fill();
        while (load_.in_flight() != 0) {
            transport_.turn();
            fill();
        }
        load_.stop();
    }

    /// Where the transport receives what comes from the node.
    std::span<char> space(std::size_t at) { return nodes_[at].reader.space(); }

    void received(std::size_t at, std::size_t bytes) {
        node& from = nodes_[at];
        from.reader.take(bytes, [&](const char* bytes_of_reply) {
            const async_load::request& r = from.owed[from.answered++ % from.owed.size()];
            if (bytes_of_reply[0] != '$') job_.wrong_reply(r.key);
            load_.finished(r, reply_.value(bytes_of_reply));
        });
    }

  private:
    struct node {
        raw_reader reader;
        std::vector<async_load::request> owed;  // a ring of as many as can be in flight at all
        std::size_t sent = 0;
        std::size_t answered = 0;
    };

    void fill() {
        // Not async: a batch, and one command is one of those, ends before the next begins.
        if (job_.what.shape != shape::async && load_.in_flight() != 0) return;
        while (load_.wants_more()) {
            const async_load::request r = load_.next();
            const std::size_t at = job_.node_of(r.key);
            node& to = nodes_[at];
            std::string& out = transport_.out(at);
            const std::size_t start = out.size();
            out += command_.bytes();
            command_.patch(out.data() + start, r.key);
            to.owed[to.sent++ % to.owed.size()] = r;
        }
        transport_.flush();
    }

    job& job_;
    async_load load_;
    raw_command command_;
    raw_reply reply_;
    std::vector<node> nodes_;
    Transport<io_traffic> transport_;
};

/// Registers a transport for all scenarios that compare them.
template <template <class Sink> class Transport>
struct io_registration : registration {
    explicit io_registration(std::string_view name)
        : registration{name,
                       {"get16", "pipe100", "pipe1000", "cpipe1000", "async64", "async1024", "casync64", "casync1024"},
                       [](job& j) { io_traffic<Transport>{j}.run(); }} {}
};

}  // namespace valkeyxx::bench
