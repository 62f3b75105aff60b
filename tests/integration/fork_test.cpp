// Clients in a process that forks: the child is refused whatever it asks of them, and the parent notices nothing.
#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "integration/client_world.hpp"
#include "support/sentinel_set.hpp"
#include "support/server.hpp"
#include "support/socket.hpp"
#include "support/world.hpp"

#include <valkeyxx/asio.hpp>
#include <valkeyxx/lock.hpp>
#include <valkeyxx/metrics.hpp>

namespace valkeyxx::testing {
namespace {

using namespace std::chrono_literals;
using namespace commands;
namespace asio = boost::asio;

struct servers {
    valkey_server one;
    valkey_cluster nodes{{.shards = 2, .replicas = 1, .node_timeout = 5s}};
    sentinel_set watched{{.sentinels = 1, .replicas = 1}};
    void wait() {
        one.wait();
        watched.wait();
        nodes.wait();
    }
};

const auto registered = use_world<servers>();

// A child of a process with threads may find the allocator of this AddressSanitizer locked for good.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool threads_may_allocate = false;
#elif defined(__has_feature)
constexpr bool threads_may_allocate = !__has_feature(address_sanitizer);
#else
constexpr bool threads_may_allocate = true;
#endif

// What a child found wrong; it leaves at the first thing.
struct complaint {
    std::string text;
};

void expect(bool right, const std::string& otherwise) {
    if (!right) throw complaint{otherwise};
}

// Runs `what` in a forked child. What was wrong there; empty: nothing.
std::string in_child(const std::function<void()>& what) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
    unique_fd from{ends[0]};
    unique_fd to{ends[1]};
    const pid_t child = ::fork();
    if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (child == 0) {
        ::alarm(static_cast<unsigned>(std::chrono::ceil<std::chrono::seconds>(stretched(20s)).count()));
        std::string said;
        try {
            what();
        } catch (const complaint& c) {
            said = c.text;
        } catch (const std::exception& e) {
            said = std::string{"threw "} + e.what();
        }
        const auto written = ::write(to.get(), said.data(), said.size());
        ::_exit(written == static_cast<ssize_t>(said.size()) ? 0 : 1);
    }
    to = {};
    std::string said;
    std::array<char, 4096> room{};
    for (ssize_t got = 0; (got = ::read(from.get(), room.data(), room.size())) > 0;) {
        said.append(room.data(), static_cast<std::size_t>(got));
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) said += " (ended by signal " + std::to_string(WTERMSIG(status)) + ")";
    if (WIFEXITED(status) && WEXITSTATUS(status) != 0) said += " (exit " + std::to_string(WEXITSTATUS(status)) + ")";
    return said;
}

template <class R>
void expect_refused(const result<R>& r, const std::string& of) {
    expect(!r, of + " was not refused");
    expect(r.error().which() == errc::after_fork, of + " was refused because: " + r.error().message());
    expect(r.error().executed() == executed::no, of + " may have run");
}

config of_server() {
    config c{.seeds = {{"127.0.0.1", world<servers>().one.port()}}};
    c.command_timeout = stretched(10s);
    return c;
}

config of_service() {
    config c = parse_url(world<servers>().watched.url()).value();
    c.command_timeout = stretched(10s);
    return c;
}

config of_cluster() {
    return config_for(world<servers>().nodes);
}

// All that a synchronous client is used for, begun before the fork.
template <class Client>
struct everything_waiting {
    explicit everything_waiting(const config& c) : of{std::make_unique<Client>(c)} {
        of->execute(set("k", "v"));
        id = of->execute(client_id(), on_primary_of("k"));
        begun.emplace(of->new_session());
        begun->execute(raw("WATCH", "k"));
        begun->execute(raw("CLIENT", "NO-TOUCH", "on"));  // its connection is closed when the session is over
        messages.emplace(of->subscriber({.events = false}));
        messages->subscribe("news");
        if (auto r = messages->ready(stretched(5s)); !r) throw exception{r.error()};
        held.emplace(*of, "held");
        held->acquire(1s);
    }

