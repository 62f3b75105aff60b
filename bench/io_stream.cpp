// I/O as the library does it: its own stream, where Asio connects and waits, and recv and send are called directly.
#include "io/stream.hpp"

#include <deque>

#include "io_traffic.hpp"

namespace valkeyxx::bench {
namespace {

/// The streams to all nodes, and what is to be sent on each.
class stream_lines {
  public:
    explicit stream_lines(std::span<const std::uint16_t> ports) {
        for (const std::uint16_t port : ports) {
            line& l = lines.emplace_back(loop);
            bool connected = false;
            l.stream.connect({boost::asio::ip::address_v4::loopback(), port}, [&connected](std::error_code ec) {
                if (ec) die("connect: " + ec.message());
                connected = true;
            });
            while (!connected) loop.run_one();
            l.stream.connected({});
        }
    }

    struct line {
        explicit line(io::context& c) : stream{c} {}
        io::stream stream;
        std::string out;
        bool stuck = false;  // until it is writable
    };

    void flush() {
        for (line& l : lines) {
            if (!l.out.empty() && !l.stuck) write(l);
        }
    }

    static std::size_t checked(io::transfer done) {
        if (!done) die("read or write: " + done.failure.message());
        return done.bytes;
    }

    io::context loop{1};
    // Between connecting and waiting the loop has nothing to do, and would stop for good.
    boost::asio::executor_work_guard<io::context::executor_type> open{loop.get_executor()};
    std::deque<line> lines;

  private:
    void write(line& l) {
        l.out.erase(0, checked(l.stream.write(l.out)));
        if (l.out.empty()) return;
        l.stuck = true;
        l.stream.wait_writable([this, &l](boost::system::error_code) {
            l.stuck = false;
            write(l);
        });
    }
};

template <class Sink>
class stream_transport {
  public:
    stream_transport(std::span<const std::uint16_t> ports, Sink& sink) : sink_{sink}, lines_{ports} {
        for (std::size_t at = 0; at < ports.size(); ++at) await(at);
    }

    std::string& out(std::size_t at) { return lines_.lines[at].out; }
    void flush() { lines_.flush(); }
    void turn() { lines_.loop.run_one(); }

  private:
    void await(std::size_t at) {
        lines_.lines[at].stream.wait_readable([this, at](boost::system::error_code) { read(at); });
    }

    void read(std::size_t at) {
        for (;;) {
            const std::span<char> space = sink_.space(at);
            const std::size_t bytes = stream_lines::checked(lines_.lines[at].stream.read(space));
            sink_.received(at, bytes);
            if (bytes < space.size()) break;
        }
        await(at);
    }

    Sink& sink_;
    stream_lines lines_;
};

/// What a thread does that waits for one command: it sleeps in recv, and the loop has no part in it.
template <class Sink>
class blocking_transport {
  public:
    blocking_transport(std::span<const std::uint16_t> ports, Sink& sink) : sink_{sink}, lines_{ports} {
        lines_.lines[0].stream.allow_blocking(std::chrono::milliseconds{10});
    }

    std::string& out(std::size_t) { return lines_.lines[0].out; }
    void flush() { lines_.flush(); }
    void turn() { sink_.received(0, stream_lines::checked(lines_.lines[0].stream.read_blocking(sink_.space(0)))); }

  private:
    Sink& sink_;
    stream_lines lines_;
};

const io_registration<stream_transport> scenarios{"stream"};
const registration one_caller{"blocking", {"get16"}, [](job& j) { io_traffic<blocking_transport>{j}.run(); }};

}  // namespace
}  // namespace valkeyxx::bench
