#include "client/started_request.hpp"

#include <new>

namespace valkeyxx::clients {

void start(engine& e, const transaction& t, detail::receiver& r, detail::call_storage& storage, lease* session) {
    auto* request = new (storage.bytes) started_request{e, r};
    const engine::visit visit{e};
    request->set_deadline(e.default_deadline());
    detail::transaction_access::prepare(t, *request);
    if (session != nullptr) request->run_on(*session);
    if (auto why = detail::transaction_access::problem(t, e)) {
        e.refuse(*request, *why);
    } else {
        e.submit(*request);
    }
}

}  // namespace valkeyxx::clients
