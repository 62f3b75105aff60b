#include <valkeyxx/credentials.hpp>

#include <utility>

#include "client/credential_core.hpp"

namespace valkeyxx {

credential_source::credential_source(question ask) {
    if (!ask) throw exception{error{errc::invalid_argument, "a credential_source needs somebody to ask"}};
    core_ = std::make_shared<core>(std::move(ask));
}

void credential_source::changed() {
    core_->tell_all();
}

}  // namespace valkeyxx
