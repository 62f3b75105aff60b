#include "client/sentinel_interviews.hpp"

#include <algorithm>
#include <utility>

#include "client/engine.hpp"
#include "client/request.hpp"

namespace valkeyxx::clients {

// All questions to one sentinel, in one write; asked again and again.
class sentinel_interviews::interview final {
  public:
    interview(sentinel_interviews& of, endpoint sentinel, routing::node_id node)
        : of_{of}, sentinel_{std::move(sentinel)}, node_{node} {
        for (const auto q : topology::sentinel_questions) questions_.push_back(std::make_unique<question>(*this, q));
    }

    /// Requires !under_way().
    void ask(io::time_point deadline, std::uint64_t round) {
        round_ = round;
        report_ = {};
        problem_.clear();
        refusal_.reset();
        open_ = questions_.size();
        for (const auto& q : questions_) q->ask(deadline);
    }

    [[nodiscard]] bool under_way() const noexcept { return open_ != 0; }
    [[nodiscard]] const endpoint& sentinel() const noexcept { return sentinel_; }
    [[nodiscard]] routing::node_id node() const noexcept { return node_; }
    bool lost() noexcept { return std::exchange(answered_, false); }

  private:
    class question final : public request {
      public:
        question(interview& of, topology::sentinel_question what)
            : request{of.of_.engine_, false},
              interview_{of},
              what_{what},
              words_{topology::request_for(what, of.of_.service_)} {
            set_command(words_.bytes(), {.info = words_.facts().info});
            pin(of.node_);
        }
        void ask(io::time_point deadline) {
            prepare(interview_.of_.engine_);
            set_deadline(deadline);
            interview_.of_.engine_.ask(*this);
        }
        void on_reply(reply_view reply) noexcept override {
            const auto read = topology::read_answer(what_, reply, interview_.report_);
            if (!read) interview_.complain(read.error().text());
            interview_.one_done();
        }
        void on_error(error why) noexcept override {
            // One that has no id, being old, can be told apart by its address.
            const bool refused = why == errc::server_error && why.which() != errc::authentication_failed;
            const bool can_do_without = what_ == topology::sentinel_question::myid && refused;
            if (!can_do_without) interview_.complain(why);
            interview_.one_done();
        }

      private:
        interview& interview_;
        topology::sentinel_question what_;
        encoded_command words_;
    };

    void complain(const std::string& what) {
        if (problem_.empty()) problem_ = what;
    }
    void complain(const error& why) {
        complain(why.text());
        if (!refusal_ && !why.server_code().empty()) refusal_ = why;
    }
    void one_done() {
        if (--open_ != 0) return;
        answered_ = problem_.empty();
        of_.reader_.told({.sentinel = sentinel_,
                          .round = round_,
                          .report = std::move(report_),
                          .problem = problem_,
                          .refusal = refusal_,
                          .listening = of_.listens()});
    }

    sentinel_interviews& of_;
    endpoint sentinel_;
    routing::node_id node_;
    std::vector<std::unique_ptr<question>> questions_;
    topology::sentinel_report report_;
    std::string problem_;
    std::optional<error> refusal_;
    std::size_t open_ = 0;
    std::uint64_t round_ = 0;
    bool answered_ = false;  // the last time
};

sentinel_interviews::sentinel_interviews(engine& e, std::string service, reader& told)
    : engine_{e}, service_{std::move(service)}, reader_{told} {}

sentinel_interviews::~sentinel_interviews() = default;

void sentinel_interviews::ask(const endpoint& sentinel, bool seed, io::time_point deadline, std::uint64_t round) {
    auto found = std::find_if(all_.begin(), all_.end(), [&](const auto& i) { return i->sentinel() == sentinel; });
    if (found == all_.end()) {
        auto& router = engine_.router();
        const bool remapped = !seed || engine_.settings().remap_seeds;
        const auto node = remapped ? router.named(sentinel) : router.intern(sentinel);
        if (node == routing::no_node) {
            reader_.told({.sentinel = sentinel, .round = round, .problem = "too many addresses were named"});
            return;
        }
        all_.push_back(std::make_unique<interview>(*this, sentinel, node));
        found = all_.end() - 1;
    }
    if (!(*found)->under_way()) (*found)->ask(deadline, round);
}

void sentinel_interviews::keep_only(const std::vector<endpoint>& sentinels) {
    std::erase_if(all_, [&](const auto& i) {
        return !i->under_way() && std::find(sentinels.begin(), sentinels.end(), i->sentinel()) == sentinels.end();
    });
}

bool sentinel_interviews::idle() const noexcept {
    return std::none_of(all_.begin(), all_.end(), [](const auto& i) { return i->under_way(); });
}

bool sentinel_interviews::asks(routing::node_id node, const endpoint& sentinel) const noexcept {
    return std::any_of(all_.begin(), all_.end(),
                       [&](const auto& i) { return i->node() == node && i->sentinel() == sentinel; });
}

bool sentinel_interviews::listens() const noexcept {
    const auto& settings = engine_.settings();
    return settings.sentinel_events && settings.protocol == 3 &&
           std::any_of(all_.begin(), all_.end(), [&](const auto& i) { return engine_.connected(i->node(), false); });
}

bool sentinel_interviews::lost(routing::node_id node) noexcept {
    bool news = false;
    for (const auto& i : all_) {
        if (i->node() == node) news = i->lost() || news;
    }
    return news;
}

}  // namespace valkeyxx::clients
