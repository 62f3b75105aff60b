// A listener that remembers the first failure.
#include "support/gtest_support.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "support/failure.hpp"

namespace valkeyxx::testing {

namespace {

std::atomic<bool> failed{false};

// Not asked from GoogleTest at the end: a shared server ends after the last test, one inside a test before its end.
class failure_listener : public ::testing::EmptyTestEventListener {
    void OnTestPartResult(const ::testing::TestPartResult& result) override {
        if (result.failed()) failed = true;
    }
};

}  // namespace

void watch_for_failures() {
    ::testing::UnitTest::GetInstance()->listeners().Append(new failure_listener);  // which GoogleTest deletes
    set_failure_hook([] { return failed.load(); });
}

}  // namespace valkeyxx::testing
