// find_keys against a running server's COMMAND GETKEYS, for thousands of requests right and wrong.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "command/keys.hpp"
#include "command/table.hpp"
#include "integration/table_server.hpp"

namespace valkeyxx {
namespace {

using testing::admin_reply;
using request = testing::admin::request;

std::vector<std::string> texts(const admin_reply& list) {
    std::vector<std::string> found;
    for (const admin_reply& item : list.items) found.push_back(item.text);
    return found;
}

std::uint32_t chosen_seed() {
    const char* given = std::getenv("VALKEYXX_TEST_SEED");
    const std::uint32_t seed =
        given != nullptr ? static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10)) : std::random_device{}();
    std::cout << "seed " << seed << " (VALKEYXX_TEST_SEED repeats it)\n";
    return seed;
}

const listed_command& command_of(const request& words) {
    const listed_command* found = find_command(words.at(0), words.size() > 1 ? words[1] : std::string{});
    if (found == nullptr) throw std::runtime_error("not in the table: " + words[0]);
    return *found;
}

/// "cluster|info"
std::string wire_name(const listed_command& command) {
    std::string name{command.name};
    for (char& c : name) c = c == ' ' ? '|' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return name;
}

/// Writes requests: half of them in the shape the key specs ask for, half of them any words in any order.
class corpus_writer {
  public:
    /// @param known  the names of the server's commands
    corpus_writer(std::uint32_t seed, std::vector<std::string> known)
        : random_{seed}, known_(known.begin(), known.end()) {}

    std::vector<request> write(std::size_t per_command) {
        std::vector<request> corpus;
        for (const listed_command& command : command_table()) {
            if (command.has_subcommands || !known_.contains(wire_name(command))) continue;
            const std::size_t count = command.keys.empty() ? 2 : per_command;
            for (std::size_t i = 0; i < count; ++i) corpus.push_back(i % 2 == 0 ? shaped(command) : any(command));
        }
        return corpus;
    }

  private:
    std::size_t below(std::size_t n) { return random_() % n; }

    std::string key() { return "k" + std::to_string(below(1000)); }

    std::string word() {
        static const std::vector<std::string> vocabulary{"",          "0",       "1",
                                                         "2",         "3",       "-1",
                                                         "+1",        "02",      " 1",
                                                         "1.5",       "abc",     "GET",
                                                         "BY",        "LIMIT",   "COUNT",
                                                         "KEYS",      "store",   "AUTH",
                                                         "AUTH2",     "Streams", "ASC",
                                                         "STOREDIST", "ANY",     "BLOCK",
                                                         "GROUP",     "STREAMS", "COPY",
                                                         "STORE",     "km",      "REPLACE",
                                                         ">",         "NX",      "99999999999999999999"};
        return below(3) == 0 ? key() : vocabulary[below(vocabulary.size())];
    }

    request name_of(const listed_command& command) {
        const std::string name{command.name};
        const auto space = name.find(' ');
        if (space == std::string::npos) return {name};
        return {name.substr(0, space), name.substr(space + 1)};
    }

    request any(const listed_command& command) {
        request words = name_of(command);
        // Mostly enough arguments: the others are all alike.
        const auto least = static_cast<std::size_t>(std::abs(command.arity));
        const std::size_t size =
            command.arity > 0 && below(4) != 0 ? least : least - (least > 1 ? below(2) : 0) + below(6);
        while (words.size() < size) words.push_back(word());
        return words;
    }

