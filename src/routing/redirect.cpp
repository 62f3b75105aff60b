#include "routing/redirect.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <valkeyxx/slot.hpp>

namespace valkeyxx::routing {
namespace {

using namespace std::string_view_literals;

constexpr std::array<std::pair<std::string_view, rejection>, 11> rejections{{
    {"MOVED"sv, rejection::moved},
    {"ASK"sv, rejection::ask},
    {"TRYAGAIN"sv, rejection::try_again},
    {"CLUSTERDOWN"sv, rejection::cluster_down},
    {"LOADING"sv, rejection::loading},
    {"MASTERDOWN"sv, rejection::master_down},
    {"READONLY"sv, rejection::read_only},
    {"REDIRECT"sv, rejection::redirect},
    {"NOREPLICAS"sv, rejection::no_replicas},
    {"UNBLOCKED"sv, rejection::unblocked},
    {"NOSCRIPT"sv, rejection::no_script},
}};

// Takes the next space-separated word off the front of text.
std::string_view take_word(std::string_view& text) {
    const auto n = std::min(text.find(' '), text.size());
    const auto word = text.substr(0, n);
    text.remove_prefix(std::min(n + 1, text.size()));
    return word;
}

constexpr std::size_t longest_host = 255;  // what DNS allows; the rest of a longer one is not worth keeping

// "?" is how a node says that it does not know the other's name: that leads nowhere.
std::optional<endpoint> usable(std::optional<endpoint> target) {
    if (target && (target->host == "?" || target->host.size() > longest_host)) return std::nullopt;
    return target;
}

}  // namespace

redirect read_redirect(std::string_view error) {
    redirect r;
    const auto word = take_word(error);
    const auto found = std::find_if(rejections.begin(), rejections.end(), [&](auto& e) { return e.first == word; });
    if (found == rejections.end()) return r;
    r.kind = found->second;
    // What somebody has asked for (CLIENT UNBLOCK ... ERROR) is the command's outcome; else the node has become a
    // replica.
    if (r.kind == rejection::unblocked && error.starts_with("client unblocked via")) r.kind = rejection::none;
    if (r.kind == rejection::redirect) r.target = usable(parse_endpoint(take_word(error)));
    if (r.kind != rejection::moved && r.kind != rejection::ask) return r;

    const auto digits = take_word(error);
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), r.slot);
    if (failure != std::errc{} || end != digits.data() + digits.size() || r.slot >= slot_count) {
        r.slot = 0;
        return r;
    }
    r.target = usable(parse_endpoint(take_word(error)));
    return r;
}

bool passes_by_itself(const error& why) {
    switch (why.which()) {
        case errc::transaction_conflict:
        case errc::connection_lost:
        case errc::cannot_connect:
            return true;
        case errc::server_error: {
            const auto kind = read_redirect(why.text()).kind;
            return kind != rejection::none && kind != rejection::no_script;
        }
        default:
            return false;
    }
}

}  // namespace valkeyxx::routing
