#include "client/scan_source.hpp"

#include <utility>

namespace valkeyxx::detail {
namespace {

void check(bool good, const char* why) {
    if (!good) throw exception{error{errc::invalid_argument, why}};
}

class keys_source final : public scan_source {
  public:
    keys_source(routing::scan_settings settings, routing::scan_progress from, std::uint32_t filter, scan_sink& into)
        : scan_{std::move(settings), std::move(from)}, filter_{filter}, into_{into} {}

    [[nodiscard]] bool finished() const noexcept override { return scan_.finished(); }
    routing::scan_round next_round(std::shared_ptr<const shard_map> map) override {
        before_ = scan_.progress();
        return scan_.next_round(std::move(map));
    }
    void on_reply(std::size_t request, reply_view reply, const endpoint& /*from*/) noexcept override {
        scan_.on_reply(request, reply);
    }
    void on_error(std::size_t request, error why) noexcept override { scan_.on_error(request, std::move(why)); }
    std::optional<error> end_round() override {
        auto failure = scan_.end_round();
        if (auto keys = scan_.take_keys(); !keys.empty()) into_.take(std::move(keys));
        return failure;
    }
    [[nodiscard]] std::string cursor(bool before) const override {
        if (!before && finished()) return "0";
        return to_cursor(before ? before_ : scan_.progress(), filter_);
    }
    [[nodiscard]] std::size_t slots_done() const noexcept override { return scan_.slots_done(); }

  private:
    routing::key_scan scan_;
    routing::scan_progress before_;
    std::uint32_t filter_;
    scan_sink& into_;
};

class members_source final : public scan_source {
  public:
    members_source(routing::element_settings settings, scan_sink& into)
        : scan_{std::move(settings), [&into](reply_view items) { return into.take(items); }} {}

    [[nodiscard]] bool finished() const noexcept override { return scan_.finished(); }
    routing::scan_round next_round(std::shared_ptr<const shard_map> /*map*/) override {
        routing::scan_round round;
        std::optional<routing::scan_node> node;
        if (auto at = scan_.node()) node = routing::scan_node{*std::move(at), false};
        round.requests.push_back({std::move(node), 0, scan_.question()});
        return round;
    }
    void on_reply(std::size_t /*request*/, reply_view reply, const endpoint& from) noexcept override {
        failure_ = scan_.on_reply(reply, from);
    }
    void on_error(std::size_t /*request*/, error why) noexcept override { failure_ = scan_.on_error(why); }
    std::optional<error> end_round() override { return std::exchange(failure_, std::nullopt); }
    [[nodiscard]] std::string cursor(bool /*before*/) const override { return {}; }
    [[nodiscard]] std::size_t slots_done() const noexcept override { return 0; }

  private:
    routing::element_scan scan_;
    std::optional<error> failure_;
};

}  // namespace

scan_source_owner source_of(const key_scan_options& options, const config& settings, bool one_server, scan_sink& into) {
    check(options.count >= 1, "a scan's count is at least 1");
    check(options.parallel >= 1, "a scan is of at least 1 node at a time");
    const auto filter = routing::filter_mark(options.match, options.type, one_server, settings.database);
    routing::scan_progress from;
    if (!options.cursor.empty() && options.cursor != "0") from = routing::read_cursor(options.cursor, filter).value();
    return scan_source_owner{new keys_source{{.match = std::string{options.match},
                                              .type = std::string{options.type},
                                              .count = options.count,
                                              .parallel = options.parallel,
                                              .unique = options.unique,
                                              .clusterscan = options.clusterscan,
                                              .one_server = one_server,
                                              .patience = settings.command_timeout},
                                             std::move(from),
                                             filter,
                                             into}};
}

scan_source_owner source_of(const member_scan_plan& plan, const config& /*settings*/, bool /*one_server*/,
                            scan_sink& into) {
    check(plan.options.count >= 1, "a scan's count is at least 1");
    return scan_source_owner{new members_source{{.command = plan.command,
                                                 .key = std::string{plan.key},
                                                 .match = std::string{plan.options.match},
                                                 .count = plan.options.count,
                                                 .no_values = plan.no_values},
                                                into}};
}

void scan_source_deleter::operator()(scan_source* s) const noexcept {
    delete s;
}

}  // namespace valkeyxx::detail