    /// Keys where they belong, a fitting number of keys, options around them.
    request shaped(const listed_command& command) {
        switch (command.id) {
            case command_id::xread:
                return streams({"XREAD"}, false);
            case command_id::xreadgroup:
                return streams({"XREADGROUP"}, true);
            case command_id::sort:
                return with_options({"SORT", key()}, {{"BY", 1}, {"GET", 1}, {"LIMIT", 2}, {"STORE", 1}, {"ALPHA", 0}});
            case command_id::georadius:
                return with_options({"GEORADIUS", key(), "1", "2", "3", "km"},
                                    {{"STORE", 1}, {"STOREDIST", 1}, {"COUNT", 1}, {"ASC", 0}});
            case command_id::georadiusbymember:
                return with_options({"GEORADIUSBYMEMBER", key(), word(), "3", "km"},
                                    {{"STORE", 1}, {"STOREDIST", 1}, {"COUNT", 1}, {"ASC", 0}});
            case command_id::migrate:
                return migrate();
            default:
                break;
        }
        request words = name_of(command);
        const auto least = static_cast<std::size_t>(std::abs(command.arity));
        const bool open = command.arity < 0;
        for (const key_spec& spec : command.keys) {
            if (spec.extent.how != key_extent::kind::counted) continue;
            const auto at = static_cast<std::size_t>(spec.begin.from + spec.extent.count);
            while (words.size() < at) words.push_back(key());
            const std::size_t count = below(5);
            words.push_back(std::to_string(count));
            for (std::size_t i = 0; i < count; ++i) words.push_back(key());
        }
        const std::size_t size = std::max(words.size(), least) + (open ? below(5) : 0);
        while (words.size() < size) words.push_back(key());
        return words;
    }

    struct option {
        const char* word;
        int arguments;
    };

    request with_options(request words, const std::vector<option>& options) {
        for (std::size_t count = below(5); count > 0; --count) {
            const option& one = options[below(options.size())];
            words.emplace_back(one.word);
            for (int i = 0; i < one.arguments; ++i) words.push_back(below(4) == 0 ? word() : key());
        }
        return words;
    }

    request streams(request words, bool group) {
        const std::vector<option> options{{"COUNT", 1}, {"BLOCK", 1}};
        words = with_options(std::move(words), options);
        if (group) words.insert(words.end(), {"GROUP", word(), word()});
        if (group && below(2) == 0) words.emplace_back("NOACK");
        words.emplace_back(below(2) == 0 ? "STREAMS" : "streams");
        for (std::size_t count = 2 * below(4) + (below(8) == 0 ? 1 : 0); count > 0; --count)
            words.push_back(below(8) == 0 ? word() : key());
        return words;
    }

    request migrate() {
        const bool list = below(2) == 0;
        request words = with_options({"MIGRATE", "127.0.0.1", "1", list ? "" : key(), "0", "10"},
                                     {{"COPY", 0}, {"REPLACE", 0}, {"AUTH", 1}, {"AUTH2", 2}});
        if (list) words.emplace_back("KEYS");
        for (std::size_t count = list ? below(4) : 0; count > 0; --count) words.push_back(key());
        return words;
    }

    std::mt19937 random_;
    std::set<std::string> known_;
};

std::string text_of(const request& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "'" : " '") + word + "'";
    return text;
}

/// What one side says of a request: its keys in alphabetical order (positions are not told), none, or that it is wrong.
struct verdict {
    key_search search = key_search::none;
    request keys{};

    bool operator==(const verdict&) const = default;
};

std::string text_of(const verdict& v) {
    static constexpr std::array names{"found ", "none", "not_known", "malformed"};
    return names.at(static_cast<std::size_t>(v.search)) + text_of(v.keys);
}

verdict ours(const request& words) {
    const std::vector<std::string_view> args(words.begin(), words.end());
    std::vector<std::uint32_t> positions;
    verdict said{.search = find_keys(command_of(words), args, positions)};
    for (const std::uint32_t at : positions) said.keys.push_back(words.at(at));
    std::sort(said.keys.begin(), said.keys.end());
    return said;
}

verdict from_server(const admin_reply& reply) {
    if (reply.is_error()) {
        const bool none = reply.text.find("no key arguments") != std::string::npos;
        return {none ? key_search::none : key_search::malformed, {}};
    }
    if (reply.items.empty()) return {key_search::none, {}};  // a script: without keys, or with a wrong number of them
    verdict said{key_search::found, texts(reply)};
    std::sort(said.keys.begin(), said.keys.end());
    return said;
}

/// Sends all, then reads all, in portions that fit the socket's buffers.
std::vector<admin_reply> pipelined(const std::vector<request>& requests) {
    constexpr std::size_t portion = 250;
    testing::admin admin = testing::table_server().admin();
    std::vector<admin_reply> replies;
    for (std::size_t begin = 0; begin < requests.size(); begin += portion) {
        const std::size_t end = std::min(begin + portion, requests.size());
        for (std::size_t i = begin; i < end; ++i) admin.send(requests[i]);
        for (std::size_t i = begin; i < end; ++i) replies.push_back(admin.read());
    }
    return replies;
}

