// What a read or a write on a connection did.
#pragma once

#include <cstddef>
#include <system_error>

namespace valkeyxx::io {

struct transfer {
    std::size_t bytes = 0;    ///< moved; 0 without an error: nothing can be moved now
    std::error_code failure;  ///< the connection is unusable; end of file is `std::errc::connection_reset`
    explicit operator bool() const noexcept { return !failure; }
};

}  // namespace valkeyxx::io
