// Ctrl-C: the demo ends at its next step, and takes its servers and folders down as it would anyway.
#pragma once

#include "support/poll.hpp"

namespace valkeyxx::demo {

/// Passes through poll_until.
struct interrupted : testing::give_up {
    interrupted() : give_up("interrupted") {}
};

/// From now on SIGINT, SIGTERM and SIGHUP are remembered; a second one ends the program at once. Call it first in
/// main(): threads made later must not take the signals.
void watch_signals();

/// Throws `interrupted` if a signal has come.
void check_interrupt();

}  // namespace valkeyxx::demo
