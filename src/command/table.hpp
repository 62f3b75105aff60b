// What a server knows about its commands: shape, flags, where the keys are, how a cluster client treats them.
//
//   const listed_command* c = find_command("cluster", "info");   // not null; c->id == command_id::cluster_info
//   info_of(command_id::get).has(command_flags::readonly)      // true
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include <valkeyxx/command_id.hpp>
#include <valkeyxx/detail/handling.hpp>

namespace valkeyxx {

/// The server's command flags, under the names it uses in its `COMMAND` reply. A set of bits.
enum class command_flags : std::uint32_t {
    none = 0,
    write = 1u << 0,
    readonly = 1u << 1,
    denyoom = 1u << 2,
    admin = 1u << 3,
    pubsub = 1u << 4,
    noscript = 1u << 5,
    blocking = 1u << 6,
    loading = 1u << 7,
    stale = 1u << 8,
    skip_monitor = 1u << 9,
    skip_slowlog = 1u << 10,
    asking = 1u << 11,
    fast = 1u << 12,
    no_auth = 1u << 13,
    may_replicate = 1u << 14,
    sentinel = 1u << 15,
    only_sentinel = 1u << 16,
    no_mandatory_keys = 1u << 17,
    protected_ = 1u << 18,
    no_async_loading = 1u << 19,
    no_multi = 1u << 20,
    allow_busy = 1u << 21,
    movablekeys = 1u << 22,
    module = 1u << 23,
};

/// What a command does with the keys of one key spec. A set of bits.
enum class key_flags : std::uint16_t {
    none = 0,
    read_only = 1u << 0,
    read_write = 1u << 1,
    overwrite = 1u << 2,
    remove = 1u << 3,
    access = 1u << 4,  ///< hands the value out or copies it
    update = 1u << 5,
    insert = 1u << 6,
    erase = 1u << 7,
    not_key = 1u << 8,          ///< a shard channel: it has a slot, but no value
    incomplete = 1u << 9,       ///< the spec does not find all keys
    variable_flags = 1u << 10,  ///< the flags depend on the arguments
};

/// Hints of the server that are not policies. A set of bits.
enum class command_tips : std::uint8_t {
    none = 0,
    nondeterministic_output = 1u << 0,        ///< two runs on the same data may answer differently
    nondeterministic_output_order = 1u << 1,  ///< they answer the same elements, in any order
};

#define VALKEYXX_BIT_SET(set)                                                 \
    constexpr set operator|(set a, set b) noexcept {                          \
        using bits = std::underlying_type_t<set>;                             \
        return static_cast<set>(static_cast<bits>(a) | static_cast<bits>(b)); \
    }                                                                         \
    /** True if `all` contains every bit of `wanted`. */                      \
    constexpr bool has(set all, set wanted) noexcept {                        \
        return (all | wanted) == all;                                         \
    }
VALKEYXX_BIT_SET(command_flags)
VALKEYXX_BIT_SET(key_flags)
VALKEYXX_BIT_SET(command_tips)
#undef VALKEYXX_BIT_SET

/// To which nodes a cluster client sends a command. `none`: by its keys, or to any node if it has none.
enum class request_policy : std::uint8_t { none, all_nodes, all_shards, multi_shard, special };

/// How the replies of several nodes become one. `none`: keys in order, or the elements of all replies if it has no
/// keys.
enum class response_policy : std::uint8_t {
    none,
    one_succeeded,
    all_succeeded,
    agg_logical_and,
    agg_logical_or,
    agg_min,
    agg_max,
    agg_sum,
    special,
};

/// May a command be sent again when its reply was lost and it may have run?
enum class repeatable : std::uint8_t {
    read_only,        ///< changes nothing
    last_write_wins,  ///< data and reply are then those of one run at the later moment
    checked,          ///< data are, but the reply tells of the second run: DEL answers 0, SETNX false, RENAME an error
    accumulating,     ///< takes effect once more: INCR, LPUSH, SPOP, PUBLISH
    never,            ///< not known (a script), bound to its connection (MULTI), or too far-reaching (FLUSHALL)
};

/// Where the search for keys begins.
struct key_begin {
    enum class kind : std::uint8_t { unknown, index, keyword };
    kind how = kind::unknown;
    /// index: the first key. keyword: where to start looking; below 0 it counts, and looks, from the request's end
    std::int16_t from = 0;
    std::string_view keyword{};  ///< the word before the first key

    static constexpr key_begin at(std::int16_t index) noexcept { return {kind::index, index, {}}; }
    static constexpr key_begin after(std::string_view word, std::int16_t from) noexcept {
        return {kind::keyword, from, word};
    }
};

/// Which arguments are keys, once the beginning is known.
struct key_extent {
    enum class kind : std::uint8_t { unknown, range, counted };
    kind how = kind::unknown;
    std::int16_t last = 0;   ///< range: the last key, from the beginning; < 0 counts from the request's end
    std::int16_t step = 1;   ///< from one key to the next
    std::int16_t limit = 0;  ///< range with last < 0: keys are the first 1/limit of what follows (0 and 1: all)
    std::int16_t count = 0;  ///< counted: where the number of keys stands, from the beginning
    std::int16_t first = 0;  ///< counted: where the first key stands, from the beginning

