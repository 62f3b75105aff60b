// The text of valkey-cli --raw. Walks the reply with a stack of its own, since replies may be nested as deep as the
// decoder's limit says.
#include <utility>
#include <vector>

#include <valkeyxx/print.hpp>

namespace valkeyxx {

namespace {

class raw_printer {
  public:
    std::string print(const reply_view& reply) {
        put(reply);
        while (!open_.empty()) {
            level& top = open_.back();
            if (top.next == top.end) {
                open_.pop_back();
                continue;
            }
            if (!top.first) out_ += top.at_value ? ' ' : '\n';
            top.first = false;
            top.at_value = top.is_map && !top.at_value;
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
        bool at_value = false;  // what comes next is the value of a map's entry
    };

    void put(const reply_view& value) {
        switch (value.kind()) {
            case value_kind::null:
                break;
            case value_kind::boolean:
                out_ += value.text() == "t" ? "(true)" : "(false)";
                break;
            case value_kind::error:
                (out_ += value.text()) += '\n';
                break;
            case value_kind::array:
            case value_kind::set:
            case value_kind::push:
            case value_kind::map:
                open_.push_back({.next = value.begin(), .end = value.end(), .is_map = value.kind() == value_kind::map});
                break;
            default:
                out_ += value.text();
        }
    }

    std::string out_;
    std::vector<level> open_;
};

}  // namespace

std::string to_raw_text(reply_view reply) {
    return raw_printer{}.print(reply);
}

}  // namespace valkeyxx
