#include "command/described.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "resp/field.hpp"

namespace valkeyxx {
namespace {

using resp::field;

constexpr std::array flag_names{
    std::pair<std::string_view, command_flags>{"write", command_flags::write},
    std::pair<std::string_view, command_flags>{"readonly", command_flags::readonly},
    std::pair<std::string_view, command_flags>{"denyoom", command_flags::denyoom},
    std::pair<std::string_view, command_flags>{"admin", command_flags::admin},
    std::pair<std::string_view, command_flags>{"pubsub", command_flags::pubsub},
    std::pair<std::string_view, command_flags>{"noscript", command_flags::noscript},
    std::pair<std::string_view, command_flags>{"blocking", command_flags::blocking},
    std::pair<std::string_view, command_flags>{"fast", command_flags::fast},
    std::pair<std::string_view, command_flags>{"no_mandatory_keys", command_flags::no_mandatory_keys},
    std::pair<std::string_view, command_flags>{"no_multi", command_flags::no_multi},
    std::pair<std::string_view, command_flags>{"movablekeys", command_flags::movablekeys},
    std::pair<std::string_view, command_flags>{"module", command_flags::module},
};

constexpr std::array key_flag_names{
    std::pair<std::string_view, key_flags>{"RO", key_flags::read_only},
    std::pair<std::string_view, key_flags>{"RW", key_flags::read_write},
    std::pair<std::string_view, key_flags>{"OW", key_flags::overwrite},
    std::pair<std::string_view, key_flags>{"RM", key_flags::remove},
    std::pair<std::string_view, key_flags>{"not_key", key_flags::not_key},
    std::pair<std::string_view, key_flags>{"incomplete", key_flags::incomplete},
    std::pair<std::string_view, key_flags>{"variable_flags", key_flags::variable_flags},
};

constexpr std::array request_policies{
    std::pair<std::string_view, request_policy>{"all_nodes", request_policy::all_nodes},
    std::pair<std::string_view, request_policy>{"all_shards", request_policy::all_shards},
    std::pair<std::string_view, request_policy>{"multi_shard", request_policy::multi_shard},
    std::pair<std::string_view, request_policy>{"special", request_policy::special},
};

constexpr std::array response_policies{
    std::pair<std::string_view, response_policy>{"one_succeeded", response_policy::one_succeeded},
    std::pair<std::string_view, response_policy>{"all_succeeded", response_policy::all_succeeded},
    std::pair<std::string_view, response_policy>{"agg_logical_and", response_policy::agg_logical_and},
    std::pair<std::string_view, response_policy>{"agg_logical_or", response_policy::agg_logical_or},
    std::pair<std::string_view, response_policy>{"agg_min", response_policy::agg_min},
    std::pair<std::string_view, response_policy>{"agg_max", response_policy::agg_max},
    std::pair<std::string_view, response_policy>{"agg_sum", response_policy::agg_sum},
    std::pair<std::string_view, response_policy>{"special", response_policy::special},
};

template <class Names>
auto named(const Names& names, std::string_view word) {
    const auto found =
        std::find_if(names.begin(), names.end(), [&](const auto& n) { return same_word(n.first, word); });
    return found != names.end() ? std::optional{found->second} : std::nullopt;
}

template <class Set, class Names>
Set set_of(const Names& names, reply_view words) {
    Set all{};
    for (const reply_view word : words) {
        if (const auto bit = named(names, word.text())) all = all | *bit;
    }
    return all;
}

void read_tip(std::string_view tip, listed_command& into) {
    constexpr std::string_view request = "request_policy:";
    constexpr std::string_view response = "response_policy:";
    if (tip.starts_with(request)) {
        into.request = named(request_policies, tip.substr(request.size())).value_or(request_policy::none);
    } else if (tip.starts_with(response)) {
        into.response = named(response_policies, tip.substr(response.size())).value_or(response_policy::none);
    }
}

std::int16_t small(reply_view number) {
    const auto n = number.as_integer();
    return n && std::in_range<std::int16_t>(*n) ? static_cast<std::int16_t>(*n) : std::int16_t{0};
}

key_extent read_extent(reply_view find) {
    const std::string_view kind = field(find, "type").text();
    const reply_view how = field(find, "spec");
    if (kind == "range") {
        return key_extent::range(small(field(how, "lastkey")), small(field(how, "keystep")),
                                 small(field(how, "limit")));
    }
    if (kind == "keynum") {
        return key_extent::counted(small(field(how, "keynumidx")), small(field(how, "firstkey")),
                                   small(field(how, "keystep")));
    }
    return {};
}

// A step of nothing would search for ever.
bool usable(const key_spec& spec) {
    return spec.begin.how != key_begin::kind::unknown && spec.extent.how != key_extent::kind::unknown &&
           spec.extent.step > 0 && !has(spec.flags, key_flags::incomplete);
}

}  // namespace

std::unique_ptr<const described_command> described_command::read(reply_view entry, std::string_view name) {
    std::unique_ptr<described_command> made{new described_command};
    made->name_ = name;
    if (!made->read_entry(entry)) return nullptr;
    return made;
}

// Name, arity, flags, first and last key and step as they were before key specs, categories; tips, key specs,
// subcommands. Source: https://valkey.io/commands/command
bool described_command::read_entry(reply_view entry) {
    if (!entry.is_aggregate() || entry.size() < 10) return false;
    info_.name = name_;
    info_.words = static_cast<std::uint8_t>(1 + std::count(name_.begin(), name_.end(), ' '));
    info_.arity = static_cast<std::int8_t>(std::clamp<int>(small(entry[1]), -128, 127));
    info_.flags = set_of<command_flags>(flag_names, entry[2]);
    info_.repeat = info_.has(command_flags::readonly) ? repeatable::read_only : repeatable::never;
    if (info_.has(command_flags::blocking)) info_.how = handling::blocks;
    for (const reply_view tip : entry[7]) read_tip(tip.text(), info_);

    std::vector<key_spec> specs;
    for (const reply_view spec : entry[8]) {
        const auto read = read_spec(spec);
        if (!read || !usable(*read)) hides_keys_ = true;
        if (read) specs.push_back(*read);
    }
    hides_keys_ = hides_keys_ || specs.size() > key_spec_list::capacity;
    switch (hides_keys_ ? 0 : specs.size()) {
        case 1:
            info_.keys = {specs[0]};
            break;
        case 2:
            info_.keys = {specs[0], specs[1]};
            break;
        case 3:
            info_.keys = {specs[0], specs[1], specs[2]};
            break;
        default:
            // A module from before key specs may say no more than that its keys have to be asked for.
            hides_keys_ = hides_keys_ || info_.has(command_flags::movablekeys);
            break;
    }

    for (const reply_view sub : entry[9]) {
        const std::string_view full = !sub.empty() ? sub[0].text() : std::string_view{};  // "client|list"
        const std::string word{full.substr(std::min(full.find('|') + 1, full.size()))};
        if (auto read = described_command::read(sub, name_ + ' ' + word)) subcommands_.push_back(std::move(read));
    }
    info_.has_subcommands = !subcommands_.empty();
    return true;
}

std::optional<key_spec> described_command::read_spec(reply_view spec) {
    const reply_view begin = field(spec, "begin_search");
    const reply_view how = field(begin, "spec");
    key_spec read;
    if (const std::string_view kind = field(begin, "type").text(); kind == "index") {
        read.begin = key_begin::at(small(field(how, "index")));
    } else if (kind == "keyword") {
        keywords_.emplace_back(field(how, "keyword").text());
        read.begin = key_begin::after(keywords_.back(), small(field(how, "startfrom")));
    } else if (kind != "unknown") {
        return std::nullopt;
    }
    read.extent = read_extent(field(spec, "find_keys"));
    read.flags = set_of<key_flags>(key_flag_names, field(spec, "flags"));
    return read;
}

const described_command* described_command::subcommand(std::string_view name) const noexcept {
    for (const auto& sub : subcommands_) {
        if (same_word(std::string_view{sub->name_}.substr(name_.size() + 1), name)) return sub.get();
    }
    return nullptr;
}

}  // namespace valkeyxx
