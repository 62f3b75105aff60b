// What is due comes soonest first, once, and not before its time.
#include "client/timer_queue.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>
#include <vector>

namespace valkeyxx::clients {
namespace {

using namespace std::chrono_literals;

io::time_point at(int ms) {
    return io::time_point{} + std::chrono::milliseconds{ms};
}

// Writes down its name when it is due, and does what it is told to.
class alarm final : public timed {
  public:
    alarm(std::string name, std::string& log) : name_{std::move(name)}, log_{log} {}

    void on_due(io::time_point now) noexcept override {
        EXPECT_FALSE(scheduled());
        log_ += name_;
        if (next_) queue_->add(*this, now + *next_);
        next_.reset();
        if (other_ != nullptr) timer_queue::remove(*other_);
    }
    void again(timer_queue& q, std::chrono::milliseconds after) {
        queue_ = &q;
        next_ = after;
    }
    void then_remove(timed& other) { other_ = &other; }

  private:
    std::string name_;
    std::string& log_;
    timer_queue* queue_ = nullptr;
    std::optional<std::chrono::milliseconds> next_;
    timed* other_ = nullptr;
};

struct timer_queue_test : testing::Test {
    std::string log;
    timer_queue queue;
    alarm a{"a", log};
    alarm b{"b", log};
    alarm c{"c", log};
};

TEST_F(timer_queue_test, runs_soonest_first_and_only_what_is_due) {
    queue.add(b, at(20));
    queue.add(c, at(30));
    queue.add(a, at(10));
    EXPECT_EQ(queue.earliest(), at(10));
    queue.run(at(9));
    EXPECT_EQ(log, "");
    queue.run(at(20));
    EXPECT_EQ(log, "ab");
    EXPECT_FALSE(queue.empty());
    queue.run(at(100));
    EXPECT_EQ(log, "abc");
    EXPECT_TRUE(queue.empty());
    queue.run(at(200));
    EXPECT_EQ(log, "abc");
}

TEST_F(timer_queue_test, the_same_time_is_served_in_the_order_of_adding) {
    queue.add(c, at(10));
    queue.add(a, at(10));
    queue.add(b, at(10));
    queue.run(at(10));
    EXPECT_EQ(log, "cab");
}

TEST_F(timer_queue_test, adding_again_replaces_the_time) {
    queue.add(a, at(10));
    queue.add(b, at(20));
    queue.add(a, at(30));
    EXPECT_EQ(a.due(), at(30));
    queue.run(at(20));
    EXPECT_EQ(log, "b");
    queue.run(at(30));
    EXPECT_EQ(log, "ba");
}

TEST_F(timer_queue_test, removed_is_never_told_and_removing_twice_is_fine) {
    queue.add(a, at(10));
    EXPECT_TRUE(a.scheduled());
    timer_queue::remove(a);
    timer_queue::remove(a);
    EXPECT_FALSE(a.scheduled());
    EXPECT_TRUE(queue.empty());
    queue.run(at(10));
    EXPECT_EQ(log, "");
}

TEST_F(timer_queue_test, destruction_leaves_the_queue) {
    {
        alarm gone{"x", log};
        queue.add(gone, at(5));
        queue.add(a, at(10));
    }
    EXPECT_EQ(queue.earliest(), at(10));
    queue.run(at(10));
    EXPECT_EQ(log, "a");
}

TEST_F(timer_queue_test, what_is_due_may_add_itself_anew) {
    a.again(queue, 10ms);
    queue.add(a, at(10));
    queue.run(at(10));
    EXPECT_EQ(log, "a");
    EXPECT_EQ(a.due(), at(20));
    queue.run(at(20));
    EXPECT_EQ(log, "aa");
}

TEST_F(timer_queue_test, what_is_due_may_remove_another_that_is_due_too) {
    a.then_remove(b);
    queue.add(a, at(10));
    queue.add(b, at(10));
    queue.add(c, at(10));
    queue.run(at(10));
    EXPECT_EQ(log, "ac");
}

TEST_F(timer_queue_test, any_order_of_adding_runs_in_order_of_time) {
    std::mt19937 random{11};
    std::vector<std::unique_ptr<alarm>> alarms;
    std::string expected;
    for (int i = 0; i < 26; ++i) {
        expected += static_cast<char>('A' + i);
        alarms.push_back(std::make_unique<alarm>(std::string(1, expected.back()), log));
    }
    std::vector<std::size_t> order(alarms.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::shuffle(order.begin(), order.end(), random);
    for (const std::size_t i : order) queue.add(*alarms[i], at(static_cast<int>(i)));
    for (int ms = 0; ms < 26; ++ms) queue.run(at(ms));
    EXPECT_EQ(log, expected);
}

}  // namespace
}  // namespace valkeyxx::clients
