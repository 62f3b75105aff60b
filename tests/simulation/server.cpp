#include "server.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "cluster_words.hpp"
#include "replies.hpp"
#include "server_commands.hpp"
#include "world.hpp"

namespace valkeyxx::simulation {
namespace {

// Why this node does not run a command, and where it sends the client instead.
struct rejection {
    std::string text;
    int to = nobody;
};

rejection to(const call& c, const char* word, std::uint16_t slot, int target) {
    return {std::string{word} + " " + std::to_string(slot) + " " + words::address_of(c.w, c.n, target), target};
}

// As the servers' getNodeByQuery; nullopt: it runs the command.
std::optional<rejection> redirect(call& c, unsigned traits) {
    const std::uint16_t slot = key_slot(c.words[1]);
    if ((traits & all_keys) != 0) {
        for (std::size_t i = 2; i < c.words.size(); ++i) {
            if (key_slot(c.words[i]) != slot) return rejection{"CROSSSLOT Keys in request don't hash to the same slot"};
        }
    }
    const chunk_index chunk = c.w.keys.chunk_of(slot);
    if (const auto lie = c.n.lies.find(chunk); lie != c.n.lies.end()) {
        if (lie->second != nobody) return to(c, "MOVED", slot, lie->second);
        return rejection{"MOVED " + std::to_string(slot) + " " + nowhere.text()};
    }
    const int owner = c.n.sees.owner(chunk);
    if (owner == nobody) return rejection{"CLUSTERDOWN Hash slot not served"};
    if (c.n.cluster_down()) return rejection{"CLUSTERDOWN The cluster is down"};
    const auto missing = static_cast<std::size_t>(
        std::count_if(c.keys.begin(), c.keys.end(), [&](std::size_t k) { return c.n.read(k).empty(); }));
    if (owner == c.n.index()) {
        const auto leaving = c.n.migrating.find(chunk);
        if (leaving == c.n.migrating.end() || missing == 0) return std::nullopt;
        if (missing < c.keys.size()) return rejection{"TRYAGAIN Multiple keys request during rehashing of slot"};
        return to(c, "ASK", slot, leaving->second);
    }
    if (c.s.asking && c.n.importing.contains(chunk)) {
        if (c.keys.size() < 2 || missing == 0) return std::nullopt;
        return rejection{"TRYAGAIN Multiple keys request during rehashing of slot"};
    }
    if (c.n.importing.contains(chunk)) c.w.commands.unasked(c.number, c.n.index());
    if (c.s.read_only && (traits & reads) != 0 && c.n.primary == owner) {
        if (c.n.linked || c.w.settings.stale_reads) return std::nullopt;
        return rejection{"MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."};
    }
    return to(c, "MOVED", slot, owner);
}

void refuse(call& c, const rejection& why) {
    if (why.text.starts_with("MOVED")) {
        if (why.to != nobody) {
            c.w.told.moved(c.number, key_slot(c.words[1]), c.n.index(), why.to);
        } else {
            c.w.told.forget();
        }
    }
    if (why.to != nobody) {
        c.w.commands.redirected(c.number, why.to, why.text.starts_with("ASK"));
    } else {
        c.w.commands.refused(c.number, why.text.starts_with("TRYAGAIN") ? fate::try_again : fate::refused);
    }
    reply::error(c.out, why.text);
}

void run(call& c, const known_command& k) {
    if (!c.s.authenticated && (k.traits & before_login) == 0) {
        reply::error(c.out, "NOAUTH Authentication required.");
        return;
    }
    if ((k.traits & (first_key | all_keys)) != 0) {
        const std::size_t end = (k.traits & all_keys) != 0 ? c.words.size() : 2;
        for (std::size_t i = 1; i < end; ++i) {
            if (const auto key = c.w.keys.find(c.words[i]); key != keyspace::none) c.keys.push_back(key);
        }
        if (const auto elsewhere = redirect(c, k.traits)) {
            refuse(c, *elsewhere);
            return;
        }
    }
    if (c.n.loading() && (k.traits & while_loading) == 0) {
        refuse(c, {"LOADING Valkey is loading the dataset in memory"});
        return;
    }
    k.run(c);
}

}  // namespace

command_number number_in(std::string_view word) noexcept {
    command_number n = 0;
    if (const auto mark = word.rfind('#'); mark != std::string_view::npos) {
        std::from_chars(word.data() + mark + 1, word.data() + word.size(), n);
    }
    return n;
}

void answer(world& w, node& n, session& s, const std::vector<std::string_view>& words, std::string& out) {
    const std::size_t before = out.size();
    call c{w, n, s, words, out, number_in(words.back()), {}};
    w.commands.arrived(c.number, n.index());
    w.told.arrived(c.number, n.index());
    const bool was_asking = s.asking;
    if (const known_command* k = find_command(words[0])) {
        run(c, *k);
    } else {
        reply::error(out, "ERR unknown command '" + std::string{words[0]} + "', with args beginning with: ");
    }
    if (was_asking) s.asking = false;
    w.log([&] {
        std::string line = n.name() + " <";
        for (const auto word : words) line.append(" ").append(word.substr(0, 40));
        line += "  > " + out.substr(before, 60);
        std::replace_if(
            line.begin(), line.end(), [](char ch) { return ch == '\r' || ch == '\n'; }, ' ');
        return line;
    });
}

}  // namespace valkeyxx::simulation
