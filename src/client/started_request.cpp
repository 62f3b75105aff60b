#include "client/started_request.hpp"

namespace valkeyxx::clients {

void start(engine& e, const transaction& t, detail::receiver& r, detail::call_storage& storage, lease* session,
           detail::cancel_ticket* ticket) {
    const auto submit = [&](request& request) {
        detail::transaction_access::prepare(t, request);
        if (session != nullptr) request.run_on(*session);
        if (auto why = detail::transaction_access::problem(t, e)) {
            e.refuse(request, *why);
        } else {
            e.submit(request);
        }
    };
    if (ticket == nullptr) {
        start(e, r, storage, submit);
    } else {
        start(e, r, storage, submit, *ticket);
    }
}

}  // namespace valkeyxx::clients