    static target on_primary_of(std::string_view key) { return on_slot(key_slot(key)); }

    // In the child.
    void is_refused() {
        expect_refused(of->try_execute(get("k")), "GET");
        expect_refused(of->try_execute(dbsize(), on_all_primaries()), "DBSIZE");
        expect_refused(of->try_execute(blpop({"list"}, 0s)), "BLPOP");
        pipeline batch;
        const auto first = batch.add(get("k"));
        const auto last = batch.add(incr("n"));
        const auto done = of->execute(batch);
        expect_refused(done[first], "the first of a pipeline");
        expect_refused(done[last], "the last of a pipeline");
        transaction t;
        t.add(set("k", "w"));
        expect_refused(of->try_execute(t), "a transaction");
        expect_refused(begun->try_execute(get("k")), "a command of a session");
        expect_refused(of->new_session().try_execute(get("k")), "a command of a new session");
        try {
            messages->next();
            throw complaint{"a subscriber has a message"};
        } catch (const exception& e) {
            expect_refused(result<int>{e.error()}, "a message");
        }
        expect_refused(messages->ready(1h), "readiness");
        auto others = of->subscriber();
        others.subscribe("news");
        expect_refused(others.ready(1h), "a new subscriber");
        try {
            for (const std::string& key : of->execute(keys("*"))) expect(key.empty(), "KEYS found " + key);
            throw complaint{"KEYS was not refused"};
        } catch (const exception& e) {
            expect_refused(result<int>{e.error()}, "KEYS");
        }
        try {
            for (const std::string& key : scan(*of)) expect(key.empty(), "a scan found " + key);
            throw complaint{"a scan was not refused"};
        } catch (const exception& e) {
            expect_refused(result<int>{e.error()}, "a scan");
        }
        expect(of->topology()->shards().empty(), "there is a topology");
        expect(of->node_statistics().empty(), "there are nodes");
        static_cast<void>(of->statistics());
        messages->unsubscribe("news");
        held.reset();
        begun.reset();
        messages.reset();
        of->close();
        of.reset();
    }
    // In the parent, after all that.
    void goes_on() {
        EXPECT_EQ(of->execute(client_id(), on_primary_of("k")), id);
        EXPECT_TRUE(held->owned());
        transaction t;
        t.add(set("k", "v"));
        EXPECT_TRUE(begun->try_execute(t));
        of->execute(publish("news", "today"));
        const auto m = messages->next(stretched(5s));
        ASSERT_TRUE(m);
        EXPECT_EQ(m->payload, "today");
        EXPECT_EQ(of->statistics().disconnects, 0U);
    }

    std::unique_ptr<Client> of;
    std::int64_t id = 0;
    std::optional<session> begun;
    std::optional<subscriber> messages;
    std::optional<valkeyxx::lock> held;
};

// The same of an asynchronous one.
template <class Client>
struct everything_started {
    explicit everything_started(const config& c) : of{std::make_unique<Client>(c)} {
        of->execute(set("k", "v"), asio::use_future).get();
        id = of->execute(client_id(), on_slot(key_slot("k")), asio::use_future).get();
        begun.emplace(of->new_session());
        begun->execute(raw("WATCH", "k"), asio::use_future).get();
        begun->execute(raw("CLIENT", "NO-TOUCH", "on"), asio::use_future).get();
        messages.emplace(of->subscriber({.events = false}));
        messages->subscribe("news");
        messages->ready(asio::use_future).get();
        popped = of->execute(blpop({"list"}, 0s), asio::use_future);
    }

