// Commands of the group "bitmap": strings as arrays of bits. Bit 0 is the highest one of the first byte.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <valkeyxx/command.hpp>
#include <valkeyxx/command_id.hpp>
#include <valkeyxx/strings.hpp>

namespace valkeyxx::commands {

/// A bit; false if it is beyond the end, or there is no such key. `offset`: from 0 to 2^32 - 1, unless the server
/// allows longer strings. Source: https://valkey.io/commands/getbit
[[nodiscard]] command<bool> getbit(std::string_view key, std::int64_t offset);

/// Sets or clears a bit, making the string long enough; returns what the bit was. Not repeated when its reply is lost.
/// Source: https://valkey.io/commands/setbit
[[nodiscard]] command<bool> setbit(std::string_view key, std::int64_t offset, bool bit);

/// What a range of a bitmap counts in.
enum class bitmap_unit : std::uint8_t { bytes, bits };

/// A part of a bitmap. Negative places count from the end, -1 being the last byte or bit.
struct bitmap_range {
    std::int64_t first = 0;
    std::int64_t last = -1;  ///< included
    bitmap_unit unit = bitmap_unit::bytes;
};

/// How many bits are set; 0 if there is no such key. Source: https://valkey.io/commands/bitcount
[[nodiscard]] inline command<std::int64_t> bitcount(std::string_view key) {
    return command<std::int64_t>{std::in_place, command_id::bitcount, key};
}
/// The same in a part of the string. Example: `bitcount("k", {.first = 1, .last = 2})`
[[nodiscard]] command<std::int64_t> bitcount(std::string_view key, bitmap_range range);

/// The place of the first bit that is set (or clear), from the start of the string; -1 if there is none. A string is
/// taken to be followed by clear bits, so that one without clear bits has its first behind the end; a key that does not
/// exist has one at 0. Source: https://valkey.io/commands/bitpos
[[nodiscard]] command<std::int64_t> bitpos(std::string_view key, bool bit);
/// The same in a part of the string, and not behind it. Places still count from the start of the string.
[[nodiscard]] command<std::int64_t> bitpos(std::string_view key, bool bit, bitmap_range range);

/// How BITOP combines. NOT has a function of its own.
enum class bit_operation : std::uint8_t { and_, or_, xor_ };

/// Combines strings of one slot bit by bit, the shorter ones as if they ended in clear bits; puts the result into
/// `destination`, replacing what is there, and returns its length in bytes (0: there is no such key then). Not repeated
/// when its reply is lost. Error `cross_slot`: the keys hash to several slots.
/// Source: https://valkey.io/commands/bitop
[[nodiscard]] command<std::int64_t> bitop(bit_operation how, std::string_view destination, const strings& sources);

/// BITOP NOT: as bitop with every bit of the source inverted. Source: https://valkey.io/commands/bitop
[[nodiscard]] command<std::int64_t> bitop_not(std::string_view destination, std::string_view source);

/// An integer inside a bitmap: how many bits, and whether the first is its sign. Made by the functions below.
struct bitfield_type {
    bool is_signed = false;
    std::uint8_t bits = 0;
};
/// Of 1 to 64 bits.
[[nodiscard]] constexpr bitfield_type signed_bits(std::uint8_t bits) noexcept {
    return {.is_signed = true, .bits = bits};
}
/// Of 1 to 63 bits.
[[nodiscard]] constexpr bitfield_type unsigned_bits(std::uint8_t bits) noexcept {
    return {.is_signed = false, .bits = bits};
}

/// Where the integer starts, from 0. Made by the functions below.
struct bitfield_offset {
    std::int64_t place = 0;
    bool in_integers = false;
};
/// At this bit.
[[nodiscard]] constexpr bitfield_offset at_bit(std::int64_t n) noexcept {
    return {.place = n, .in_integers = false};
}
/// Where it would be if the string were an array of integers of this type: at bit n times their size.
[[nodiscard]] constexpr bitfield_offset at_index(std::int64_t n) noexcept {
    return {.place = n, .in_integers = true};
}

/// What happens to a result that its type cannot hold.
enum class bitfield_overflow : std::uint8_t {
    wrap,      ///< the highest bits are cut off
    saturate,  ///< it becomes the greatest or smallest value
    fail,      ///< nothing changes, and the reply is nullopt
};

/// A list of operations for one BITFIELD, done in this order. A value.
/// Example: `bitfield("k", bitfield_operations{}.get(unsigned_bits(8), at_bit(0)).increment(signed_bits(5), at_bit(8),
/// 1))`
class bitfield_operations {
  public:
    struct operation {
        enum class kind : std::uint8_t { get, set, increment };
        kind what = kind::get;
        bitfield_type type = {};
        bitfield_offset offset = {};
        std::int64_t number = 0;
        bitfield_overflow overflow = bitfield_overflow::wrap;
    };

    /// Replies with the integer there.
    bitfield_operations& get(bitfield_type type, bitfield_offset offset) & {
        all_.push_back({.what = operation::kind::get, .type = type, .offset = offset});
        return *this;
    }
    /// Replies with the integer there, and writes another in its place.
    bitfield_operations& set(bitfield_type type, bitfield_offset offset, std::int64_t number,
                             bitfield_overflow overflow = bitfield_overflow::wrap) & {
        all_.push_back({operation::kind::set, type, offset, number, overflow});
        return *this;
    }
    /// Adds to the integer there, and replies with the sum.
    bitfield_operations& increment(bitfield_type type, bitfield_offset offset, std::int64_t summand,
                                   bitfield_overflow overflow = bitfield_overflow::wrap) & {
        all_.push_back({operation::kind::increment, type, offset, summand, overflow});
        return *this;
    }
    bitfield_operations&& get(bitfield_type type, bitfield_offset offset) && {
        return std::move(this->get(type, offset));
    }
    bitfield_operations&& set(bitfield_type type, bitfield_offset offset, std::int64_t number,
                              bitfield_overflow overflow = bitfield_overflow::wrap) && {
        return std::move(this->set(type, offset, number, overflow));
    }
    bitfield_operations&& increment(bitfield_type type, bitfield_offset offset, std::int64_t summand,
                                    bitfield_overflow overflow = bitfield_overflow::wrap) && {
        return std::move(this->increment(type, offset, summand, overflow));
    }

    [[nodiscard]] const std::vector<operation>& all() const noexcept { return all_; }

  private:
    std::vector<operation> all_;
};

/// Reads and changes integers inside a string, which is made long enough; one reply for each operation, nullopt where
/// `bitfield_overflow::fail` prevented it. Not repeated when its reply is lost. Errors: ERR if a type or an offset
/// cannot be; nothing is done then. Source: https://valkey.io/commands/bitfield
[[nodiscard]] command<std::vector<std::optional<std::int64_t>>> bitfield(std::string_view key,
                                                                         const bitfield_operations& operations);

/// An integer to read.
struct bitfield_place {
    bitfield_type type;
    bitfield_offset offset;
};

/// Reads integers inside a string; where it has ended they are 0. May read from a replica.
/// Example: `bitfield_ro("k", {{unsigned_bits(8), at_bit(0)}, {signed_bits(16), at_index(2)}})`
/// Source: https://valkey.io/commands/bitfield_ro
[[nodiscard]] command<std::vector<std::int64_t>> bitfield_ro(std::string_view key,
                                                             const std::vector<bitfield_place>& places);

}  // namespace valkeyxx::commands
