// Any number of commands in bounded memory: made when there is room for them, their results told in order.
//
//   std::ifstream file{"users.txt"};
//   auto next = [&]() -> std::optional<vk::command<bool>> {
//       std::string key, name;
//       if (!(file >> key >> name)) return std::nullopt;
//       return set(key, name);
//   };
//   vk::execute_stream(cluster, next, [&](std::size_t n, const vk::result<bool>& r) { if (!r) report(n, r.error()); });
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include <valkeyxx/client.hpp>

namespace valkeyxx {

/// How much is under way at once: two chunks, of which one is at the servers while the other is made or told.
struct stream_options {
    std::size_t chunk = 1000;             ///< commands of one chunk; at least 1
    std::size_t chunk_bytes = 1'048'576;  ///< a chunk ends earlier when its requests have grown to this
};

namespace detail {

/// A pipeline that was started and is waited for later.
class running_pipeline {
  public:
    running_pipeline(client& c, const pipeline& batch, pipeline_result& into);
    running_pipeline(const running_pipeline&) = delete;
    running_pipeline& operator=(const running_pipeline&) = delete;
    /// Waits.
    ~running_pipeline();

  private:
    struct state;
    std::unique_ptr<state> state_;
};

template <class Next>
using streamed_reply =
    typename std::remove_cvref_t<decltype(**std::declval<std::invoke_result_t<Next&>*>())>::reply_type;

/// One of the two chunks.
struct stream_chunk {
    pipeline batch{};
    pipeline_result done{};
    std::size_t first = 0;  // the number of its first command

    /// Fills it anew; false if there is nothing left.
    template <class Next>
    bool fill(Next& next, std::size_t& number, bool& more, const stream_options& options) {
        batch.clear();
        first = number;
        while (more && batch.size() < options.chunk && batch.bytes() < options.chunk_bytes) {
            if (auto c = next()) {
                batch.add(*c);
                ++number;
            } else {
                more = false;
            }
        }
        return !batch.empty();
    }
    template <class R, class Tell>
    void tell_all(Tell& tell) const {
        for (std::size_t i = 0; i < batch.size(); ++i) tell(first + i, done.get<R>(i));
    }
};

}  // namespace detail

/// Runs the commands that `next()` gives, an `optional<command<R>>`, until it gives none; `tell(n, result<R>)` is
/// called for each, in order, n counting from 0. Commands for the same slot take effect in order; each has its own
/// outcome, as in a pipeline. Both are called on this thread, and may use the client. What they throw ends it once what
/// is under way has its outcome, which is then not told. @return how many commands were run
template <std::invocable Next, class Tell>
std::size_t execute_stream(client& c, Next next, Tell tell, stream_options options = {}) {
    using reply = detail::streamed_reply<Next>;
    std::array<detail::stream_chunk, 2> chunks;
    std::array<std::optional<detail::running_pipeline>, 2> running;  // after the chunks: ends before they do
    std::size_t number = 0;
    bool more = true;
    const auto start = [&](std::size_t i) {
        if (chunks[i].fill(next, number, more, options)) running[i].emplace(c, chunks[i].batch, chunks[i].done);
    };
    start(0);
    for (std::size_t now = 0; running[now]; now = 1 - now) {
        start(1 - now);
        running[now].reset();  // waits
        chunks[now].template tell_all<reply>(tell);
    }
    return number;
}

/// The same for a range of commands, all with the same type of reply.
template <class Range, class Tell>
    requires requires(const Range& r) { std::begin(r) != std::end(r); }
std::size_t execute_stream(client& c, const Range& commands, Tell tell, stream_options options = {}) {
    auto at = std::begin(commands);
    const auto end = std::end(commands);
    using element = std::remove_cvref_t<decltype(*at)>;
    const auto next = [&]() -> std::optional<element> {
        if (at == end) return std::nullopt;
        std::optional<element> one{*at};
        ++at;
        return one;
    };
    return execute_stream(c, next, std::move(tell), options);
}

}  // namespace valkeyxx
