// I/O by Asio alone, composed the ordinary way: always one async_read_some, and one async_write_some at a time.
#include <deque>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "io_traffic.hpp"

namespace valkeyxx::bench {
namespace {

namespace asio = boost::asio;

template <class Sink>
class asio_transport {
  public:
    asio_transport(std::span<const std::uint16_t> ports, Sink& sink) : sink_{sink} {
        for (const std::uint16_t port : ports) {
            line& l = lines_.emplace_back(loop_);
            l.socket.connect({asio::ip::address_v4::loopback(), port});
            l.socket.set_option(asio::ip::tcp::no_delay{true});
        }
        for (std::size_t at = 0; at < lines_.size(); ++at) read(at);
    }

    std::string& out(std::size_t at) { return lines_[at].out; }

    void flush() {
        for (line& l : lines_) {
            if (l.sending.empty() && !l.out.empty()) begin_write(l);
        }
    }

    void turn() { loop_.run_one(); }

  private:
    struct line {
        explicit line(asio::io_context& loop) : socket{loop} {}
        // Not asio::ip::tcp::socket: its type-erased executor would cost more than all else here.
        asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type> socket;
        std::string out;
        std::string sending;  // must stay where it is until it is written
        std::size_t sent = 0;
    };

    void read(std::size_t at) {
        const std::span<char> space = sink_.space(at);
        lines_[at].socket.async_read_some(asio::buffer(space.data(), space.size()),
                                          [this, at](boost::system::error_code ec, std::size_t bytes) {
                                              if (ec) die("read: " + ec.message());
                                              sink_.received(at, bytes);
                                              read(at);
                                          });
    }

    void begin_write(line& l) {
        l.sending.swap(l.out);
        l.sent = 0;
        write(l);
    }

    void write(line& l) {
        l.socket.async_write_some(asio::buffer(l.sending) + l.sent,
                                  [this, &l](boost::system::error_code ec, std::size_t bytes) {
                                      if (ec) die("write: " + ec.message());
                                      l.sent += bytes;
                                      if (l.sent < l.sending.size()) {
                                          write(l);
                                      } else {
                                          l.sending.clear();
                                          if (!l.out.empty()) begin_write(l);
                                      }
                                  });
    }

    Sink& sink_;
    asio::io_context loop_{1};
    std::deque<line> lines_;
};

const io_registration<asio_transport> scenarios{"asio"};

}  // namespace
}  // namespace valkeyxx::bench
