#include "routing/gather.hpp"

#include <algorithm>
#include <functional>
#include <unordered_map>
#include <unordered_set>

namespace valkeyxx::routing {
namespace {

std::string describe(reply_view v) {
    std::string text{to_string(v.kind())};
    if (v.is_aggregate()) text += " of " + std::to_string(v.size());
    return text;
}

error unusable(std::string text) {
    return error{{.code = errc::unexpected_reply, .text = std::move(text), .executed = executed::yes}};
}

// The values inside an aggregate; of a scalar, itself.
struct items {
    explicit items(reply_view v)
        : first{v.is_aggregate() ? v.begin() : reply_view::iterator{v.bytes(), v.node()}}, last{v.end()} {}
    [[nodiscard]] reply_view::iterator begin() const noexcept { return first; }
    [[nodiscard]] reply_view::iterator end() const noexcept { return last; }
    reply_view::iterator first;
    reply_view::iterator last;
};

result<std::int64_t> read_truth(reply_view v) {
    if (const auto n = v.as_integer()) return *n != 0 ? 1 : 0;
    const auto truth = v.as_boolean();
    if (!truth) return truth.error();
    return *truth ? 1 : 0;
}

// Each takes one more number in; false if the result is out of range.
bool sum_of(std::int64_t& to, std::int64_t n) {
    return !__builtin_add_overflow(to, n, &to);
}
bool least_of(std::int64_t& to, std::int64_t n) {
    to = std::min(to, n);
    return true;
}
bool greatest_of(std::int64_t& to, std::int64_t n) {
    to = std::max(to, n);
    return true;
}

struct hash_of_reply {
    std::size_t operator()(const reply_view& v) const noexcept {
        std::size_t all = 0;
        for (const resp::node* n = v.node(); n != v.node() + v.node()->span; ++n) {
            const std::size_t one = std::hash<std::string_view>{}(reply_view{v.bytes(), n}.text());
            all = all * 31 + one + static_cast<std::size_t>(n->kind);
        }
        return all;
    }
};

}  // namespace

gather::gather(const listed_command& command, std::size_t parts)
    : rule_{join_rule_of(command, false)}, parts_(parts), first_part_{parts}, first_added_{parts} {}

gather::gather(const listed_command& command, std::span<const fragment> fragments, std::size_t keys)
    : rule_{join_rule_of(command, true)},
      parts_(fragments.size()),
      first_part_{fragments.size()},
      first_added_{fragments.size()},
      keys_{keys} {
    if (rule_ != join_rule::by_key) return;
    places_.reserve(fragments.size());
    for (const fragment& part : fragments) places_.push_back(part.places);
}

void gather::add(std::size_t part, reply_view reply) {
    parts_[part].emplace(reply);
    first_part_ = std::min(first_part_, part);
    if (first_added_ == parts_.size()) first_added_ = part;
}

result<reply_view> gather::joined() {
    if (first_added_ == parts_.size()) return unusable("there is no reply");
    if (parts_.size() == 1) return parts_[0]->view();
    builder_ = reply_builder{};
    switch (rule_) {
        case join_rule::first_part:
            return parts_[first_part_]->view();
        case join_rule::first_added:
            return parts_[first_added_]->view();
        case join_rule::sum:
            return fold(number::integer, sum_of);
        case join_rule::least:
            return fold(number::integer, least_of);
        case join_rule::greatest:
            return fold(number::integer, greatest_of);
        case join_rule::all_true:
            return fold(number::truth, least_of);
        case join_rule::any_true:
            return fold(number::truth, greatest_of);
        case join_rule::elements:
            return elements(false);
        case join_rule::once_each:
            return elements(true);
        case join_rule::channels:
            return channels();
        case join_rule::by_key:
            return by_key();
        case join_rule::one_per_part:
            break;
    }
    return one_per_part();
}

// Numbers, or arrays of as many numbers. The result has the form of the first part's: integers or booleans.
result<reply_view> gather::fold(number kind, bool (*combine)(std::int64_t& to, std::int64_t n)) {
    const reply_view model = parts_[first_part_]->view();
    std::vector<std::int64_t> totals;
    for (std::size_t part = first_part_; part < parts_.size(); ++part) {
        if (!parts_[part]) continue;
        const reply_view reply = parts_[part]->view();
        if (reply.is_aggregate() != model.is_aggregate() || reply.size() != model.size()) {
            return misfit(part, describe(model) + " as part " + std::to_string(first_part_));
        }
        if (reply.is_aggregate() && reply.kind() != value_kind::array) return misfit(part, "an array");
        std::size_t i = 0;
        for (const reply_view item : items{reply}) {
            const auto n = kind == number::truth ? read_truth(item) : item.as_integer();
            if (!n) return misfit(part, reply.is_aggregate() ? "numbers only" : "a number");
            if (part == first_part_) {
                totals.push_back(*n);
            } else if (!combine(totals[i], *n)) {
                return unusable("the sum of the replies is out of an integer's range");
            }
            ++i;
        }
    }
    if (model.is_aggregate()) builder_.open(value_kind::array);
    auto total = totals.begin();
    for (const reply_view item : items{model}) {
        if (item.kind() == value_kind::boolean) {
            builder_.boolean(*total++ != 0);
        } else {
            builder_.integer(*total++);
        }
    }
    return builder_.finish();
}

// The result has the form of the first part's: what one server says as a set or a map (RESP3), another may say as an
// array (RESP2).
result<reply_view> gather::elements(bool once_each) {
    const reply_view model = parts_[first_part_]->view();
    bool maps = false;
    bool sets = false;
    std::size_t total = 0;
    for (const auto& part : parts_) {
        if (!part) continue;
        maps = maps || part->kind() == value_kind::map;
        sets = sets || part->kind() == value_kind::set;
        total += part->size();
    }
    once_each = once_each || sets;
    std::unordered_set<reply_view, hash_of_reply> seen;
    if (once_each) seen.reserve(total);
    builder_.open(model.is_aggregate() ? model.kind() : value_kind::array);
    for (std::size_t part = first_part_; part < parts_.size(); ++part) {
        if (!parts_[part]) continue;
        const reply_view reply = parts_[part]->view();
        if (reply.is_aggregate() != model.is_aggregate()) {
            return misfit(part, describe(model) + " as part " + std::to_string(first_part_));
        }
        if (maps && (sets || reply.size() % 2 != 0)) return misfit(part, "keys and values in turn");
        for (const reply_view item : items{reply}) {
            if (!once_each || seen.insert(item).second) builder_.copy(item);
        }
    }
    return builder_.finish();
}

result<reply_view> gather::channels() {
    struct count {
        reply_view name;
        std::int64_t total;
        std::size_t last_part;
    };
    std::vector<count> counts;
    std::unordered_map<std::string_view, std::size_t> index_of;
    for (std::size_t part = first_part_; part < parts_.size(); ++part) {
        if (!parts_[part]) continue;
        const reply_view reply = parts_[part]->view();
        const bool has_form = reply.kind() == value_kind::array || reply.kind() == value_kind::map;
        if (!has_form || reply.size() % 2 != 0) return misfit(part, "names and numbers in turn");
        for (auto it = reply.begin(); it != reply.end(); ++it) {
            const reply_view name = *it;
            const auto n = (*++it).as_integer();
            if (!name.is_string() || !n) return misfit(part, "names and numbers in turn");
            const auto [entry, added] = index_of.try_emplace(name.text(), counts.size());
            if (added) {
                counts.push_back({.name = name, .total = *n, .last_part = part});
                continue;
            }
            count& known = counts[entry->second];
            // Who asks for a channel twice gets the same number twice.
            if (known.last_part == part) continue;
            known.last_part = part;
            if (!sum_of(known.total, *n)) {
                return unusable("the sum of the replies is out of an integer's range");
            }
        }
    }
    builder_.open(parts_[first_part_]->kind());
    for (const count& c : counts) {
        builder_.copy(c.name);
        builder_.integer(c.total);
    }
    return builder_.finish();
}

result<reply_view> gather::by_key() {
    std::vector<reply_view> replies(keys_);
    for (std::size_t part = 0; part < parts_.size(); ++part) {
        if (!parts_[part]) return unusable("part " + std::to_string(part) + " has no reply");
        const reply_view reply = parts_[part]->view();
        const auto& places = places_[part];
        if (reply.kind() != value_kind::array || reply.size() != places.size()) {
            return misfit(part, "array of " + std::to_string(places.size()));
        }
        auto place = places.begin();
        for (const reply_view item : reply) replies[*place++] = item;
    }
    builder_.open(value_kind::array);
    for (const reply_view reply : replies) builder_.copy(reply);
    return builder_.finish();
}

result<reply_view> gather::one_per_part() {
    builder_.open(value_kind::array);
    for (const auto& part : parts_) {
        if (part) builder_.copy(part->view());
    }
    return builder_.finish();
}

// Kinds and sizes only: the texts may be secrets.
error gather::misfit(std::size_t part, const std::string& wanted) const {
    return unusable("the replies do not fit together: part " + std::to_string(part) + " sent " +
                    describe(parts_[part]->view()) + ", not " + wanted);
}

}  // namespace valkeyxx::routing
