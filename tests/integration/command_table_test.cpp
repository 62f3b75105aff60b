// The command table against a running server's COMMAND, entry by entry.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <initializer_list>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "command/table.hpp"
#include "integration/table_server.hpp"
#include "support/server_binary.hpp"

namespace valkeyxx {
namespace {

using testing::admin_reply;

template <class Set, std::size_t N>
std::vector<std::string> names_of(Set set, const std::array<std::pair<Set, const char*>, N>& names) {
    std::vector<std::string> found;
    for (const auto& [bit, name] : names) {
        if (has(set, bit)) found.emplace_back(name);
    }
    return found;
}

std::string sorted_text(std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    std::string text;
    for (const std::string& name : names) text += " " + name;
    return text;
}

constexpr std::array flag_names{
    std::pair{command_flags::write, "write"},
    std::pair{command_flags::readonly, "readonly"},
    std::pair{command_flags::denyoom, "denyoom"},
    std::pair{command_flags::admin, "admin"},
    std::pair{command_flags::pubsub, "pubsub"},
    std::pair{command_flags::noscript, "noscript"},
    std::pair{command_flags::blocking, "blocking"},
    std::pair{command_flags::loading, "loading"},
    std::pair{command_flags::stale, "stale"},
    std::pair{command_flags::skip_monitor, "skip_monitor"},
    std::pair{command_flags::skip_slowlog, "skip_slowlog"},
    std::pair{command_flags::asking, "asking"},
    std::pair{command_flags::fast, "fast"},
    std::pair{command_flags::no_auth, "no_auth"},
    std::pair{command_flags::may_replicate, "may_replicate"},
    std::pair{command_flags::sentinel, "sentinel"},
    std::pair{command_flags::only_sentinel, "only_sentinel"},
    std::pair{command_flags::no_mandatory_keys, "no_mandatory_keys"},
    std::pair{command_flags::protected_, "protected"},
    std::pair{command_flags::no_async_loading, "no_async_loading"},
    std::pair{command_flags::no_multi, "no_multi"},
    std::pair{command_flags::allow_busy, "allow_busy"},
    std::pair{command_flags::movablekeys, "movablekeys"},
    std::pair{command_flags::module, "module"},
};

constexpr std::array key_flag_names{
    std::pair{key_flags::read_only, "RO"},
    std::pair{key_flags::read_write, "RW"},
    std::pair{key_flags::overwrite, "OW"},
    std::pair{key_flags::remove, "RM"},
    std::pair{key_flags::access, "access"},
    std::pair{key_flags::update, "update"},
    std::pair{key_flags::insert, "insert"},
    std::pair{key_flags::erase, "delete"},
    std::pair{key_flags::not_key, "not_key"},
    std::pair{key_flags::incomplete, "incomplete"},
    std::pair{key_flags::variable_flags, "variable_flags"},
};

constexpr std::array tip_names{
    std::pair{command_tips::nondeterministic_output, "nondeterministic_output"},
    std::pair{command_tips::nondeterministic_output_order, "nondeterministic_output_order"},
};

std::vector<std::string> tips_of(const listed_command& info) {
    static constexpr std::array requests{"", "all_nodes", "all_shards", "multi_shard", "special"};
    static constexpr std::array responses{
        "",        "one_succeeded", "all_succeeded", "agg_logical_and", "agg_logical_or",
        "agg_min", "agg_max",       "agg_sum",       "special"};
    std::vector<std::string> tips = names_of(info.tips, tip_names);
    if (info.request != request_policy::none) {
        tips.push_back(std::string("request_policy:") + requests.at(static_cast<std::size_t>(info.request)));
    }
    if (info.response != response_policy::none) {
        tips.push_back(std::string("response_policy:") + responses.at(static_cast<std::size_t>(info.response)));
    }
    return tips;
}

/// How much of an entry is compared.
enum class depth : std::uint8_t {
    all,
    what_counts,  ///< where the keys are, who may run it: what a client goes by, which no newer server may change
};

std::vector<std::string> only(std::vector<std::string> names, std::initializer_list<std::string_view> wanted) {
    std::erase_if(
        names, [&](const std::string& name) { return std::find(wanted.begin(), wanted.end(), name) == wanted.end(); });
    return names;
}

std::string flags_text(std::vector<std::string> names, depth how) {
    if (how == depth::what_counts) {
        names = only(std::move(names), {"write", "readonly", "blocking", "pubsub", "movablekeys", "no_mandatory_keys"});
    }
    return sorted_text(std::move(names));
}

std::string key_flags_text(std::vector<std::string> names, depth how) {
    if (how == depth::what_counts) names = only(std::move(names), {"not_key", "incomplete"});
    return sorted_text(std::move(names));
}

std::string text_of(const key_spec& spec, depth how) {
    std::string text = "\n  key spec:";
    switch (spec.begin.how) {
        case key_begin::kind::unknown:
            text += " unknown";
            break;
        case key_begin::kind::index:
            text += " index index=" + std::to_string(spec.begin.from);
            break;
        case key_begin::kind::keyword:
            text +=
                " keyword keyword=" + std::string(spec.begin.keyword) + " startfrom=" + std::to_string(spec.begin.from);
            break;
    }
    const key_extent& extent = spec.extent;
    switch (extent.how) {
        case key_extent::kind::unknown:
            text += " unknown";
            break;
        case key_extent::kind::range:
            text += " range lastkey=" + std::to_string(extent.last) + " keystep=" + std::to_string(extent.step) +
                    " limit=" + std::to_string(extent.limit);
            break;
        case key_extent::kind::counted:
            text += " keynum keynumidx=" + std::to_string(extent.count) + " firstkey=" + std::to_string(extent.first) +
                    " keystep=" + std::to_string(extent.step);
            break;
    }
    return text + key_flags_text(names_of(spec.flags, key_flag_names), how);
}

std::string text_of(const listed_command& info, depth how) {
    std::string text = how == depth::all ? "arity " + std::to_string(info.arity) : std::string{};
    text += "\n  flags:" + flags_text(names_of(info.flags, flag_names), how) + "\n  tips:" + sorted_text(tips_of(info));
    for (const key_spec& spec : info.keys) text += text_of(spec, how);
    return text;
}

std::vector<std::string> texts(const admin_reply& list) {
    std::vector<std::string> found;
    for (const admin_reply& item : list.items) found.push_back(item.text);
    return found;
}

/// In RESP2 a map is a list of names and values in turn.
const admin_reply& field(const admin_reply& map, std::string_view name) {
    for (std::size_t i = 0; i + 1 < map.items.size(); i += 2) {
        if (map.items[i].text == name) return map.items[i + 1];
    }
    throw std::runtime_error("no field " + std::string(name) + " in " + map.flat());
}

std::string search_text(const admin_reply& search) {
    std::string text = " " + field(search, "type").text;
    const admin_reply& spec = field(search, "spec");
    for (std::size_t i = 0; i + 1 < spec.items.size(); i += 2)
        text += " " + spec.items[i].text + "=" + spec.items[i + 1].text;
    return text;
}

/// The tips, without the policies of a command that we cannot take apart: one with the number of its keys in front.
std::vector<std::string> tips_of(const admin_reply& entry) {
    std::vector<std::string> tips = texts(entry.items.at(7));
    const auto& specs = entry.items.at(8).items;
    const bool counted = std::any_of(specs.begin(), specs.end(), [](const admin_reply& spec) {
        return field(field(spec, "find_keys"), "type").text == "keynum";
    });
    if (counted && std::find(tips.begin(), tips.end(), "request_policy:multi_shard") != tips.end()) {
        std::erase_if(tips, [](const std::string& tip) { return tip.find("_policy:") != std::string::npos; });
    }
    return tips;
}

/// One entry of COMMAND's reply: name, arity, flags, three legacy numbers, categories, tips, key specs, subcommands.
std::string text_of(const admin_reply& entry, depth how) {
    std::string text = how == depth::all ? "arity " + entry.items.at(1).text : std::string{};
    text += "\n  flags:" + flags_text(texts(entry.items.at(2)), how) + "\n  tips:" + sorted_text(tips_of(entry));
    for (const admin_reply& spec : entry.items.at(8).items) {
        text += "\n  key spec:" + search_text(field(spec, "begin_search")) + search_text(field(spec, "find_keys")) +
                key_flags_text(texts(field(spec, "flags")), how);
    }
    return text;
}

std::string table_name(std::string wire_name) {
    for (char& c : wire_name) c = c == '|' ? ' ' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return wire_name;
}

using entries = std::map<std::string, admin_reply>;

void add_entries(const admin_reply& list, entries& all) {
    for (const admin_reply& entry : list.items) {
        all[table_name(entry.items.at(0).text)] = entry;
        add_entries(entry.items.at(9), all);
    }
}

entries entries_of(const testing::valkey_server& server) {
    entries all;
    add_entries(server.admin().call({"COMMAND"}), all);
    return all;
}

bool is_newer(const listed_command& info) {
    const auto numbers = [](std::string_view version) {
        std::array<int, 3> parts{};
        std::istringstream text{std::string{version}};
        char dot = 0;
        text >> parts[0] >> dot >> parts[1] >> dot >> parts[2];
        return parts;
    };
    return numbers(info.since) > numbers(table_version());
}

/// Whether a command takes all numbers of words that it took with the other arity.
bool covers(int arity, int other) {
    return arity < 0 ? std::abs(other) >= -arity : other == arity;
}

TEST(command_table, says_what_the_server_says) {
    if (const std::string version = testing::table_server_version(); version != table_version()) {
        GTEST_SKIP() << "the table is of Valkey " << table_version() << ", the server is " << version;
    }
    entries expected = entries_of(testing::table_server());
    for (const listed_command& info : command_table()) {
        if (is_newer(info)) {
            EXPECT_FALSE(expected.contains(std::string(info.name))) << info.name << " is not newer";
            continue;
        }
        const auto found = expected.find(std::string(info.name));
        ASSERT_NE(found, expected.end()) << info.name << " is not a command of the server";
        EXPECT_EQ(text_of(info, depth::all), text_of(found->second, depth::all)) << info.name;
        expected.erase(found);
    }
    EXPECT_TRUE(expected.empty()) << expected.begin()->first << " is not in the table";
}

TEST(command_table, says_what_a_newer_server_says) {
    const auto program = testing::newer_server_binary();
    if (!program) GTEST_SKIP() << "VALKEY_NEWER_BIN_DIR is not set";
    testing::valkey_server server{{.program = *program}};
    server.wait();
    if (const std::string version = testing::version_of(server); version != newer_table_version()) {
        GTEST_SKIP() << "the newer commands are of Valkey " << newer_table_version() << ", the server is " << version;
    }
    entries expected = entries_of(server);
    for (const listed_command& info : command_table()) {
        const auto found = expected.find(std::string(info.name));
        ASSERT_NE(found, expected.end()) << info.name << " is not a command of the server";
        const depth how = is_newer(info) ? depth::all : depth::what_counts;
        EXPECT_EQ(text_of(info, how), text_of(found->second, how)) << info.name;
        EXPECT_TRUE(covers(std::stoi(found->second.items.at(1).text), info.arity)) << info.name;
        expected.erase(found);
    }
    EXPECT_TRUE(expected.empty()) << expected.begin()->first << " is not in the table";
}

}  // namespace
}  // namespace valkeyxx