    static constexpr key_extent range(std::int16_t last, std::int16_t step, std::int16_t limit) noexcept {
        return {kind::range, last, step, limit, 0, 0};
    }
    static constexpr key_extent counted(std::int16_t count, std::int16_t first, std::int16_t step) noexcept {
        return {kind::counted, 0, step, 0, count, first};
    }
};

struct key_spec {
    key_begin begin;
    key_extent extent;
    key_flags flags = key_flags::none;
};

/// The key specs of one command, in place, so that the whole table is constant data.
class key_spec_list {
  public:
    static constexpr std::size_t capacity = 3;

    constexpr key_spec_list() noexcept = default;
    constexpr key_spec_list(key_spec a) noexcept : items_{a}, size_{1} {}
    constexpr key_spec_list(key_spec a, key_spec b) noexcept : items_{a, b}, size_{2} {}
    constexpr key_spec_list(key_spec a, key_spec b, key_spec c) noexcept : items_{a, b, c}, size_{3} {}

    [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
    [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] constexpr const key_spec* begin() const noexcept { return items_.data(); }
    [[nodiscard]] constexpr const key_spec* end() const noexcept { return items_.data() + size_; }
    constexpr const key_spec& operator[](std::size_t i) const noexcept { return items_[i]; }

  private:
    std::array<key_spec, capacity> items_{};
    std::uint8_t size_ = 0;
};

/// Options that put a command in another repeatability class: SET in `checked` if there is NX, XX or GET.
struct stricter_options {
    std::string_view words{};  ///< upper case, one space between
    std::uint8_t from = 0;     ///< the first index in the request where an option may stand
    repeatable repeat = repeatable::never;
};

/// One command or subcommand.
struct listed_command {
    command_id id = command_id::raw;
    std::string_view name{};       ///< "CLUSTER INFO"
    std::string_view head{};       ///< the name's words as they begin a request: "$7\r\nCLUSTER\r\n$4\r\nINFO\r\n"
    std::string_view since{};      ///< the server version that brought it
    std::uint8_t words = 0;        ///< 1, or 2 for a subcommand
    std::int8_t arity = 0;         ///< arguments with the name's words; negative: at least that many
    bool has_subcommands = false;  ///< CLUSTER, CLIENT ...
    repeatable repeat = repeatable::never;  ///< as far as the name tells: see `repeat_class`
    handling how = handling::ordinary;
    command_flags flags = command_flags::none;
    command_tips tips = command_tips::none;
    request_policy request = request_policy::none;
    response_policy response = response_policy::none;
    stricter_options stricter{};
    key_spec_list keys{};

    [[nodiscard]] constexpr bool has(command_flags wanted) const noexcept { return valkeyxx::has(flags, wanted); }
    [[nodiscard]] constexpr bool has(command_tips wanted) const noexcept { return valkeyxx::has(tips, wanted); }
    /// True if a request of that many words, the name's included, may be right.
    [[nodiscard]] constexpr bool takes(std::size_t words_sent) const noexcept {
        return arity >= 0 ? words_sent == static_cast<std::size_t>(arity)
                          : words_sent >= static_cast<std::size_t>(-arity);
    }
};

/// The entry of a command. That of `raw` has no name, no flags and no key specs, and is never repeatable. O(1).
inline const listed_command& info_of(command_id id) noexcept;

/// The entry for a request's first two words in any case; null if the server of the table does not know it.
/// @param first_arg  the word after the name, empty if there is none; only looked at if the command has subcommands
/// A command with subcommands that stands alone ("COMMAND") gives its own entry. O(1), does not allocate.
const listed_command* find_command(std::string_view name, std::string_view first_arg) noexcept;

namespace detail {
/// The whole table, `raw` first, by id.
extern const listed_command* const command_entries;
}  // namespace detail

inline const listed_command& info_of(command_id id) noexcept {
    return detail::command_entries[static_cast<std::size_t>(id)];
}

/// Every command and subcommand, in the order of `command_id`, without `raw`.
std::span<const listed_command> command_table() noexcept;

/// The Valkey version the table was taken from, and the one that told of the commands which came later.
std::string_view table_version() noexcept;
std::string_view newer_table_version() noexcept;

/// The repeatability of one request, its options considered. `args[0]` is the command's name.
repeatable repeat_class(const listed_command& command, std::span<const std::string_view> args) noexcept;

/// Whether the reply depends on nothing but what is in the keys that its specs tell of: those that a server tracks for
/// client-side caching. Not so where time, chance or a script decide, too.
bool reads_only_its_keys(const listed_command& command) noexcept;

/// What a request is called in errors: by its entry, or by its first word if the table does not know it. `bytes` are
/// those of our own encoder.
std::string request_name(const listed_command& command, std::string_view bytes);

/// Equal but for the case of ASCII letters, as the server compares names and options.
bool same_word(std::string_view a, std::string_view b) noexcept;

}  // namespace valkeyxx
