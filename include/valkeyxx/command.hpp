// A command is a value: the request's bytes, the slot of its keys, and the type of its reply.
//
//   command<std::optional<std::string>> c = get("user:1");
//   auto name = cluster.execute(c);                       // may be executed any number of times, anywhere
//   auto n = cluster.execute(raw<std::int64_t>("STRLEN", "user:1"));
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <valkeyxx/convert.hpp>
#include <valkeyxx/detail/brief_time.hpp>
#include <valkeyxx/detail/handling.hpp>
#include <valkeyxx/slot.hpp>

namespace valkeyxx {

enum class command_id : std::uint16_t;
struct listed_command;

/// Where a command goes by its keys.
enum class key_route : std::uint8_t {
    slot,        ///< to the primary of `slot`
    any,         ///< it has no keys: any node will do
    cross_slot,  ///< its keys hash to several slots: no node can run it
    unlisted,    ///< the table does not know it: a server is asked; until then `slot` is that of its first argument
};

/// What a router must know of a request besides its bytes.
struct command_facts {
    const listed_command* info =
        nullptr;             ///< the table's entry, or a neutral one for a command the table does not know
    std::uint16_t slot = 0;  ///< the slot of the keys, if `route` is `slot`
    key_route route = key_route::any;
    bool repeatable = false;  ///< running it twice is as good as once: a lost reply is no reason to give up
    bool split = false;       ///< keys of several slots are allowed: see across_slots
    handling how = handling::ordinary;
    detail::brief_time kept_for = {};  ///< how long its reply may be kept, if it may be cached
};

/// A request as it goes over the wire, with what a router must know of it. Commands of up to `inline_bytes` encoded
/// bytes live inside the object, longer ones on the heap. A value.
class encoded_command {
  public:
    static constexpr std::size_t inline_bytes = 96;

    /// Which arguments of a builder are keys.
    enum class keys : std::uint8_t {
        none,
        first,
        all,
        every_other,
        by_table,  ///< where the server's command table says, which takes a search
    };

    /// A command of the table with its arguments (without the name). Never fails: what the server would refuse, it
    /// refuses.
    encoded_command(command_id id, std::span<const std::string_view> args, keys where);

    /// A command of the table whose only argument is its key: the same as the one above, and quicker.
    encoded_command(command_id id, std::string_view key);

    /// Any command by its words, args[0] being its name. Keys are found by the command table. About a command that the
    /// table does not know (a module's, a newer server's) the client asks a server, once.
    explicit encoded_command(std::span<const std::string_view> words);

    encoded_command(const encoded_command& other) { copy_from(other); }
    encoded_command(encoded_command&& other) noexcept { move_from(other); }
    encoded_command& operator=(const encoded_command& other) {
        if (this != &other) copy_from(other);
        return *this;
    }
    encoded_command& operator=(encoded_command&& other) noexcept {
        if (this != &other) move_from(other);
        return *this;
    }
    ~encoded_command() = default;

    /// The request in RESP.
    [[nodiscard]] std::string_view bytes() const noexcept { return {heap_ ? heap_.get() : inline_.data(), size_}; }
    [[nodiscard]] const command_facts& facts() const noexcept { return facts_; }
    /// Lets its keys be of several slots, see across_slots().
    void allow_split() noexcept { facts_.split = true; }
    /// Makes it the call of a script (see `script`), whose SHA1 digest follows the request in bytes() from now on.
    void attach_digest(std::string_view digest);
    /// Running it twice is as good as once: what the table says of the commands that it knows.
    void allow_repeat() noexcept { facts_.repeatable = true; }
    /// Lets its reply be kept by the client, and a kept one be given: see command::cached().
    void allow_cache(std::chrono::milliseconds ttl) noexcept;
    /// The command's name as the server documents it ("CLUSTER INFO"), or as it was given if it is not in the table.
    [[nodiscard]] std::string name() const;

