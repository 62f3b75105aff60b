// 1.FILTER.DONE{.STRETCH}.CHECK: numbers of filter and check in hexadecimal, slots as ranges or as a bitmap.
#include "routing/scan_cursor.hpp"

#include <array>
#include <charconv>
#include <optional>

namespace valkeyxx::routing {
namespace {

constexpr std::string_view version = "1";
constexpr std::size_t longest = 1U << 20;  // of what is read at all
constexpr std::size_t most_stretches = 4096;
constexpr std::size_t bitmap_size = slot_count / 4;  // in hexadecimal digits

// FNV-1a: it tells slips of the hand, not forgers.
constexpr std::uint32_t hash_start = 2166136261U;
std::uint32_t hash(std::string_view text, std::uint32_t h = hash_start) noexcept {
    for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 16777619U;
    return (h ^ 0xFFU) * 16777619U;  // ends a part, so that "ab" "c" is not "a" "bc"
}

std::string hex(std::uint32_t n) {
    std::array<char, 8> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), n, 16).ptr;
    return {digits.data(), end};
}

constexpr std::string_view hex_digits = "0123456789abcdef";

std::string bitmap(const slot_set& slots) {
    std::string text(bitmap_size, '0');
    for (std::uint16_t s = slots.next(0); s < slot_count; s = slots.next(static_cast<std::uint16_t>(s + 1))) {
        char& digit = text[s / 4U];
        digit = hex_digits[hex_digits.find(digit) | (1U << (s % 4U))];
    }
    return "m" + text;
}

std::string to_text(const slot_set& slots) {
    std::string text;
    for (std::uint16_t first = slots.next(0); first < slot_count;) {
        std::uint16_t last = first;
        while (last + 1 < slot_count && slots.has(static_cast<std::uint16_t>(last + 1))) ++last;
        if (!text.empty()) text += '_';
        text += std::to_string(first);
        if (last != first) text += "-" + std::to_string(last);
        if (text.size() > bitmap_size) return bitmap(slots);
        first = slots.next(static_cast<std::uint16_t>(last + 1));
    }
    return text;
}

// What a server chose may be any bytes.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
        if (plain) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '~';
            out += hex_digits[byte / 16U];
            out += hex_digits[byte % 16U];
        }
    }
    return out;
}

std::string to_text(const scan_stretch& s) {
    const char how = !s.crossing ? 'w' : s.over_there ? 'y' : 'x';
    std::string text{how};
    for (const std::string& part :
         {escaped(s.process), std::to_string(s.epoch), to_text(s.passed), to_text(s.sure.slots), escaped(s.sure.text),
          to_text(s.now.slots), escaped(s.now.text), escaped(s.process_there)}) {
        text += "," + part;
    }
    return text;
}

std::string_view take(std::string_view& text, char until) noexcept {
    const auto end = std::min(text.find(until), text.size());
    const auto part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
}

template <class Number>
std::optional<Number> number(std::string_view text, int base = 10) noexcept {
    Number n{};
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), n, base);
    if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return n;
}

std::optional<slot_set> read_bitmap(std::string_view text) {
    if (text.size() != bitmap_size) return std::nullopt;
    slot_set slots;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto digit = hex_digits.find(text[i]);
        if (digit == std::string_view::npos) return std::nullopt;
        for (std::size_t b = 0; b < 4; ++b) {
            if ((digit >> b & 1U) != 0) slots.insert(static_cast<std::uint16_t>(i * 4 + b));
        }
    }
    return slots;
}

std::optional<slot_set> read_slots(std::string_view text) {
    if (text.starts_with('m')) return read_bitmap(text.substr(1));
    slot_set slots;
    while (!text.empty()) {
        auto range = take(text, '_');
        const auto first = number<std::uint16_t>(take(range, '-'));
        const auto last = range.empty() ? first : number<std::uint16_t>(range);
        if (!first || !last || *first > *last || *last >= slot_count) return std::nullopt;
        slots.insert(*first, *last);
    }
    return slots;
}

std::optional<std::string> unescaped(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        if (!text.starts_with('~')) {
            out += text.front();
            text.remove_prefix(1);
            continue;
        }
        const auto byte = number<std::uint8_t>(text.substr(1, 2), 16);
        if (!byte || text.size() < 3) return std::nullopt;
        out += static_cast<char>(*byte);
        text.remove_prefix(3);
    }
    return out;
}

std::optional<scan_stretch> read_stretch(std::string_view text) {
    const auto how = take(text, ',');
    const auto process = unescaped(take(text, ','));
    const auto epoch = number<std::uint64_t>(take(text, ','));
    const auto passed = read_slots(take(text, ','));
    const auto sure = read_slots(take(text, ','));
    const auto sure_text = unescaped(take(text, ','));
    const auto now = read_slots(take(text, ','));
    const auto now_text = unescaped(take(text, ','));
    const auto there = unescaped(text);
    const bool known = how == "w" || how == "x" || how == "y";
    if (!known || !process || !epoch || !passed || !sure || !sure_text || !now || !now_text || !there) {
        return std::nullopt;
    }
    return scan_stretch{.process = *process,
                        .epoch = *epoch,
                        .passed = *passed,
                        .sure = {*sure, *sure_text},
                        .now = {*now, *now_text},
                        .crossing = how != "w",
                        .over_there = how == "y",
                        .process_there = *there};
}

error wrong(const char* why) {
    return error{errc::invalid_argument, std::string{"the scan's cursor cannot be used: "} + why};
}

}  // namespace

std::uint32_t filter_mark(std::string_view match, std::string_view type, bool one_server, int database) noexcept {
    const std::string_view kind = one_server ? "server" : "cluster";
    return hash(kind, hash(type, hash(match))) + static_cast<std::uint32_t>(database);
}

std::string to_cursor(const scan_progress& progress, std::uint32_t filter) {
    std::string text{version};
    text += "." + hex(filter) + "." + to_text(progress.done);
    for (const scan_stretch& s : progress.under_way) text += "." + to_text(s);
    return text + "." + hex(hash(text));
}

result<scan_progress> read_cursor(std::string_view text, std::uint32_t filter) {
    if (text.size() > longest) return wrong("it is too long to be one");
    const auto dot = text.rfind('.');
    if (dot == std::string_view::npos) return wrong("it is not one of a scan over all keys");
    const auto check = number<std::uint32_t>(text.substr(dot + 1), 16);
    text = text.substr(0, dot);
    if (!check || *check != hash(text)) return wrong("it is not whole, or not one of a scan over all keys");
    if (take(text, '.') != version) return wrong("it was made by another version of this library");
    const auto mark = number<std::uint32_t>(take(text, '.'), 16);
    if (mark != filter) {
        return wrong("it belongs to a scan with another match, type or database, or of another kind of server");
    }
    scan_progress progress;
    const auto done = read_slots(take(text, '.'));
    if (!done) return wrong("its slots cannot be read");
    progress.done = *done;
    while (!text.empty()) {
        auto stretch = read_stretch(take(text, '.'));
        if (!stretch || progress.under_way.size() == most_stretches) return wrong("what was under way cannot be read");
        progress.under_way.push_back(*std::move(stretch));
    }
    return progress;
}

}  // namespace valkeyxx::routing
