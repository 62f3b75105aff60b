// The coroutine form of command_stream.hpp.
//
//   auto made = [&]() -> std::optional<vk::command<bool>> { ... };
//   auto told = [&](std::size_t n, const vk::result<bool>& r) { ... };
//   co_await vk::execute_stream(cluster, made, told);
#pragma once

#include <cstddef>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <valkeyxx/asio.hpp>
#include <valkeyxx/command_stream.hpp>

namespace valkeyxx {

/// As the form for a `client`, on which both functions are called in turn with what else its executor runs. The client
/// must outlive it. One chunk is at the servers at a time.
template <std::invocable Next, class Tell>
boost::asio::awaitable<std::size_t> execute_stream(async_client& c, Next next, Tell tell, stream_options options = {}) {
    using reply = detail::streamed_reply<Next>;
    detail::stream_chunk chunk;
    std::size_t number = 0;
    bool more = true;
    while (chunk.fill(next, number, more, options)) {
        chunk.done = co_await c.execute(chunk.batch, boost::asio::use_awaitable);
        chunk.template tell_all<reply>(tell);
    }
    co_return number;
}

}  // namespace valkeyxx
