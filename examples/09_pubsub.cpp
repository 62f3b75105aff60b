// Subscriptions that stay, whatever happens to the cluster: one that waits, and one in a coroutine.
//
//   09_pubsub valkey://127.0.0.1:7000
#include <exception>
#include <iostream>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <valkeyxx/asio.hpp>
#include <valkeyxx/valkeyxx.hpp>

namespace asio = boost::asio;
namespace vk = valkeyxx;
using namespace vk::commands;

namespace {

void print_next(vk::subscriber& feed) {
    for (;;) {
        const vk::message m = feed.next();
        switch (m.what) {
            case vk::message_kind::message:
                std::cout << m.channel << ": " << m.payload << '\n';
                return;
            case vk::message_kind::gap:  // a failover, a lost connection: it is over
                std::cerr << m.channel << ": what was sent meanwhile may be missing\n";
                break;
            default:  // subscribed, gap_began ...
                break;
        }
    }
}

void read_the_news(const std::string& url) {
    vk::cluster cluster{url};
    vk::subscriber feed = cluster.subscriber();
    feed.subscribe("news");
    feed.ssubscribe("orders:eu", "orders:us");  // of any slots, on any nodes
    feed.ready().value();                       // all are confirmed; else says why not

    cluster.execute(publish("news", "all is well"));
    print_next(feed);
    cluster.execute(spublish("orders:us", "two hats"));
    print_next(feed);
}

asio::awaitable<void> read_more(std::string url) {
    vk::async_cluster cluster{co_await asio::this_coro::executor, vk::parse_url(url).value()};
    const vk::subscriber_options only_messages{.events = false};
    vk::async_subscriber feed = cluster.subscriber(only_messages);
    feed.psubscribe("weather:*");
    co_await feed.ready(asio::use_awaitable);

    auto report = publish("weather:north", "rain");
    co_await cluster.execute(report, asio::use_awaitable);
    const vk::message m = co_await feed.next(asio::use_awaitable);
    std::cout << m.channel << ": " << m.payload << " (by " << m.pattern << ")\n";
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: 09_pubsub URL\n";
        return 2;
    }
    try {
        read_the_news(argv[1]);
        asio::io_context loop;
        asio::co_spawn(loop, read_more(argv[1]), [](const std::exception_ptr& failure) {
            if (failure) std::rethrow_exception(failure);
        });
        loop.run();
    } catch (const std::exception& failure) {
        std::cerr << failure.what() << '\n';
        return 1;
    }
}
