// How much memory this program has.
#pragma once

#include <cstddef>
#include <fstream>

#include <unistd.h>

namespace valkeyxx::testing {

/// In memory at the moment, not what was asked for.
inline std::size_t resident_bytes() {
    std::size_t total = 0;
    std::size_t resident = 0;
    std::ifstream{"/proc/self/statm"} >> total >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace valkeyxx::testing
