#include "valkeyxx_cli/metrics_server.hpp"

#include <pthread.h>
#include <signal.h>

#include <chrono>
#include <cstddef>
#include <exception>
#include <optional>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <valkeyxx/metrics.hpp>

namespace valkeyxx::cli {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using namespace std::chrono_literals;

constexpr auto patience = 5s;  // for one request, and for who takes the answer
constexpr std::size_t longest_header = 8192;
constexpr std::size_t longest_body = 1024;  // which nobody has a reason to send
constexpr std::size_t longest_drain = 1048576;
constexpr std::size_t most_sessions = 32;

using request = http::request_parser<http::string_body>;
using response = http::response<http::string_body>;

response answer_to(const request& asked, const std::function<std::string()>& text) {
    const auto& what = asked.get();
    response answer{http::status::ok, what.version()};
    answer.keep_alive(what.keep_alive());
    const std::string_view target{what.target().data(), what.target().size()};
    const bool right = target.substr(0, target.find('?')) == "/metrics";
    const bool reads = what.method() == http::verb::get || what.method() == http::verb::head;
    answer.set(http::field::content_type, "text/plain; charset=utf-8");
    if (!right) {
        answer.result(http::status::not_found);
        answer.body() = "There is only /metrics.\n";
    } else if (!reads) {
        answer.result(http::status::method_not_allowed);
        answer.set(http::field::allow, "GET, HEAD");
        answer.body() = "Only GET and HEAD.\n";
    } else {
        answer.set(http::field::content_type, {metrics::content_type.data(), metrics::content_type.size()});
        answer.body() = text();
    }
    return answer;
}

// To what cannot be understood; nullopt: there is nobody to answer.
std::optional<response> answer_to(error_code failure) {
    if (failure.category() != make_error_code(http::error::bad_method).category()) return std::nullopt;
    if (failure == http::error::end_of_stream || failure == http::error::partial_message) return std::nullopt;
    const auto status = failure == http::error::header_limit ? http::status::request_header_fields_too_large
                        : failure == http::error::body_limit ? http::status::payload_too_large
                                                             : http::status::bad_request;
    response answer{status, 11};
    answer.keep_alive(false);
    answer.set(http::field::content_type, "text/plain; charset=utf-8");
    answer.body() = "This cannot be understood: " + failure.message() + "\n";
    return answer;
}

class session : public std::enable_shared_from_this<session> {
  public:
    session(tcp::socket socket, const std::function<std::string()>& text, std::shared_ptr<void> place)
        : stream_{std::move(socket)}, text_{text}, place_{std::move(place)} {}

    void read() {
        request_.emplace();
        request_->header_limit(longest_header);
        request_->body_limit(longest_body);
        stream_.expires_after(patience);
        http::async_read(stream_, buffer_, *request_,
                         [self = shared_from_this()](error_code failure, std::size_t) { self->take(failure); });
    }

  private:
    void take(error_code failure) {
        if (!failure) {
            answer_ = answer_to(*request_, text_);
        } else if (auto complaint = answer_to(failure)) {
            answer_ = *std::move(complaint);
        } else {
            return;  // it has left, or was too slow
        }
        answer_.set(http::field::connection, answer_.keep_alive() ? "keep-alive" : "close");
        answer_.prepare_payload();
        serializer_.emplace(answer_);
        const bool head = !failure && request_->get().method() == http::verb::head;
        serializer_->split(head);  // of HEAD only the header is sent
        const auto then = [self = shared_from_this()](error_code ec, std::size_t) { self->answered(ec); };
        stream_.expires_after(patience);
        if (head) {
            http::async_write_header(stream_, *serializer_, then);
        } else {
            http::async_write(stream_, *serializer_, then);
        }
    }

    void answered(error_code failure) {
        if (!failure && answer_.keep_alive()) {
            read();
            return;
        }
        error_code gone;
        stream_.socket().shutdown(tcp::socket::shutdown_send, gone);
        if (!failure && !gone) drain();
    }

    // What is still coming is thrown away: a connection that is closed with something unread is reset, and the answer
    // may be lost with it.
    void drain() {
        buffer_.clear();
        if (drained_ > longest_drain) return;
        stream_.async_read_some(buffer_.prepare(longest_header),
                                [self = shared_from_this()](error_code failure, std::size_t bytes) {
                                    self->drained_ += bytes;
                                    if (!failure) self->drain();
                                });
    }

    boost::beast::tcp_stream stream_;
    const std::function<std::string()>& text_;
    std::shared_ptr<void> place_;
    boost::beast::flat_buffer buffer_{longest_header + longest_body};
    std::size_t drained_ = 0;
    std::optional<request> request_;
    response answer_;
    std::optional<http::response_serializer<http::string_body>> serializer_;
};

// Signals are for the main thread, which waits for them.
class no_signals {
  public:
    no_signals() {
        sigset_t all;
        sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    no_signals(const no_signals&) = delete;
    no_signals& operator=(const no_signals&) = delete;
    ~no_signals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  private:
    sigset_t before_{};
};

}  // namespace

class metrics_server::loop {
  public:
    loop(const endpoint& at, std::function<std::string()> text) : text_{std::move(text)} {
        try {
            const tcp::endpoint where{asio::ip::make_address(at.host), at.port};
            acceptor_.open(where.protocol());
            acceptor_.set_option(tcp::acceptor::reuse_address{true});
            acceptor_.bind(where);
            acceptor_.listen();
        } catch (const boost::system::system_error& failure) {
            throw std::system_error{failure.code(), "metrics cannot be served at " + at.text()};
        }
        accept();
        const no_signals here;
        thread_ = std::thread{[this] { context_.run(); }};
    }
    loop(const loop&) = delete;
    loop& operator=(const loop&) = delete;
    ~loop() {
        context_.stop();
        thread_.join();
    }
    endpoint at() const {
        const auto where = acceptor_.local_endpoint();
        return {where.address().to_string(), where.port()};
    }

  private:
    void accept() {
        acceptor_.async_accept([this](error_code failure, tcp::socket socket) {
            if (failure) {  // out of descriptors, perhaps
                pause_.expires_after(100ms);
                pause_.async_wait([this](error_code stopped) {
                    if (!stopped) accept();
                });
                return;
            }
            if (static_cast<std::size_t>(places_.use_count()) <= most_sessions) {
                std::make_shared<session>(std::move(socket), text_, places_)->read();
            }
            accept();
        });
    }

    const std::function<std::string()> text_;
    const std::shared_ptr<void> places_ = std::make_shared<char>();  // a session holds one
    asio::io_context context_{1};
    tcp::acceptor acceptor_{context_};
    asio::steady_timer pause_{context_};
    std::thread thread_;
};

metrics_server::metrics_server(const endpoint& at, std::function<std::string()> text)
    : loop_{std::make_unique<loop>(at, std::move(text))} {}
metrics_server::~metrics_server() = default;

endpoint metrics_server::at() const {
    return loop_->at();
}

}  // namespace valkeyxx::cli
