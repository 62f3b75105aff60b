// Read, decide, write, and begin again if somebody came between (WATCH ... MULTI ... EXEC).
//
//   auto done = vk::optimistic(cluster, {"stock"}, [&](vk::session& s, vk::transaction& t) {
//       const auto left = s.execute(get("stock").as<std::optional<std::int64_t>>());
//       if (left.value_or(0) > 0) t.add(decr("stock"));
//   });
#pragma once

#include <chrono>
#include <concepts>
#include <utility>

#include <valkeyxx/session.hpp>
#include <valkeyxx/strings.hpp>

namespace valkeyxx {

struct optimistic_options {
    /// Tries that end in a conflict, a redirect or a lost connection before the last reason is the result. At least 1.
    int tries = 100;
};

namespace detail {

/// Whether and when a read-decide-write is begun again; decides for the waiting and for the coroutine form alike.
class optimistic_course {
  public:
    explicit optimistic_course(const optimistic_options& options) noexcept : left_{options.tries} {}

    /// A try has failed. True: begin again after delay().
    /// @param harmless  what the try has done so far may be done again
    bool again(const error& why, bool harmless) noexcept;
    /// Grows with the tries, at random, so that those who disturb each other come apart.
    [[nodiscard]] std::chrono::microseconds delay() const noexcept;

  private:
    int left_;
    int tried_ = 0;
};

/// Lets the calling thread wait.
void pause(std::chrono::microseconds time);

/// WATCH for these keys.
command<void> watch(const strings& keys);

}  // namespace detail

/// Watches the keys, all of one slot, lets `build(session&, transaction&)` read in the session and fill the
/// transaction, and runs that. If a watched key was changed meanwhile it begins again, with a new session; also after a
/// redirect or a lost connection, as long as nothing may have run that must not run twice. An empty transaction is not
/// sent: its result is empty.
///
/// Errors: `transaction_conflict` when the tries are used up; what the transaction or a command in the session fails
/// with. Exceptions of `build` other than those end it and are passed on.
template <std::invocable<session&, transaction&> Build>
result<pipeline_result> try_optimistic(client& c, const strings& watched, Build build,
                                       optimistic_options options = {}) {
    const auto watch = detail::watch(watched);
    detail::optimistic_course course{options};
    for (;;) {
        session s = c.new_session();
        transaction t;
        result<pipeline_result> done = pipeline_result{};
        if (auto watching = s.try_execute(watch); !watching) {
            done = watching.error();
        } else {
            try {
                build(s, t);
                if (!t.empty()) done = s.try_execute(t);
            } catch (const exception& e) {
                done = e.error();
            }
        }
        if (done || !course.again(done.error(), s.harmless())) return done;
        detail::pause(course.delay());
    }
}

/// The same; throws `exception`.
template <std::invocable<session&, transaction&> Build>
pipeline_result optimistic(client& c, const strings& watched, Build build, optimistic_options options = {}) {
    return try_optimistic(c, watched, std::move(build), options).value();
}

}  // namespace valkeyxx
