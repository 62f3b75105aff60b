// Named fields in a line of text, such as CLIENT LIST has them: "id=7 addr=127.0.0.1:50000 name= ...".
#pragma once

#include <string_view>

#include "commands/fields.hpp"

namespace valkeyxx::detail {

/// What stands before the separator, which goes too; all, if there is none.
inline std::string_view take_until(std::string_view& text, char separator) noexcept {
    const auto end = text.find(separator);
    const std::string_view before = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return before;
}

/// Calls `use(line)` for each line that is not empty, until one returns a failure, which it returns. Lines may end in
/// "\r\n".
template <class Use>
result<void> for_each_line(std::string_view text, Use&& use) {
    while (!text.empty()) {
        std::string_view line = take_until(text, '\n');
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty()) continue;
        if (result<void> done = use(line); !done) return done;
    }
    return {};
}

/// A text as if it were a reply of its own, while the object lives.
class text_reply {
  public:
    explicit text_reply(std::string_view text) noexcept
        : bytes_{text.data()},
          node_{.at = 0, .size = static_cast<std::uint32_t>(text.size()), .span = 1, .kind = value_kind::bulk_string} {}
    [[nodiscard]] reply_view view() const noexcept { return {bytes_, &node_}; }

  private:
    const char* bytes_;
    resp::node node_;
};

/// As decode_fields, from "name=value name=value".
template <class Struct, std::size_t Count>
result<Struct> decode_line(std::string_view line, const field<Struct> (&fields)[Count]) {
    Struct all;
    while (!line.empty()) {
        std::string_view content = take_until(line, ' ');
        const std::string_view name = take_until(content, '=');
        for (const field<Struct>& f : fields) {
            if (f.name != name) continue;
            if (auto done = f.read(all, text_reply{content}.view()); !done) return done.error();
            break;
        }
    }
    return all;
}

/// One element for each line, made by `read(line)`. Several nodes' replies come as an array of texts.
template <class T, class Read>
result<std::vector<T>> decode_each_line(reply_view v, std::string_view what, Read read) {
    std::vector<T> all;
    const auto add = [&](reply_view one) -> result<void> {
        if (!one.is_string()) return shape_error(what, one);
        return for_each_line(one.text(), [&](std::string_view line) -> result<void> {
            result<T> decoded = read(line);
            if (!decoded) return std::move(decoded).error();
            all.push_back(*std::move(decoded));
            return {};
        });
    };
    if (!v.is_aggregate()) {
        if (auto done = add(v); !done) return done.error();
        return all;
    }
    for (reply_view one : v) {
        if (auto done = add(one); !done) return done.error();
    }
    return all;
}

/// The same with decode_line.
template <class Struct, std::size_t Count>
result<std::vector<Struct>> decode_lines(reply_view v, std::string_view what, const field<Struct> (&fields)[Count]) {
    return decode_each_line<Struct>(v, what, [&](std::string_view line) { return decode_line(line, fields); });
}

}  // namespace valkeyxx::detail
