// The commands of the group "bitmap".
#include <valkeyxx/commands/bitmap.hpp>

#include <charconv>

#include "commands/arguments.hpp"

namespace valkeyxx::commands {
namespace {

using detail::arguments;
using where = encoded_command::keys;
using replies = std::vector<std::optional<std::int64_t>>;

int digit(bool bit) noexcept {
    return bit ? 1 : 0;
}

void add_range(arguments& args, const bitmap_range& range) {
    args << range.first << range.last;
    // Servers before 7.0 know no units.
    args.when(range.unit == bitmap_unit::bits, "BIT");
}

std::string_view word_for(bit_operation how) {
    switch (how) {
        case bit_operation::or_:
            return "OR";
        case bit_operation::xor_:
            return "XOR";
        case bit_operation::and_:
            break;
    }
    return "AND";
}

std::string_view word_for(bitfield_overflow how) {
    switch (how) {
        case bitfield_overflow::saturate:
            return "SAT";
        case bitfield_overflow::fail:
            return "FAIL";
        case bitfield_overflow::wrap:
            break;
    }
    return "WRAP";
}

// A letter and a number ("u8", "#3", "7"), good as long as the object lives.
class marked_number {
  public:
    marked_number(char mark, std::int64_t n) noexcept {
        char* begin = text_.data();
        if (mark != 0) *begin++ = mark;
        size_ = static_cast<std::size_t>(std::to_chars(begin, text_.data() + text_.size(), n).ptr - text_.data());
    }
    [[nodiscard]] std::string_view view() const noexcept { return {text_.data(), size_}; }

  private:
    std::array<char, 24> text_;
    std::size_t size_;
};

// Where an integer is, as words.
struct spelled_place {
    spelled_place(bitfield_type t, bitfield_offset o)
        : type{t.is_signed ? 'i' : 'u', t.bits}, offset{o.in_integers ? '#' : '\0', o.place} {}
    marked_number type;
    marked_number offset;
};

}  // namespace

command<bool> getbit(std::string_view key, std::int64_t offset) {
    return arguments{key, offset}.as<bool>(command_id::getbit, where::first);
}

command<bool> setbit(std::string_view key, std::int64_t offset, bool bit) {
    return arguments{key, offset, digit(bit)}.as<bool>(command_id::setbit, where::first);
}

command<std::int64_t> bitcount(std::string_view key, bitmap_range range) {
    arguments args{key};
    add_range(args, range);
    return args.as<std::int64_t>(command_id::bitcount, where::first);
}

command<std::int64_t> bitpos(std::string_view key, bool bit) {
    return arguments{key, digit(bit)}.as<std::int64_t>(command_id::bitpos, where::first);
}

command<std::int64_t> bitpos(std::string_view key, bool bit, bitmap_range range) {
    arguments args{key, digit(bit)};
    add_range(args, range);
    return args.as<std::int64_t>(command_id::bitpos, where::first);
}

command<std::int64_t> bitop(bit_operation how, std::string_view destination, const strings& sources) {
    return arguments{word_for(how), destination, sources.view()}.as<std::int64_t>(command_id::bitop, where::by_table);
}

command<std::int64_t> bitop_not(std::string_view destination, std::string_view source) {
    return arguments{"NOT", destination, source}.as<std::int64_t>(command_id::bitop, where::by_table);
}

command<replies> bitfield(std::string_view key, const bitfield_operations& operations) {
    using kind = bitfield_operations::operation::kind;
    std::vector<spelled_place> places;
    places.reserve(operations.all().size());
    arguments args{key};
    bitfield_overflow in_force = bitfield_overflow::wrap;
    for (const auto& one : operations.all()) {
        // OVERFLOW holds for all that follow.
        if (one.what != kind::get && one.overflow != in_force) {
            args << "OVERFLOW" << word_for(one.overflow);
            in_force = one.overflow;
        }
        const spelled_place& at = places.emplace_back(one.type, one.offset);
        args << (one.what == kind::get ? "GET" : one.what == kind::set ? "SET" : "INCRBY");
        args << at.type.view() << at.offset.view();
        if (one.what != kind::get) args << one.number;
    }
    return args.as<replies>(command_id::bitfield, where::first);
}

command<std::vector<std::int64_t>> bitfield_ro(std::string_view key, const std::vector<bitfield_place>& places) {
    std::vector<spelled_place> spelled;
    spelled.reserve(places.size());
    arguments args{key};
    for (const auto& [type, offset] : places) {
        const spelled_place& at = spelled.emplace_back(type, offset);
        args << "GET" << at.type.view() << at.offset.view();
    }
    return args.as<std::vector<std::int64_t>>(command_id::bitfield_ro, where::first);
}

}  // namespace valkeyxx::commands
