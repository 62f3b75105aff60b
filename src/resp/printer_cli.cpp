// The text of valkey-cli. Walks the reply with a stack of its own, since replies may be nested as deep as the decoder's
// limit says.
#include <string_view>
#include <utility>
#include <vector>

#include <valkeyxx/print.hpp>

#include "resp/number.hpp"

namespace valkeyxx {

namespace {

// The letter behind the backslash; 0 if `c` has none.
char escape_letter(char c) {
    constexpr std::string_view plain = "\\\"\n\r\t\a\b";
    constexpr std::string_view letters = "\\\"nrtab";
    const std::size_t i = plain.find(c);
    return i == plain.npos ? '\0' : letters[i];
}

// What a map shows as one: a pair.
std::size_t entries(const reply_view& aggregate) {
    return aggregate.kind() == value_kind::map ? aggregate.size() / 2 : aggregate.size();
}

// The text of `valkey-cli`, with its habits: the first entry continues its parent's line, later ones are indented below
// it, and an aggregate of several entries as the value of a map starts on a line of its own.
class cli_printer {
  public:
    std::string print(const reply_view& reply) {
        put(reply, 0);
        while (!open_.empty()) {
            level& top = open_.back();
            if (top.next == top.end) {
                open_.pop_back();
            } else {
                put_child(top);
            }
        }
        return std::move(out_);
    }

  private:
    struct level {
        reply_view::iterator next;
        reply_view::iterator end;
        value_kind kind;
        std::size_t indent;        // spaces before every entry but the first
        std::size_t number_width;  // digits of the last entry's number
        std::size_t entry = 0;     // number of the current entry, from 1
        bool at_value = false;     // of a map
        [[nodiscard]] std::size_t child_indent() const { return indent + number_width + 2; }
    };

    void put_child(level& in) {
        const reply_view child = *in.next++;
        const std::size_t indent = in.child_indent();
        if (in.at_value) {
            out_ += " => ";
            if (entries(child) > 1) new_line(indent);
        } else {
            put_number(in);
        }
        in.at_value = in.kind == value_kind::map && !in.at_value;
        put(child, indent);  // may move `in`
    }

    void put_number(level& in) {
        if (++in.entry > 1) new_line(in.indent);
        const std::string number = std::to_string(in.entry);
        out_.append(in.number_width - number.size(), ' ') += number;
        switch (in.kind) {
            case value_kind::set:
                out_ += "~ ";
                break;
            case value_kind::map:
                out_ += "# ";
                break;
            default:
                out_ += ") ";
        }
    }

    void put(const reply_view& value, std::size_t indent) {
        switch (value.kind()) {
            case value_kind::null:
                out_ += "(nil)";
                break;
            case value_kind::simple_string:
            case value_kind::verbatim_string:
                out_ += value.text();
                break;
            case value_kind::bulk_string:
                put_quoted(value.text());
                break;
            case value_kind::integer:
                (out_ += "(integer) ") += value.text();
                break;
            case value_kind::real:
                (out_ += "(double) ") += value.text();
                break;
            case value_kind::boolean:
                out_ += value.text() == "t" ? "(true)" : "(false)";
                break;
            case value_kind::big_number:
                (out_ += "(big number) ") += value.text();
                break;
            case value_kind::error:
                (out_ += "(error) ") += value.text();
                break;
            case value_kind::array:
                put_aggregate(value, "(empty array)", indent);
                break;
            case value_kind::map:
                put_aggregate(value, "(empty hash)", indent);
                break;
            case value_kind::set:
                put_aggregate(value, "(empty set)", indent);
                break;
            case value_kind::push:
                put_aggregate(value, "(empty push)", indent);
                break;
        }
    }

    void put_aggregate(const reply_view& value, std::string_view if_empty, std::size_t indent) {
        if (value.empty()) {
            out_ += if_empty;
            return;
        }
        open_.push_back({.next = value.begin(),
                         .end = value.end(),
                         .kind = value.kind(),
                         .indent = indent,
                         .number_width = resp::decimal_size(entries(value))});
    }

    void put_quoted(std::string_view text) {
        out_ += '"';
        for (const char c : text) {
            if (const char letter = escape_letter(c)) {
                out_ += {'\\', letter};
            } else if (c >= ' ' && c <= '~') {
                out_ += c;
            } else {
                constexpr std::string_view hex = "0123456789abcdef";
                const auto byte = static_cast<unsigned char>(c);
                out_ += {'\\', 'x', hex[byte >> 4U], hex[byte & 15U]};
            }
        }
        out_ += '"';
    }

    void new_line(std::size_t indent) { (out_ += '\n').append(indent, ' '); }

    std::string out_;
    std::vector<level> open_;
};

}  // namespace

std::string to_cli_text(reply_view reply) {
    return cli_printer{}.print(reply);
}

}  // namespace valkeyxx
