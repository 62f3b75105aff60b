#include <valkeyxx/command.hpp>

#include <vector>

#include "command/keys.hpp"
#include "command/table.hpp"
#include "resp/encoder.hpp"

namespace valkeyxx {
namespace {

// What is taken to be true of a command that the table does not know.
const listed_command& unknown_command() noexcept {
    return info_of(command_id::raw);
}

constexpr std::size_t longest_header = 5;  // "$999\r\n" less one: what is inline has lengths below 100

bool may_repeat(repeatable r) noexcept {
    return r == repeatable::read_only || r == repeatable::last_write_wins;
}

// Whether no option speaks against it; for arguments without the name's words.
bool may_repeat_with(const listed_command& info, std::span<const std::string_view> args) {
    if (info.stricter.words.empty() || info.words + args.size() <= info.stricter.from) return true;
    std::vector<std::string_view> words(info.words);
    words.insert(words.end(), args.begin(), args.end());
    return may_repeat(repeat_class(info, words));
}

}  // namespace

encoded_command::encoded_command(command_id id, std::span<const std::string_view> args, keys where)
    : facts_{.info = &info_of(id), .how = info_of(id).how} {
    const listed_command& info = *facts_.info;
    // An upper bound will do to choose where the bytes live; the digits of each length are counted while writing them.
    std::size_t size = longest_header + info.head.size();
    for (std::string_view arg : args) size += longest_header + arg.size() + 2;
    if (size > inline_bytes) {
        size = resp::count_size(info.words + args.size()) + info.head.size();
        for (std::string_view arg : args) size += resp::bulk_size(arg.size());
    }
    char* const begin = reserve(size);
    char* p = resp::put_count(begin, '*', info.words + args.size());
    std::memcpy(p, info.head.data(), info.head.size());
    p += info.head.size();
    for (std::string_view arg : args) p = resp::put_bulk(p, arg);
    size_ = static_cast<std::size_t>(p - begin);
    if (where == keys::first && !args.empty()) [[likely]] {
        facts_.slot = key_slot(args.front());
        facts_.route = key_route::slot;
    } else {
        set_keys(args, where);
    }
    facts_.repeatable = may_repeat(info.repeat) && may_repeat_with(info, args);
}

encoded_command::encoded_command(command_id id, std::string_view key) : facts_{.info = &info_of(id)} {
    const listed_command& info = *facts_.info;
    char* const begin = reserve(2 * longest_header + info.head.size() + key.size() + 16);
    char* p = resp::put_count(begin, '*', info.words + 1U);
    std::memcpy(p, info.head.data(), info.head.size());
    p = resp::put_bulk(p + info.head.size(), key);
    size_ = static_cast<std::size_t>(p - begin);
    facts_.slot = key_slot(key);
    facts_.route = key_route::slot;
    facts_.repeatable = may_repeat(info.repeat);  // an option would be a second argument
}

void encoded_command::set_keys(std::span<const std::string_view> args, keys where) {
    if (where == keys::none || args.empty()) return;
    if (where == keys::by_table) {
        std::vector<std::string_view> words(facts_.info->words);
        words.insert(words.end(), args.begin(), args.end());
        set_keys_by_table(words);
        return;
    }
    facts_.slot = key_slot(args.front());
    facts_.route = key_route::slot;
    if (where == keys::first) return;
    const std::size_t stride = where == keys::all ? 1 : 2;
    for (std::size_t i = stride; i < args.size(); i += stride) {
        if (key_slot(args[i]) != facts_.slot) {
            facts_.route = key_route::cross_slot;
            return;
        }
    }
}

encoded_command::encoded_command(std::span<const std::string_view> words) {
    std::size_t size = resp::count_size(words.size());
    for (std::string_view word : words) size += resp::bulk_size(word.size());
    char* const begin = reserve(size);
    char* p = resp::put_count(begin, '*', words.size());
    for (std::string_view word : words) p = resp::put_bulk(p, word);
    size_ = static_cast<std::size_t>(p - begin);

    facts_.info = find_command(words[0], words.size() > 1 ? words[1] : std::string_view{});
    if (facts_.info == nullptr) {
        facts_.info = &unknown_command();
        set_keys(words.subspan(1), keys::first);
        facts_.route = key_route::unlisted;
        return;
    }
    facts_.how = facts_.info->how;
    facts_.repeatable = may_repeat(repeat_class(*facts_.info, words));
    set_keys_by_table(words);
}

// For words that the name's are part of.
void encoded_command::set_keys_by_table(std::span<const std::string_view> words) {
    std::vector<std::uint32_t> positions;
    // Keys that cannot be found (malformed, or known to the server alone) leave the command without a slot: the server
    // answers it with its own error, or with a MOVED that names the slot.
    if (find_keys(*facts_.info, words, positions) != key_search::found || positions.empty()) return;
    std::vector<std::string_view> key_list;
    key_list.reserve(positions.size());
    for (std::uint32_t at : positions) key_list.push_back(words[at]);
    set_keys(key_list, keys::all);
}

void encoded_command::attach_digest(std::string_view digest) {
    std::string whole{bytes()};
    whole += digest;
    heap_.reset();
    std::memcpy(reserve(whole.size()), whole.data(), whole.size());
    size_ = whole.size();
    facts_.how = handling::script;
}

void encoded_command::allow_cache(std::chrono::milliseconds ttl) noexcept {
    const bool has_keys = facts_.route == key_route::slot || facts_.route == key_route::cross_slot;
    const bool can = has_keys && facts_.how == handling::ordinary && reads_only_its_keys(*facts_.info);
    facts_.how = ttl.count() > 0 && (can || facts_.how == handling::cached) ? handling::cached : handling::uncacheable;
    facts_.kept_for = detail::brief_time{ttl};
}

std::string encoded_command::name() const {
    return request_name(*facts_.info, bytes());
}

void encoded_command::copy_from(const encoded_command& other) {
    const auto text = other.bytes();
    size_ = 0;  // if there is no memory for the copy, an empty request is left
    heap_.reset();
    std::memcpy(reserve(text.size()), text.data(), text.size());
    size_ = other.size_;
    facts_ = other.facts_;
}

}  // namespace valkeyxx
