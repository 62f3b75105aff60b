#include "routing/standing.hpp"

#include "routing/redirect.hpp"

namespace valkeyxx::routing {

standing standing_of(reply_view answer) {
    if (!answer.is_error()) return standing::serves;
    switch (read_redirect(answer.text()).kind) {
        case rejection::none:
        case rejection::no_script:
        case rejection::no_replicas:
        case rejection::unblocked:
            return standing::serves;
        case rejection::moved:
        case rejection::ask:
        case rejection::try_again:
            return standing::slot_leaves;
        case rejection::cluster_down:
        case rejection::master_down:
        case rejection::read_only:
        case rejection::redirect:
        case rejection::loading:
            return standing::cut_off;
    }
    return standing::serves;
}

}  // namespace valkeyxx::routing
