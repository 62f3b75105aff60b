// The servers that all tests of one program share: all started first, then all waited for, ended after the last test.
//
//     struct servers {
//         valkey_cluster cluster;
//         valkey_server single;
//         void wait() { single.wait(); cluster.wait(); }
//     };
//     const auto registered = use_world<servers>();
//
//     TEST(moved, leads_to_the_right_node) { auto& cluster = world<servers>().cluster; ... }
#pragma once

#include <gtest/gtest.h>

#include <exception>
#include <memory>
#include <stdexcept>

namespace valkeyxx::testing {

template <class Servers>
class world_environment : public ::testing::Environment {
  public:
    void SetUp() override {
        try {
            servers_ = std::make_unique<Servers>();
            servers_->wait();
        } catch (const std::exception& error) {
            FAIL() << "the servers for these tests did not come up: " << error.what();  // no test runs then
        }
    }

    void TearDown() override { servers_.reset(); }

    static Servers& servers() {
        if (!servers_) throw std::logic_error("world<>() without use_world<>(), or outside of tests");
        return *servers_;
    }

  private:
    static inline std::unique_ptr<Servers> servers_;
};

/// Once per program, at namespace scope.
template <class Servers>
::testing::Environment* use_world() {
    return ::testing::AddGlobalTestEnvironment(new world_environment<Servers>);  // which GoogleTest deletes
}

template <class Servers>
Servers& world() {
    return world_environment<Servers>::servers();
}

}  // namespace valkeyxx::testing
