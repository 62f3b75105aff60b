// Names of failures.
#include "valkeyxx_cli/error_kind.hpp"

namespace valkeyxx::cli {

std::string kind_of(const error& e) {
    std::string kind{to_string(e.which())};
    if (e.which() == errc::server_error) kind.append(":").append(e.server_code());
    return kind;
}

}  // namespace valkeyxx::cli
