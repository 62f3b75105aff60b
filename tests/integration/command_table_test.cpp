// The command table against a running server's COMMAND, entry by entry.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "command/table.hpp"
#include "integration/table_server.hpp"

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

std::string text_of(const key_spec& spec) {
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
    return text + sorted_text(names_of(spec.flags, key_flag_names));
}

std::string text_of(const listed_command& info) {
    std::string text = "arity " + std::to_string(info.arity) +
                       "\n  flags:" + sorted_text(names_of(info.flags, flag_names)) +
                       "\n  tips:" + sorted_text(tips_of(info));
    for (const key_spec& spec : info.keys) text += text_of(spec);
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

/// One entry of COMMAND's reply: name, arity, flags, three legacy numbers, categories, tips, key specs, subcommands.
std::string text_of(const admin_reply& entry) {
    std::string text = "arity " + entry.items.at(1).text + "\n  flags:" + sorted_text(texts(entry.items.at(2))) +
                       "\n  tips:" + sorted_text(texts(entry.items.at(7)));
    for (const admin_reply& spec : entry.items.at(8).items) {
        text += "\n  key spec:" + search_text(field(spec, "begin_search")) + search_text(field(spec, "find_keys")) +
                sorted_text(texts(field(spec, "flags")));
    }
    return text;
}

std::string table_name(std::string wire_name) {
    for (char& c : wire_name) c = c == '|' ? ' ' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return wire_name;
}

void add_entries(const admin_reply& list, std::map<std::string, std::string>& entries) {
    for (const admin_reply& entry : list.items) {
        entries[table_name(entry.items.at(0).text)] = text_of(entry);
        add_entries(entry.items.at(9), entries);
    }
}

TEST(command_table, says_what_the_server_says) {
    if (const std::string version = testing::table_server_version(); version != table_version()) {
        GTEST_SKIP() << "the table is of Valkey " << table_version() << ", the server is " << version;
    }
    std::map<std::string, std::string> expected;
    add_entries(testing::table_server().admin().call({"COMMAND"}), expected);
    EXPECT_EQ(command_table().size(), expected.size());
    for (const listed_command& info : command_table()) {
        const auto found = expected.find(std::string(info.name));
        ASSERT_NE(found, expected.end()) << info.name << " is not a command of the server";
        EXPECT_EQ(text_of(info), found->second) << info.name;
    }
}

}  // namespace
}  // namespace valkeyxx
