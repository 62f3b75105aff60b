#include "client/sentinel_line.hpp"

#include <utility>

#include "client/engine.hpp"
#include "client/sentinel_desk.hpp"

#include <valkeyxx/sentinel_link.hpp>

namespace valkeyxx::clients {
namespace {

class own_line final : public sentinel_line {
  public:
    own_line(engine& e, sentinel_listener& to) : interviews_{e, e.settings().service, to} {}

    void ask(const endpoint& sentinel, bool seed, io::time_point deadline, std::uint64_t round) override {
        interviews_.ask(sentinel, seed, deadline, round);
    }
    void keep_only(std::vector<endpoint> sentinels) override { interviews_.keep_only(sentinels); }
    [[nodiscard]] bool asks(routing::node_id node, const endpoint& sentinel) const noexcept override {
        return interviews_.asks(node, sentinel);
    }
    [[nodiscard]] bool listens() const noexcept override { return interviews_.listens(); }
    void stop() noexcept override {}  // the engine ends what is under way, and the keeper knows that it is over

  private:
    sentinel_interviews interviews_;
};

}  // namespace

// The client's side of a desk: all it does is to send words there.
class shared_line final : public sentinel_line, private sentinel_listener {
  public:
    shared_line(engine& e, sentinel_listener& to) : own_{e}, to_{to}, there_{e.settings().shared_sentinels->engine_} {
        if (there_->inherited()) throw exception{there_->end_reason()};
    }

    void ask(const endpoint& sentinel, bool seed, io::time_point deadline, std::uint64_t round) override {
        // Not when it is made: the engine is not quite there then.
        if (!desk_) {
            sentinel_listener& self = *this;
            desk_ = std::make_shared<sentinel_desk>(*there_, own_.settings().service, own_.loop(),
                                                    own_.weak_from_this(), self);
        }
        sentinel_desk::post(desk_, there_, [sentinel, seed, deadline, round](sentinel_desk& d) {
            d.ask(sentinel, seed, deadline, round);
        });
    }
    void keep_only(std::vector<endpoint> sentinels) override {
        if (!desk_) return;
        sentinel_desk::post(desk_, there_, [s = std::move(sentinels)](sentinel_desk& d) { d.keep_only(s); });
    }
    [[nodiscard]] bool asks(routing::node_id /*node*/, const endpoint& /*sentinel*/) const noexcept override {
        return false;
    }
    [[nodiscard]] bool listens() const noexcept override { return listens_; }
    void stop() noexcept override {
        if (!desk_) return;
        desk_->leave();
        sentinel_desk::post(desk_, there_, [](sentinel_desk& d) { d.close(); });
        desk_ = nullptr;
    }

  private:
    void told(sentinel_answer answer) override {
        listens_ = answer.listening;
        to_.told(std::move(answer));
    }
    void announced(const topology::sentinel_event& event) override { to_.announced(event); }
    void deaf() override { to_.deaf(); }

    engine& own_;
    sentinel_listener& to_;
    std::shared_ptr<engine> there_;
    std::shared_ptr<sentinel_desk> desk_;
    bool listens_ = false;
};

std::unique_ptr<sentinel_line> make_sentinel_line(engine& e, sentinel_listener& to) {
    if (e.settings().shared_sentinels) return std::make_unique<shared_line>(e, to);
    return std::make_unique<own_line>(e, to);
}

}  // namespace valkeyxx::clients
