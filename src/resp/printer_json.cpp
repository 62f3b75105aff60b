// JSON. Walks the reply with a stack of its own, since replies may be nested as deep as the decoder's limit says.
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include <valkeyxx/print.hpp>

#include "resp/number.hpp"

namespace valkeyxx {

namespace {

// The letter behind the backslash; 0 if `c` has none.
char escape_letter(char c) {
    constexpr std::string_view plain = "\\\"\n\r\t";
    constexpr std::string_view letters = "\\\"nrt";
    const std::size_t i = plain.find(c);
    return i == plain.npos ? '\0' : letters[i];
}

// Length of the valid UTF-8 character at the start of `text`, 0 if there is none (RFC 3629: neither overlong forms, nor
// surrogates, nor anything above U+10FFFF). `text` is not empty.
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    if (first < 0xc2 || first > 0xf4) return 0;
    const std::size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0U) != 0x80) return 0;
    }
    const unsigned second = byte(1);
    const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
    const bool surrogate = first == 0xed && second > 0x9f;
    const bool too_large = first == 0xf4 && second > 0x8f;
    return overlong || surrogate || too_large ? 0 : length;
}

class json_printer {
  public:
    std::string print(const reply_view& reply) {
        put(reply);
        while (!open_.empty()) {
            level& top = open_.back();
            if (top.next == top.end) {
                out_ += top.is_map ? '}' : ']';
                open_.pop_back();
                continue;
            }
            if (!top.first) out_ += ',';
            top.first = false;
            if (top.is_map) {
                put_key(*top.next++);
                out_ += ':';
            }
            put(*top.next++);  // may move `top`
        }
        return std::move(out_);
    }

  private:
    struct level {
        reply_view::iterator next;
        reply_view::iterator end;
        bool is_map;
        bool first = true;
    };

    void put(const reply_view& value) {
        switch (value.kind()) {
            case value_kind::null:
                out_ += "null";
                break;
            case value_kind::simple_string:
            case value_kind::bulk_string:
            case value_kind::verbatim_string:
            case value_kind::big_number:
                put_string(value.text());
                break;
            case value_kind::integer:
                put_integer_text(value.text());
                break;
            case value_kind::real:
                put_real_text(value.text());
                break;
            case value_kind::boolean:
                out_ += value.text() == "t" ? "true" : "false";
                break;
            case value_kind::error:
                out_ += "{\"error\":";
                put_string(value.text());
                out_ += '}';
                break;
            case value_kind::array:
            case value_kind::set:
            case value_kind::push:
                open(value, false);
                break;
            case value_kind::map:
                open(value, true);
                break;
        }
    }

    void open(const reply_view& value, bool is_map) {
        out_ += is_map ? '{' : '[';
        open_.push_back({.next = value.begin(), .end = value.end(), .is_map = is_map});
    }

    void put_key(const reply_view& key) {
        switch (key.kind()) {
            case value_kind::null:
                out_ += "\"null\"";
                break;
            case value_kind::boolean:
                out_ += key.text() == "t" ? "\"true\"" : "\"false\"";
                break;
            // Aggregates, but not as JSON inside a string: every level of such keys would double the backslashes.
            case value_kind::array:
            case value_kind::map:
            case value_kind::set:
            case value_kind::push:
                put_string(to_cli_text(key));
                break;
            default:
                put_string(key.text());
        }
    }

    // The wire allows a '+' and leading zeros, JSON does not.
    void put_integer_text(std::string_view text) {
        const auto n = resp::parse_integer(text);
        if (n) {
            out_ += resp::format(*n);
        } else {
            put_string(text);
        }
    }

    void put_real_text(std::string_view text) {
        const auto number = resp::parse_real(text);
        if (number && std::isfinite(*number)) {
            out_ += resp::format(*number);
        } else {
            put_string(text);
        }
    }

    void put_string(std::string_view text) {
        out_ += '"';
        while (!text.empty()) {
            const std::size_t length = utf8_length(text);
            if (length <= 1) {
                put_byte(text.front(), length == 1);
                text.remove_prefix(1);
            } else {
                out_ += text.substr(0, length);
                text.remove_prefix(length);
            }
        }
        out_ += '"';
    }

    void put_byte(char c, bool is_ascii) {
        const auto byte = static_cast<unsigned char>(c);
        if (const char letter = escape_letter(c)) {
            out_ += {'\\', letter};
        } else if (is_ascii && byte >= ' ' && byte != 0x7f) {
            out_ += c;
        } else {
            constexpr std::string_view hex = "0123456789abcdef";
            out_ += {'\\', 'u', '0', '0', hex[byte >> 4U], hex[byte & 15U]};
        }
    }

    std::string out_;
    std::vector<level> open_;
};

}  // namespace

std::string to_json(reply_view reply) {
    return json_printer{}.print(reply);
}

}  // namespace valkeyxx
