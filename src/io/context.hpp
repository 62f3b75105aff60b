// The event loop: a Boost.Asio io_context, ours or the user's.
#pragma once

#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace valkeyxx::io {

using context = boost::asio::io_context;
using clock = std::chrono::steady_clock;
using time_point = clock::time_point;
/// Concrete, not any_io_executor: a type-erased executor costs several virtual calls and copies for each wait.
using timer = boost::asio::basic_waitable_timer<clock, boost::asio::wait_traits<clock>, context::executor_type>;

/// Runs `piece` once, from the loop.
template <class Piece>
void post(context& loop, Piece&& piece) {
    boost::asio::post(loop, std::forward<Piece>(piece));
}

}  // namespace valkeyxx::io
