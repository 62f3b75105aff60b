#include "routing/element_scan.hpp"

#include <utility>
#include <vector>

#include "topology/node_facts.hpp"

#include <valkeyxx/command_id.hpp>

namespace valkeyxx::routing {
namespace {

constexpr int most_restarts = 100;

}  // namespace

std::optional<endpoint> element_scan::node() const {
    if (stage_ == stage::look || stage_ == stage::look_again) return node_;
    return std::nullopt;
}

encoded_command element_scan::question() const {
    if (stage_ == stage::look || stage_ == stage::look_again) return std::move(look_questions(true).front());
    const std::string count = std::to_string(settings_.count);
    std::vector<std::string_view> words{settings_.key, cursor_};
    if (settings_.match != "*") words.insert(words.end(), {"MATCH", settings_.match});
    words.insert(words.end(), {"COUNT", count});
    if (settings_.no_values) words.emplace_back("NOVALUES");
    return encoded_command{settings_.command, words, encoded_command::keys::first};
}

std::optional<error> element_scan::on_reply(reply_view reply, const endpoint& from) {
    return node() ? take_look(reply) : take_step(reply, from);
}

std::optional<error> element_scan::take_step(reply_view reply, const endpoint& from) {
    if (!reply.is_aggregate() || reply.size() != 2 || !reply[0].is_string()) {
        return detail::shape_error("a cursor and an array", reply);
    }
    const std::string_view next = reply[0].text();
    if (stage_ == stage::first && next != "0") {
        // More than one step: first it must be known whose cursors these are. These items come again.
        node_ = from;
        stage_ = stage::look;
        return std::nullopt;
    }
    if (stage_ == stage::steps && from != node_) return begin_again();
    if (auto used = use_(reply[1]); !used) return used.error();
    cursor_ = next;
    if (next == "0") stage_ = stage_ == stage::first ? stage::end : stage::look_again;
    return std::nullopt;
}

std::optional<error> element_scan::take_look(reply_view reply) {
    const auto facts = topology::read_server_info(reply.is_string() ? reply.text() : std::string_view{});
    if (facts.process.empty()) return detail::shape_error("INFO with a run_id", reply);
    if (stage_ == stage::look) {
        process_ = facts.process;
        cursor_ = "0";
        stage_ = stage::steps;
        return std::nullopt;
    }
    if (process_ != facts.process) return begin_again();
    stage_ = stage::end;
    return std::nullopt;
}

std::optional<error> element_scan::begin_again() {
    stage_ = stage::first;
    cursor_ = "0";
    if (++restarts_ % most_restarts != 0) return std::nullopt;
    return error{errc::timed_out, "the key moves on faster than it can be scanned"};
}

std::optional<error> element_scan::on_error(const error& why) {
    // The node that was to be looked at is gone: wherever the key is now, it begins there.
    const bool gone = why == errc::cannot_connect || why == errc::connection_lost || why == errc::unknown_node;
    if (node() && gone) return begin_again();
    return why;
}

}  // namespace valkeyxx::routing
