#include "client/line_check.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "client/engine.hpp"
#include "command/table.hpp"
#include "resp/encoder.hpp"
#include "routing/redirect.hpp"
#include "topology/node_facts.hpp"

namespace valkeyxx::clients {

class line_check::question final : public request {
  public:
    question(engine& e, routing::node_id whom) : request{e, false}, engine_{e}, node_{whom} { pin(whom); }

    [[nodiscard]] routing::node_id node() const noexcept { return node_; }
    [[nodiscard]] bool may_be_asked() const noexcept { return !under_way_ && tells_; }

    void ask(connection& about, io::time_point deadline) {
        under_way_ = true;
        about_ = about.weak_from_this();
        generation_ = about.generation();
        oldest_ = about.oldest();
        client_ = about.client_id();
        const std::string id = std::to_string(client_);
        bytes_of_it_.clear();
        resp::append_command(bytes_of_it_, std::array<std::string_view, 4>{"CLIENT", "LIST", "ID", id});
        // "Blocks": it has to leave by a connection of its own.
        set_command(bytes_of_it_, {.info = &info_of(command_id::client_list), .how = handling::blocks});
        set_deadline(deadline);
        engine_.ask(*this);
    }

    void on_reply(reply_view reply) noexcept override {
        under_way_ = false;
        const auto at_rest = topology::read_client_at_rest(reply, client_);
        tells_ = at_rest.has_value();
        const auto c = about_.lock();
        if (!tells_ || !c || c->generation() != generation_) return;
        if (!*at_rest) {
            c->reassure();
        } else if (c->oldest() == oldest_) {
            // The oldest command was sent before the question: it has reached the node by now, or never will.
            c->doubt(connection::doubt_by::server);
        }
    }
    void on_error(error why) noexcept override {
        under_way_ = false;
        // A script runs, or its data are not there yet. Else the user may not ask (NOPERM), or it is not understood.
        if (why == errc::server_error) tells_ = why.server_code() == "BUSY" || routing::passes_by_itself(why);
    }

  private:
    engine& engine_;
    routing::node_id node_;
    std::string bytes_of_it_;
    std::weak_ptr<connection> about_;
    std::uint64_t generation_ = 0;
    std::uint64_t oldest_ = 0;
    std::int64_t client_ = 0;
    bool under_way_ = false;
    bool tells_ = true;
};

line_check::line_check(engine& e) noexcept : engine_{e} {}
line_check::~line_check() = default;

void line_check::look_into(connection& c, io::time_point now) {
    if (c.client_id() == 0 || engine_.is_sentinel(c.node())) return;
    auto found =
        std::find_if(questions_.begin(), questions_.end(), [&c](const auto& q) { return q->node() == c.node(); });
    if (found == questions_.end()) {
        questions_.push_back(std::make_unique<question>(engine_, c.node()));
        found = questions_.end() - 1;
    }
    if ((*found)->may_be_asked()) (*found)->ask(c, now + engine_.settings().connect_timeout);
}

}  // namespace valkeyxx::clients