/// True if the server says that the request itself is wrong when asked to run it. Within MULTI nothing blocks.
bool is_refused(testing::admin& admin, request words) {
    // Scripts and functions that do not exist would be refused for that; the rules for their keys are the same.
    const listed_command& command = command_of(words);
    if (command.has(command_flags::no_mandatory_keys) && words.size() > 1) {
        words[0] = "EVAL";
        words[1] = "return 1";
    }
    admin({"MULTI"});
    const bool refused_at_once = admin.call(words).is_error();
    const admin_reply done = admin.call({"EXEC"});
    admin({"FLUSHALL"});
    if (refused_at_once || done.items.empty()) return true;
    return done.items[0].is_error() && done.items[0].text.starts_with("ERR ");
}

constexpr const char* by_options = "different, as a keyword is another option's argument or given twice";

bool is_shard_channel_command(const listed_command& command) {
    return !command.keys.empty() && has(command.keys[0].flags, key_flags::not_key);
}

/// COMMAND GETKEYS goes by the key specs, which look for one keyword each. Where the keyword may stand as another
/// option's argument, is given twice, or excludes another, find_keys reads the options as the running command does. So
/// does the slot check of a cluster, which is what the answer is for. MIGRATE with an empty list of KEYS has no keys.
bool is_read_by_options(const listed_command& command) {
    static constexpr std::array ids{command_id::georadius, command_id::georadiusbymember,
                                    command_id::migrate,   command_id::sort,
                                    command_id::xread,     command_id::xreadgroup};
    return std::find(ids.begin(), ids.end(), command.id) != ids.end();
}

/// What became of one comparison; an empty text is a disagreement that nobody decided on.
std::string outcome(testing::admin& admin, const request& words, const verdict& we, const verdict& they) {
    const listed_command& command = command_of(words);
    if (we == they) {
        static constexpr std::array same{"the same keys", "no keys", "not known", "malformed"};
        return same.at(static_cast<std::size_t>(we.search));
    }
    if (is_shard_channel_command(command) && we.search == key_search::found && they.search == key_search::none) {
        return "shard channels, which GETKEYS leaves out";
    }
    // GETKEYS reads numbers leniently, and specs do not know options.
    if (is_refused(admin, words)) return "different, but the server refuses to run it";
    const bool decided = we.search == key_search::found || we.search == key_search::none;
    return is_read_by_options(command) && decided ? by_options : "";
}

TEST(find_keys, agrees_with_command_getkeys) {
    const std::string version = testing::table_server_version();
    if (version != table_version() && version != newer_table_version()) {
        GTEST_SKIP() << "the table is of Valkey " << table_version() << " and " << newer_table_version()
                     << ", the server is " << version;
    }
    const std::uint32_t seed = chosen_seed();
    const std::vector<std::string> known = texts(testing::table_server().admin().call({"COMMAND", "LIST"}));
    const std::vector<request> corpus = corpus_writer{seed, known}.write(60);
    ASSERT_GE(corpus.size(), 5000u);

    std::vector<request> questions;
    for (const request& words : corpus) {
        questions.push_back({"COMMAND", "GETKEYS"});
        questions.back().insert(questions.back().end(), words.begin(), words.end());
    }
    const std::vector<admin_reply> answers = pipelined(questions);

    testing::admin admin = testing::table_server().admin();
    std::map<std::string, int> tally;
    for (std::size_t i = 0; i < corpus.size(); ++i) {
        const verdict we = ours(corpus[i]);
        const verdict they = from_server(answers[i]);
        const std::string what = outcome(admin, corpus[i], we, they);
        ++tally[what];
        if (what.empty()) {
            ADD_FAILURE() << text_of(corpus[i]) << "\n    ours:   " << text_of(we) << "\n    server: " << text_of(they)
                          << "\n    seed " << seed;
        }
    }
    std::cout << corpus.size() << " requests\n";
    for (const auto& [what, count] : tally) std::cout << "  " << count << " " << what << '\n';
    EXPECT_GE(tally["the same keys"], 3000);
    EXPECT_LT(tally[by_options], 100);
}

}  // namespace
}  // namespace valkeyxx
