#include "client/round.hpp"

#include <utility>

namespace valkeyxx::clients {

class round::part final : public request {
  public:
    part(round& of, std::size_t index, bool own_clock) : request{*of.engine_, own_clock}, of_{of}, index_{index} {}

    void on_reply(reply_view reply) noexcept override {
        of_.owner_->on_reply(index_, reply, of_.engine_->router().at(answered_by()));
        of_.one_done();
    }
    void on_error(error why) noexcept override {
        of_.owner_->on_error(index_, std::move(why));
        of_.one_done();
    }
    [[nodiscard]] bool under_way() const noexcept { return where() != place::nowhere; }

  private:
    round& of_;
    std::size_t index_;
};

round::round() = default;
round::~round() = default;

void round::start(engine& e, routing::scan_round what, io::time_point deadline, owner& who, bool own_clock) {
    engine_ = &e;
    owner_ = &who;
    parts_.clear();
    what_ = std::move(what);
    open_ = what_.requests.size() + 1;
    if (what_.requests.empty()) {
        ++open_;
        e.let_pass(*this, io::clock::now() + what_.pause);
    }
    for (std::size_t i = 0; i < what_.requests.size(); ++i) start_part(i, deadline, own_clock);
    one_done();
}

void round::start_part(std::size_t index, io::time_point deadline, bool own_clock) {
    const routing::scan_request& r = what_.requests[index];
    part& p = *parts_.emplace_back(std::make_unique<part>(*this, index, own_clock));
    command_facts facts = r.command.facts();
    if (!r.node) {
        p.set_command(r.command.bytes(), facts);
        p.insist_on_primary();
        p.set_deadline(deadline);
        engine_->submit(p);
        return;
    }
    auto& router = engine_->router();
    const auto whom = r.node->by_cluster ? router.named(r.node->at) : router.intern(r.node->at);
    if (whom == routing::no_node) {
        p.on_error(error{errc::unknown_node, r.node->at.text() + " is no node of the cluster"});
        return;
    }
    facts.route = key_route::any;  // what a newer server calls a key leads nowhere else
    facts.repeatable = true;       // it only reads
    p.set_command(r.command.bytes(), facts);
    p.pin(whom);
    p.set_deadline(deadline);
    engine_->submit(p);
}

void round::one_done() noexcept {
    if (--open_ == 0) owner_->round_over();
}

connection* round::awaited() noexcept {
    for (const auto& p : parts_) {
        if (p->under_way()) return p->in_flight_on();
    }
    return nullptr;
}

void round::give_up(giving_up why) {
    ++open_;  // the owner is told at the end, not from within the loop
    for (const auto& p : parts_) {
        if (p->under_way()) engine_->give_up(*p, why);
    }
    if (scheduled()) {
        engine::cancel(*this);
        --open_;
    }
    one_done();
}

}  // namespace valkeyxx::clients
