// Every byte is looked at once, also when a command comes in many pieces.
#include "valkeyxx_cli/command_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace valkeyxx::cli {

namespace {

constexpr std::size_t least_room = 65'536;
constexpr std::size_t usual_capacity = 2 * least_room;
constexpr std::size_t longest_number = 1 + 20 + 2;  // "$18446744073709551615\r\n"

// As in the "C" locale, whatever the locale is.
bool is_space(char c) noexcept {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

// Vertical tabs and form feeds stand between words, but do not end one: as in the server's sdssplitargs.
bool ends_word(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

int hex_value(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

char escaped(char c) noexcept {
    switch (c) {
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        case 'a':
            return '\a';
        case 'b':
            return '\b';
        default:
            return c;
    }
}

// A byte of the input as a person can read it.
std::string shown(char c) {
    if (c >= ' ' && c <= '~') return std::string{"'"} + c + "'";
    constexpr std::string_view digits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    return std::string{"byte 0x"} + digits[byte >> 4U] + digits[byte & 15U];
}

}  // namespace

std::span<char> command_reader::room() {
    const std::size_t kept = filled_ - from_;
    std::size_t wanted = capacity_;
    if (kept + least_room > capacity_) wanted = std::max(2 * capacity_, usual_capacity);
    // What a very long command needed is given back.
    if (capacity_ > 8 * usual_capacity && kept + least_room <= usual_capacity) wanted = usual_capacity;
    if (wanted == capacity_ && capacity_ - filled_ >= least_room) return {buffer_.get() + filled_, capacity_ - filled_};

    if (wanted != capacity_) {
        auto other = std::make_unique_for_overwrite<char[]>(wanted);
        if (kept != 0) std::memcpy(other.get(), buffer_.get() + from_, kept);
        buffer_ = std::move(other);
        capacity_ = wanted;
    } else {
        std::memmove(buffer_.get(), buffer_.get() + from_, kept);
    }
    base_ += from_;
    at_ -= from_;
    filled_ = kept;
    from_ = 0;
    return {buffer_.get() + filled_, capacity_ - filled_};
}

command_reader::status command_reader::next() {
    words_.clear();
    while (!broken_ && from_ != filled_) {
        begin_ = end();
        const auto found = buffer_[from_] == '*' ? read_array() : read_line();
        if (found == status::more && !broken_ && ended_) wrong(begin_, "the input ends within this command");
        if (broken_) break;
        if (found == status::more || !words_.empty()) return found;
        // An empty line.
    }
    if (broken_) return status::malformed;
    return ended_ ? status::end : status::more;
}

command_reader::status command_reader::read_array() {
    if (!count_) {
        count_ = read_number('*', limits_.words, "words");
        if (!count_) return status::more;
        if (*count_ == 0) wrong(begin_, "this command has no words");
    }
    while (!broken_ && pieces_.size() < *count_) {
        if (!read_word()) return status::more;
    }
    if (broken_) return status::malformed;
    const char* const begin = buffer_.get() + from_;
    for (const auto& [at, size] : pieces_) words_.emplace_back(begin + at, size);
    line_ += static_cast<std::uint64_t>(std::count(begin, begin + (at_ - from_), '\n'));
    from_ = at_;
    count_.reset();
    pieces_.clear();
    return status::command;
}

// The number of a line such as "$3\r\n"; none if the line is not complete yet, or wrong.
std::optional<std::size_t> command_reader::read_number(char mark, std::size_t most, std::string_view of_what) {
    const auto text = rest();
    if (text.empty()) return std::nullopt;
    if (text[0] != mark) return wrong(place(at_), std::string{"here is "} + shown(text[0]) + ", not '" + mark + "'");
    const auto line_end = text.substr(0, longest_number).find('\n');
    if (line_end == std::string_view::npos && text.size() < longest_number) return std::nullopt;

    std::size_t number = 0;
    const char* const last = text.data() + std::min(line_end, text.size());
    const auto [end, failure] = std::from_chars(text.data() + 1, last, number);
    if (failure == std::errc::result_out_of_range || (failure == std::errc{} && number > most)) {
        return wrong(place(at_), std::string{text.substr(1, static_cast<std::size_t>(end - text.data()) - 1)}
                                     .append(" ")
                                     .append(of_what)
                                     .append(" are more than ")
                                     .append(std::to_string(most)));
    }
    if (failure != std::errc{} || line_end == std::string_view::npos || last - end != 1 || *end != '\r') {
        return wrong(place(at_), std::string{"behind '"} + mark + "' must be a number and CR LF");
    }
    at_ += line_end + 1;
    return number;
}

bool command_reader::read_word() {
    if (!size_) {
        size_ = read_number('$', limits_.word_bytes, "bytes");
        if (!size_) return false;
        if (at_ - from_ + *size_ + 2 > limits_.command_bytes) {
            wrong(begin_, "this command is longer than " + std::to_string(limits_.command_bytes) + " bytes");
            return false;
        }
    }
    const auto text = rest();
    if (text.size() < *size_ + 2) return false;
    if (text.substr(*size_, 2) != "\r\n") {
        wrong(place(at_ + *size_), "CR LF is missing behind a word of " + std::to_string(*size_) + " bytes");
        return false;
    }
    pieces_.emplace_back(at_ - from_, *size_);
    at_ += *size_ + 2;
    size_.reset();
    return true;
}

command_reader::status command_reader::read_line() {
    const auto text = rest();
    const auto line_end = text.find('\n');
    const bool complete = line_end != std::string_view::npos;
    at_ = complete ? at_ + line_end : filled_;
    if (at_ - from_ > limits_.command_bytes) {
        wrong(begin_, "this line is longer than " + std::to_string(limits_.command_bytes) + " bytes");
        return status::malformed;
    }
    if (!complete && !ended_) return status::more;
    if (!split(buffer_.get() + from_, buffer_.get() + at_)) return status::malformed;
    if (complete) {
        ++at_;
        ++line_;
    }
    from_ = at_;
    return status::command;
}

// In place: what words mean is never longer than how they are written.
bool command_reader::split(char* p, char* end) {
    for (;;) {
        p = std::find_if_not(p, end, is_space);
        if (p == end) return true;
        char* const begin = p;
        char* to = p;
        while (p != end && !ends_word(*p)) {
            if (*p == '"' || *p == '\'') {
                p = unquote(p, end, to);
                if (p == nullptr) return false;
                break;
            }
            *to++ = *p++;
        }
        words_.emplace_back(begin, static_cast<std::size_t>(to - begin));
        const auto place = [&] { return position{line_, base_ + static_cast<std::uint64_t>(begin - buffer_.get())}; };
        if (words_.back().size() > limits_.word_bytes) {
            wrong(place(), "this word is longer than " + std::to_string(limits_.word_bytes) + " bytes");
            return false;
        }
        if (words_.size() > limits_.words) {
            wrong(place(), "this line has more than " + std::to_string(limits_.words) + " words");
            return false;
        }
    }
}

// From the opening quote; returns what is behind the closing one, or null if something is wrong.
char* command_reader::unquote(char* p, char* end, char*& to) {
    const auto place = [&](const char* at) {
        return position{line_, base_ + static_cast<std::uint64_t>(at - buffer_.get())};
    };
    const char* const open = p;
    const char quote = *p++;
    while (p != end) {
        if (*p == quote) {
            if (++p == end || is_space(*p)) return p;
            wrong(place(p), "behind the closing quote is " + shown(*p) + ", not a space");
            return nullptr;
        }
        if (*p == '\\' && end - p > 1 && (quote == '"' || p[1] == quote)) {
            if (p[1] == 'x' && end - p > 3 && hex_value(p[2]) >= 0 && hex_value(p[3]) >= 0) {
                *to++ = static_cast<char>(hex_value(p[2]) * 16 + hex_value(p[3]));
                p += 4;
            } else {
                *to++ = escaped(p[1]);
                p += 2;
            }
        } else {
            *to++ = *p++;
        }
    }
    wrong(place(open), "the quote that opens here is not closed");
    return nullptr;
}

std::optional<std::size_t> command_reader::wrong(position at, std::string what) {
    broken_ = true;
    words_.clear();
    flaw_ = {.at = at, .what = std::move(what)};
    return std::nullopt;
}

command_reader::position command_reader::place(std::size_t at) const {
    const auto lines = std::count(buffer_.get() + from_, buffer_.get() + at, '\n');
    return {line_ + static_cast<std::uint64_t>(lines), base_ + at};
}

}  // namespace valkeyxx::cli
