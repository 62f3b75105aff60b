// main() of every test program that needs real servers, unless it has its own.
#include <gtest/gtest.h>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <string_view>

#include "support/gtest_support.hpp"
#include "support/network.hpp"
#include "support/server_binary.hpp"

namespace {

constexpr int skipped = 77;  // SKIP_RETURN_CODE in the build files

// On a developer's machine a missing server is no failure; where all is meant to be tested, nothing tested is one.
int exit_code_without_server() {
    const char* ci = std::getenv("CI");
    return ci != nullptr && std::string_view(ci) == "true" ? EXIT_FAILURE : skipped;
}

}  // namespace

int main(int argc, char** argv) {
    valkeyxx::testing::isolate_network();
    ::testing::InitGoogleTest(&argc, argv);
    try {
        valkeyxx::testing::server_binary();
    } catch (const std::exception& error) {
        std::cerr << "integration tests did not run: " << error.what() << '\n';
        return exit_code_without_server();
    }
    valkeyxx::testing::watch_for_failures();
    return RUN_ALL_TESTS();
}