    // In the child. A callback is called before the call that it is given to returns: there is no thread to do it.
    void is_refused() {
        const auto ended = [](auto start) {
            auto seen = std::make_shared<std::optional<error>>();
            start([seen](auto r) {
                if constexpr (requires { r.error(); }) *seen = r ? std::nullopt : std::optional{r.error()};
            });
            expect(seen->has_value(), "a callback was not called, or not with an error");
            expect_refused(result<int>{**seen}, "a started command");
        };
        ended([&](auto done) { of->execute(get("k"), done); });
        ended([&](auto done) { of->execute(dbsize(), on_all_primaries(), done); });
        ended([&](auto done) { of->execute(blpop({"list"}, 0s), done); });
        ended([&](auto done) { begun->execute(get("k"), done); });
        ended([&](auto done) { of->new_session().execute(get("k"), done); });
        ended([&](auto done) {
            transaction t;
            t.add(set("k", "w"));
            of->execute(std::move(t), done);
        });
        pipeline batch;
        const auto first = batch.add(get("k"));
        const auto last = batch.add(incr("n"));
        bool over = false;
        of->execute(batch, [&](const pipeline_result& done) {
            over = true;
            expect_refused(done[first], "the first of a pipeline");
            expect_refused(done[last], "the last of a pipeline");
        });
        expect(over, "a pipeline has not ended");
        // One that begins another when it is over.
        int in_a_row = 0;
        std::function<void()> again = [&] {
            of->execute(get("k"), [&](const auto&) {
                if (++in_a_row < 100'000) again();
            });
        };
        again();
        expect(in_a_row == 100'000, "a completion has begun another command in vain");
        auto keys = scan(*of);
        ended([&](auto done) { keys.try_next(done); });
        try {
            messages->try_next();
            throw complaint{"a subscriber was not refused"};
        } catch (const exception& e) {
            expect_refused(result<int>{e.error()}, "a message");
        }
        auto others = of->subscriber();
        others.subscribe("news");
        expect(!others.subscribed(), "it is subscribed");
        expect(popped.wait_for(0s) == std::future_status::timeout, "the parent's command has ended here");
        expect(of->topology()->shards().empty(), "there is a topology");
        expect(of->node_statistics().empty(), "there are nodes");
        begun.reset();
        messages.reset();
        of->close();
        of.reset();
    }
    void goes_on() {
        EXPECT_EQ(of->execute(client_id(), on_slot(key_slot("k")), asio::use_future).get(), id);
        transaction t;
        t.add(set("k", "v"));
        EXPECT_TRUE(begun->try_execute(std::move(t), asio::use_future).get());
        auto heard = messages->next(asio::use_future);
        of->execute(publish("news", "today"), asio::use_future).get();
        EXPECT_EQ(heard.get().payload, "today");
        of->execute(rpush("list", "x"), asio::use_future).get();
        EXPECT_EQ(popped.get()->element, "x");
        EXPECT_EQ(of->statistics().disconnects, 0U);
    }

    std::unique_ptr<Client> of;
    std::int64_t id = 0;
    std::optional<async_session> begun;
    std::optional<async_subscriber> messages;
    std::future<std::optional<popped_element>> popped;
};

template <class Everything>
void child_is_refused_and_parent_goes_on(const config& c) {
    Everything all{c};
    EXPECT_EQ(in_child([&] {
                  all.is_refused();
                  // A client of its own is as good as any.
                  client own{of_server()};
                  own.execute(set("child", "1"));
                  expect(own.execute(get("child")) == "1", "its own client reads something else");
              }),
              "");
    all.goes_on();
}

}  // namespace

TEST(a_forked_child, is_refused_by_a_client_of_a_server) {
    child_is_refused_and_parent_goes_on<everything_waiting<client>>(of_server());
    if (threads_may_allocate) child_is_refused_and_parent_goes_on<everything_started<async_client>>(of_server());
}

TEST(a_forked_child, is_refused_by_a_client_of_a_cluster) {
    child_is_refused_and_parent_goes_on<everything_waiting<cluster>>(of_cluster());
    if (threads_may_allocate) child_is_refused_and_parent_goes_on<everything_started<async_cluster>>(of_cluster());
}

TEST(a_forked_child, is_refused_by_a_client_of_a_service) {
    child_is_refused_and_parent_goes_on<everything_waiting<client>>(of_service());
    if (threads_may_allocate) child_is_refused_and_parent_goes_on<everything_started<async_client>>(of_service());
}

TEST(a_forked_child, is_refused_by_a_client_that_keeps_replies) {
    config c = of_cluster();
    c.cache.enabled = true;
    cluster nodes{c};
    nodes.execute(set("kept", "1"));
    nodes.execute(get("kept").cached(1h));
    EXPECT_EQ(in_child([&] { expect_refused(nodes.try_execute(get("kept").cached(1h)), "a kept reply"); }), "");
    EXPECT_EQ(nodes.execute(get("kept").cached(1h)), "1");
    EXPECT_EQ(nodes.cache_statistics().hits, 1U);
}

TEST(a_forked_child, is_refused_by_the_sentinels_of_its_parent) {
    asio::io_context loop;
    async_sentinel sentinels{loop, of_service()};
    EXPECT_EQ(in_child([&] {
                  try {
                      static_cast<void>(sentinels.primary());
                  } catch (const exception& e) {
                      expect(e.error().which() == errc::after_fork, e.what());
                      return;
                  }
                  throw complaint{"it follows the parent's sentinels"};
              }),
              "");
}

TEST(a_forked_child, is_told_what_to_do) {
    client c{of_server()};
    EXPECT_EQ(in_child([&] {
                  const std::string why = c.try_execute(get("k")).error().message();
                  expect(why.find("needs a client of its own, made after fork()") != std::string::npos, why);
              }),
              "");
}

TEST(a_forked_child, has_children_that_are_refused_too) {
    client c{of_server()};
    c.execute(set("k", "v"));
    EXPECT_EQ(in_child([&] {
                  client own{of_server()};
                  own.execute(get("k"));
                  const std::string below = in_child([&] {
                      expect_refused(c.try_execute(get("k")), "the grandparent's client");
                      expect_refused(own.try_execute(get("k")), "the parent's client");
                  });
                  expect(below.empty(), below);
                  expect(own.execute(get("k")) == "v", "its own client is refused");
              }),
              "");
    EXPECT_EQ(c.execute(get("k")), "v");
}

// A thread of the parent holds the client's lock, and is in the midst of a call, when the process forks.
TEST(a_forked_child, does_not_wait_for_a_lock_that_nobody_gives_back) {
    client c{of_server()};
    c.execute(set("k", "v"));
    std::promise<void> inside;
    std::promise<void> leave;
    std::thread other{[&] {
        c.visit(get("k"), [&](reply_view) {
             inside.set_value();
             leave.get_future().wait();
         }).value();
    }};
    inside.get_future().wait();
    EXPECT_EQ(in_child([&] {
                  expect_refused(c.try_execute(get("k")), "GET");
                  static_cast<void>(c.statistics());
                  c.close();
              }),
              "");
    leave.set_value();
    other.join();
    EXPECT_EQ(c.execute(get("k")), "v");
}

// It waits for room when the process forks: the child must not send it as well.
TEST(a_forked_child, does_not_start_what_waits_in_its_parent) {
    auto& server = world<servers>().one;
    config c = of_server();
    c.max_in_flight = 1;
    c.when_full = full_policy::wait;
    client shared{c};
    shared.execute(set("waits", "0"));
    server.pause();
    std::thread first{[&] { shared.execute(get("waits")); }};
    poll_until("the first one to be under way", [&] { return shared.statistics().under_way == 1; });
    std::thread second{[&] { shared.execute(incr("waits")); }};
    poll_until("the second one to wait", [&] { return shared.statistics().waiting_for_room == 1; });
    const std::string complaint = in_child([&] {
        for (int i = 0; i < 3; ++i) expect_refused(shared.try_execute(get("waits")), "GET");
    });
    server.resume();
    first.join();
    second.join();
    EXPECT_EQ(complaint, "");
    EXPECT_EQ(shared.execute(get("waits")), "1");
}

TEST(a_forked_child, does_not_wait_for_what_its_parent_has_begun) {
    asio::io_context loop;
    async_client c{loop, of_server()};
    bool over = false;
    c.execute(blpop({"nothing"}, 0s), [&](const auto&) { over = true; });
    loop.run_for(stretched(50ms));
    EXPECT_EQ(in_child([&] {
                  c.close();
                  expect(!over, "it has ended here");
              }),
              "");
    c.close();
    EXPECT_TRUE(over);
}

// Whoever forks with an io_context of his own may go on with it in the child, as Asio allows: the client's part of it
// must not read what the parent waits for.
TEST(a_forked_child, reads_no_replies_of_its_parent) {
    asio::io_context loop;
    async_client c{loop, of_server()};
    int right = 0;
    c.execute(set("k", "v"), [&](const result<bool>& r) { right += r ? 1 : 0; });
    while (right == 0) loop.run_one();
    right = 0;
    auto& server = world<servers>().one;
    server.pause();
    for (int i = 0; i < 1000; ++i) {
        c.execute(get("k"), [&](const auto& r) { right += r && *r == "v" ? 1 : 0; });
    }
    while (loop.poll() != 0) {
    }
    loop.notify_fork(asio::execution_context::fork_prepare);
    EXPECT_EQ(in_child([&] {
                  loop.notify_fork(asio::execution_context::fork_child);
                  ::kill(server.pid(), SIGCONT);
                  client own{of_server()};
                  own.execute(get("k"));  // the server has answered all that came before
                  loop.run_for(stretched(100ms));
                  expect(right == 0, "it has read the parent's replies");
              }),
              "");
    loop.notify_fork(asio::execution_context::fork_parent);
    server.resume();
    const auto until = std::chrono::steady_clock::now() + stretched(10s);
    while (right < 1000 && std::chrono::steady_clock::now() < until) loop.run_one_for(100ms);
    EXPECT_EQ(right, 1000);
}

// Forked at any moment, with threads in the midst of everything.
TEST(a_process_under_load, forks_children_that_are_refused_and_notices_nothing) {
    if (!threads_may_allocate) GTEST_SKIP() << "children cannot allocate memory";
    cluster waiting{of_cluster()};
    async_cluster started{of_cluster()};
    config watched = of_server();
    watched.watcher = std::make_shared<metrics>();
    client single{watched};
    std::atomic<bool> stop = false;
    std::atomic<int> wrong = 0;
    std::atomic<int> right = 0;
    const auto user = [&](int who) {
        const std::string key = "user" + std::to_string(who);
        for (int i = 0; !stop; ++i) {
            const std::string value = std::to_string(i);
            const auto round = [&](auto& c) {
                c.execute(set(key, value));
                pipeline batch;
                const auto one = batch.add(get(key));
                const auto other = batch.add(get("{" + key + "}:none"));
                const auto done = c.execute(batch);
                ++(done[one].value() == value && !done[other].value() ? right : wrong);
            };
            if (who % 2 == 0) {
                round(waiting);
            } else {
                round(single);
            }
            started.execute(incr("{" + key + "}:n"), asio::use_future).get();
        }
    };
    std::vector<std::thread> users;
    for (int i = 0; i < 4; ++i) users.emplace_back(user, i);
    poll_until("the users to be at work", [&] { return right > 100; });
    std::string complaints;
    for (int i = 0; i < 50 && complaints.empty(); ++i) {
        const int before = right;
        complaints = in_child([&] {
            expect_refused(waiting.try_execute(get("k")), "a cluster");
            expect_refused(single.try_execute(get("k")), "a server");
            bool refused = false;
            started.execute(get("k"), [&](const auto& r) { refused = !r && r.error() == errc::after_fork; });
            expect(refused, "an async cluster has not refused");
            const auto destroyed = std::make_unique<cluster>(std::move(waiting));
            const auto gone = std::make_unique<async_cluster>(std::move(started));
            cluster own{of_cluster()};
            own.execute(set("of the child", "1"));
            expect(own.execute(get("of the child")) == "1", "its own client reads something else");
        });
        poll_until("the users to go on", [&] { return right > before; });
    }
    stop = true;
    for (std::thread& u : users) u.join();
    EXPECT_EQ(complaints, "");
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(waiting.statistics().disconnects + single.statistics().disconnects + started.statistics().disconnects,
              0U);
}

}  // namespace valkeyxx::testing
