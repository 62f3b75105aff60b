#include "client/role_probe.hpp"

#include "client/engine.hpp"
#include "command/table.hpp"
#include "routing/redirect.hpp"

namespace valkeyxx::clients {

role_probe::role_probe(engine& e, owner& who, routing::node_id whom, bool reading)
    : request{e, false}, engine_{e}, owner_{who}, node_{whom} {
    set_command("*1\r\n$4\r\nROLE\r\n", {.info = &info_of(command_id::role)});
    pin(whom, reading);
}

void role_probe::ask(io::time_point now, io::clock::duration limit) {
    under_way_ = true;
    asked_at_ = now;
    set_deadline(now + limit);
    engine_.ask(*this);
}

void role_probe::on_reply(reply_view reply) noexcept {
    under_way_ = false;
    owner_.role_told(*this, topology::read_role(reply));
}

void role_probe::on_error(error why) noexcept {
    under_way_ = false;
    const bool answered = why == errc::server_error && why.which() != errc::authentication_failed;
    if (answered && routing::read_redirect(why.text()).kind == routing::rejection::none) {
        owner_.role_told(*this, std::nullopt);  // such as NOPERM
    } else {
        owner_.role_not_told(*this);
    }
}

}  // namespace valkeyxx::clients
