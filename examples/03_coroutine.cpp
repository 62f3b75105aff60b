// The asynchronous client with coroutines, on the program's own Asio loop.
//
//   03_coroutine valkey://127.0.0.1:7000
#include <chrono>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
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

asio::awaitable<void> wait_for_a_job(vk::config settings) {
    using namespace asio::experimental::awaitable_operators;
    const auto executor = co_await asio::this_coro::executor;
    vk::async_cluster cluster{executor, settings};
    asio::steady_timer patience{executor, std::chrono::milliseconds{50}};

    // Whichever is over first cancels the other one. (They have names since GCC 12 miscompiles longer expressions.)
    auto job = cluster.execute(blpop({"jobs:none"}, std::chrono::seconds{0}), asio::use_awaitable);
    auto enough = patience.async_wait(asio::use_awaitable);
    auto either = std::move(job) || std::move(enough);
    const auto first = co_await std::move(either);
    if (first.index() == 1) std::cout << "there is no job\n";
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
        loop.restart();
        asio::co_spawn(loop, wait_for_a_job(vk::parse_url(argv[1]).value()), [](const std::exception_ptr& failure) {
            if (failure) std::rethrow_exception(failure);
        });
        loop.run();
    } catch (const std::exception& failure) {
        std::cerr << failure.what() << '\n';
        return 1;
    }
}
