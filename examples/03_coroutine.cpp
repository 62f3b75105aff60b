// The asynchronous client with coroutines, on the program's own Asio loop.
//
//   03_coroutine valkey://127.0.0.1:7000
#include <exception>
#include <iostream>
#include <optional>
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

asio::awaitable<void> greet(vk::config settings) {
    vk::async_cluster cluster{co_await asio::this_coro::executor, settings};

    co_await cluster.execute(set("user:3", "grace"), asio::use_awaitable);
    std::optional<std::string> name = co_await cluster.execute(get("user:3"), asio::use_awaitable);
    std::cout << "hello, " << name.value_or("nobody") << '\n';

    // try_execute gives a vk::result instead of throwing.
    auto count = co_await cluster.try_execute(incr("user:3"), asio::use_awaitable);
    if (!count) std::cout << "not counted: " << count.error().text() << '\n';
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: 03_coroutine URL\n";
        return 2;
    }
    try {
        asio::io_context loop{1};
        asio::co_spawn(loop, greet(vk::parse_url(argv[1]).value()), [](const std::exception_ptr& failure) {
            if (failure) std::rethrow_exception(failure);  // out of run()
        });
        loop.run();
    } catch (const std::exception& failure) {
        std::cerr << failure.what() << '\n';
        return 1;
    }
}