  private:
    char* reserve(std::size_t size) {
        if (size <= inline_bytes) [[likely]]
            return inline_.data();
        heap_ = std::make_unique_for_overwrite<char[]>(size);
        return heap_.get();
    }
    void set_keys(std::span<const std::string_view> args, keys where);
    void set_keys_by_table(std::span<const std::string_view> words);
    void copy_from(const encoded_command& other);
    void move_from(encoded_command& other) noexcept {
        facts_ = other.facts_;
        size_ = other.size_;
        heap_ = std::move(other.heap_);
        if (heap_) {
            other.size_ = 0;
        } else {
            std::memcpy(inline_.data(), other.inline_.data(), size_);
        }
    }

    std::size_t size_ = 0;
    command_facts facts_;
    std::unique_ptr<char[]> heap_;
    std::array<char, inline_bytes> inline_;  // only the first size_ bytes are ever read
};

/// A command whose reply is decoded into an `R` (see convert.hpp for what an `R` can be). A value; thread-safe to read.
template <class R>
class command {
  public:
    using reply_type = R;

    explicit command(encoded_command encoded) : encoded_{std::move(encoded)} {}
    /// Encodes in place; the arguments are those of `encoded_command`.
    template <class... Args>
    explicit command(std::in_place_t, const Args&... args) : encoded_{args...} {}

    [[nodiscard]] const encoded_command& encoded() const& noexcept { return encoded_; }
    [[nodiscard]] encoded_command encoded() && noexcept { return std::move(encoded_); }

    /// The same command with its reply decoded into a `T`.
    template <class T>
    [[nodiscard]] command<T> as() const& {
        return command<T>{encoded_};
    }
    template <class T>
    [[nodiscard]] command<T> as() && {
        return command<T>{std::move(encoded_)};
    }

    /// The same command, whose reply may come from the client's cache (`config::cache`) and is kept there for `ttl` at
    /// most, or until the server says that a key of it has changed. For commands that only read what is in their keys;
    /// of others (TTL, SRANDMEMBER, scripts), and with a time that is not positive, executing fails with
    /// `invalid_argument`. Where there is no cache, in sessions and transactions, and at nodes that are named by a
    /// target, it is the command as it was. See docs/caching.md. Example: `get("user:1").cached(30s)`
    [[nodiscard]] command cached(std::chrono::milliseconds ttl) const& { return command{*this}.cached_for(ttl); }
    [[nodiscard]] command cached(std::chrono::milliseconds ttl) && { return std::move(cached_for(ttl)); }

  private:
    command& cached_for(std::chrono::milliseconds ttl) noexcept {
        encoded_.allow_cache(ttl);
        return *this;
    }

    encoded_command encoded_;
};

/// Lets the keys of MGET, MSET, DEL, UNLINK, EXISTS or TOUCH be of any slots: the command is taken apart, each slot's
/// part runs on its own node, and the replies become one, in the order of the keys. It is then no longer atomic: others
/// may see, and an error may leave, some of it done (`partly_failed`). Example: `across_slots(mget("a", "b", "c"))`
template <class R>
[[nodiscard]] command<R> across_slots(command<R> c) {
    encoded_command whole = std::move(c).encoded();
    whole.allow_split();
    return command<R>{std::move(whole)};
}

/// Any command by its words; the reply is an `R`, by default any reply at all.
/// Example: `raw<std::vector<std::string>>("KEYS", "user:*")`
template <class R = value, class... Words>
    requires(sizeof...(Words) > 0 && (std::convertible_to<const Words&, std::string_view> && ...))
[[nodiscard]] command<R> raw(const Words&... words) {
    const std::array<std::string_view, sizeof...(Words)> list{std::string_view{words}...};
    return command<R>{encoded_command{std::span{list}}};
}

/// The same for words that are counted at run time; requires at least one.
template <class R = value>
[[nodiscard]] command<R> raw(std::span<const std::string_view> words) {
    return command<R>{encoded_command{words}};
}

}  // namespace valkeyxx
