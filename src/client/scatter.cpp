#include "client/scatter.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "client/engine.hpp"

namespace valkeyxx::clients {

class scatter::part final : public request {
  public:
    part(scatter& of, std::size_t index) : request{of.engine_, true}, of_{of}, index_{index} {}

    /// The node that the answer came from.
    void on_reply(reply_view reply) noexcept override { of_.replied(index_, reply); }
    void on_error(error why) noexcept override {
        failed_ = true;
        of_.failed(index_, std::move(why));
    }
    [[nodiscard]] bool under_way() const noexcept { return where() != place::nowhere; }
    [[nodiscard]] bool has_failed() const noexcept { return failed_; }

    /// Whom a failure is laid to if it never got to a node.
    void set_meant_for(endpoint whom) { meant_for_ = std::move(whom); }
    [[nodiscard]] const endpoint& meant_for() const noexcept { return meant_for_; }

  private:
    scatter& of_;
    std::size_t index_;
    endpoint meant_for_;
    bool failed_ = false;
};

scatter::scatter(engine& e, request& whole, routing::spread how)
    : engine_{e}, whole_{whole}, facts_{whole.facts_}, how_{how} {}

scatter::scatter(engine& e, request& whole, target to, bool each)
    : engine_{e}, whole_{whole}, facts_{whole.facts_}, to_{std::move(to)}, each_{each} {
    // Each node of those that it would go to by itself.
    const bool by_itself = to_->to() == target::where::by_command || to_->to() == target::where::primary;
    if (by_itself) how_ = routing::spread_of(facts_);
}

scatter::~scatter() = default;

void scatter_deleter::operator()(scatter* s) const noexcept {
    delete s;
}

scatter::part& scatter::add_part() {
    parts_.push_back(std::make_unique<part>(*this, parts_.size()));
    part& p = *parts_.back();
    p.set_command(whole_.bytes_, whole_.facts_);
    p.facts_.route = key_route::any;
    p.set_deadline(whole_.deadline_);
    p.part_ = true;
    return p;
}

// A node by itself. A replica is asked to read what a primary would only send on; one of a service has no other
// connection.
void scatter::pin_to(routing::node_id node) {
    const auto& router = engine_.router();
    part& p = add_part();
    p.pin(node, router.is_replica(node) && (engine_.of_service() || whole_.facts_.info->has(command_flags::readonly)));
    p.set_meant_for(router.at(node));
}

// The primary of a shard, whoever that is by the time it gets there.
void scatter::aim_at_shard_of(routing::node_id primary) {
    part& p = add_part();
    p.lead_to_shard_of(primary);
    p.set_meant_for(engine_.router().at(primary));
}

void scatter::aim_at_head_of(std::uint16_t slot) {
    const auto head = engine_.router().primary(slot);
    if (head != routing::no_node) aim_at_shard_of(head);
}

void scatter::take_apart() {
    fragments_ = routing::split_by_slot(whole_.bytes_, facts_);
    std::size_t keys = 0;
    for (const routing::fragment& f : fragments_) {
        keys += f.places.size();
        add_part().set_command(f.bytes, f.facts);
    }
    gather_.emplace(*facts_.info, fragments_, keys);
}

void scatter::aim_at_nodes() {
    auto& router = engine_.router();
    const auto shards = [this](const std::vector<routing::node_id>& heads) {
        for (routing::node_id head : heads) aim_at_shard_of(head);
    };
    const auto nodes = [this](const std::vector<routing::node_id>& all) {
        for (routing::node_id node : all) pin_to(node);
    };
    if (how_ == routing::spread::primaries) {
        shards(router.primaries());
        return;
    }
    if (how_ == routing::spread::nodes) {
        nodes(router.members());
        return;
    }
    switch (to_->to()) {
        case target::where::all_primaries:
            shards(router.primaries());
            return;
        case target::where::all_nodes:
            nodes(router.members());
            return;
        case target::where::all_replicas:
            nodes(router.replicas());
            return;
        case target::where::random_node:
            pin_to(router.random_member());
            return;
        case target::where::by_command:
        case target::where::primary:
            if (facts_.route == key_route::slot) {
                aim_at_head_of(facts_.slot);
            } else {
                pin_to(router.default_node());
            }
            return;
        case target::where::default_node:
            pin_to(router.default_node());
            return;
        case target::where::slot:
            aim_at_head_of(to_->slot());
            return;
        case target::where::node:
        case target::where::some_nodes:
            for (const endpoint& each : to_->nodes()) {
                const auto node = router.member_at(each);
                if (node != routing::no_node) {
                    pin_to(node);
                } else {
                    add_part().set_meant_for(each);
                }
            }
            return;
    }
}

void scatter::start() {
    if (how_ == routing::spread::slots) {
        take_apart();
    } else {
        aim_at_nodes();
        gather_.emplace(*facts_.info, parts_.size());
    }
    open_ = parts_.size() + 1;
    for (const auto& p : parts_) {
        const bool nowhere =
            how_ != routing::spread::slots && p->pinned_ == routing::no_node && p->shard_ == routing::no_node;
        if (nowhere) {
            p->on_error(error{errc::unknown_node, "the node is not part of the cluster"}.with(
                whole_.name(), p->meant_for().text(), 0, executed::no));
        } else {
            engine_.submit(*p);
            p->number_ = whole_.number_;  // if it has to wait, it keeps the whole's place among the others
        }
    }
    one_done();
}

void scatter::give_up(giving_up why) {
    ++open_;
    for (const auto& p : parts_) {
        if (p->under_way()) engine_.give_up(*p, why);
    }
    one_done();
}

bool scatter::unnoticed() const noexcept {
    return std::all_of(parts_.begin(), parts_.end(), [this](const auto& p) { return engine_.unnoticed(*p); });
}

void scatter::replied(std::size_t index, reply_view reply) {
    const part& p = *parts_[index];
    if (each_) {
        whole_.on_part(engine_.router().at(p.attempt_.at()), reply);
    } else {
        gather_->add(index, reply);
    }
    one_done();
}

void scatter::failed(std::size_t index, error why) {
    const part& p = *parts_[index];
    const bool knows_only_its_slot = p.meant_for().host.empty() && p.attempt_.at() != routing::no_node;
    const endpoint& where = knows_only_its_slot ? engine_.router().at(p.attempt_.at()) : p.meant_for();
    if (why.node().empty() && !where.host.empty()) {
        why = why.with(why.command(), where.text(), why.attempts(), why.executed());
    }
    if (each_) whole_.on_part_error(where, why);
    errors_.push_back(std::move(why));
    one_done();
}

void scatter::one_done() {
    if (--open_ == 0) finish();
}

// The one error for those of the parts. If all failed for one reason it is this reason.
error scatter::joined_error() const {
    const error& first = errors_.front();
    if (parts_.size() == 1) return first;
    const bool all = errors_.size() == parts_.size();
    const bool same = std::all_of(errors_.begin(), errors_.end(), [&](const error& e) {
        return e.which() == first.which() && e.server_code() == first.server_code();
    });
    const bool none_ran =
        all && std::all_of(errors_.begin(), errors_.end(), [](const error& e) { return e.executed() == executed::no; });
    if (all && same && first == errc::server_error) return first;

    const auto any = [this](errc code) {
        return std::any_of(errors_.begin(), errors_.end(), [code](const error& e) { return e == code; });
    };
    const auto code = any(errc::client_closed) ? errc::client_closed
                      : any(errc::cancelled)   ? errc::cancelled
                      : all && same            ? first.which()
                                               : errc::partly_failed;
    return error{{.code = code,
                  .text = std::to_string(errors_.size()) + " of its " + std::to_string(parts_.size()) +
                          " parts failed" + reasons(),
                  .command = first.command(),
                  .executed = none_ran ? executed::no : executed::unknown,
                  .causes = errors_}};
}

// What went wrong where; of many slots of one node that failed alike, once.
std::string scatter::reasons() const {
    constexpr std::size_t most = 5;
    std::vector<std::string> told;
    for (const error& e : errors_) {
        auto reason = e.node().empty() ? e.text() : e.node() + ": " + e.text();
        if (std::find(told.begin(), told.end(), reason) != told.end()) continue;
        if (told.size() == most) {
            told.emplace_back("...");
            break;
        }
        told.push_back(std::move(reason));
    }
    std::string text;
    for (const auto& reason : told) text += (text.empty() ? ": " : "; ") + reason;
    return text;
}

// Why it has none; nullopt: the replies are good enough.
std::optional<error> scatter::outcome() const {
    if (parts_.empty()) {
        return error{errc::unknown_node, "there is no node that it could go to"}.with(whole_.name(), {}, 0,
                                                                                      executed::no);
    }
    if (each_ || errors_.empty()) return std::nullopt;
    const bool one_is_enough = whole_.facts_.info->response == response_policy::one_succeeded;
    if (one_is_enough && errors_.size() != parts_.size()) return std::nullopt;
    return joined_error();
}

void scatter::finish() {
    engine_.retire(std::move(whole_.scatter_));  // us: still on the stack
    std::optional<error> why = outcome();
    std::optional<result<reply_view>> joined;
    if (!why && !each_) {
        joined.emplace(gather_->joined());
        if (!*joined) why = joined->error().with(whole_.name(), {}, 0, executed::yes);
    }
    engine_.finished(whole_, why ? &*why : nullptr);
    if (why) {
        whole_.on_error(*std::move(why));
    } else {
        whole_.on_reply(each_ ? reply_view{} : **joined);
    }
}

}  // namespace valkeyxx::clients
