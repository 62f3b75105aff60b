// Replies as structures of your own, field by field in the order of the reply.
//
//   struct person { std::string name; int born; std::optional<std::string> city; };
//
//   person ada = cluster.execute(hmget("user:1", "name", "born", "city").as<person>());
//   auto where = cluster.execute(raw<std::vector<point>>("GEOPOS", "k", "a", "b"));   // point { double x, y; }
//
// Besides <valkeyxx/asio.hpp> the only header that includes Boost (Boost.PFR); nothing else includes it.
#pragma once

#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>

#include <boost/pfr/core.hpp>

#include <valkeyxx/convert.hpp>

namespace valkeyxx {

namespace detail {

/// A structure without constructors, private members and base classes.
template <class T>
concept record = std::is_class_v<T> && std::is_aggregate_v<T> && std::is_default_constructible_v<T>;

}  // namespace detail

/// An array with one element for each field, in their order. A field that may be missing is a std::optional. Types with
/// a `reply_to` of their own keep it. Error `unexpected_reply`: the number is another, or an element does not fit its
/// field; it says which.
template <detail::record T>
struct reply_to<T> {
    static result<T> from(reply_view v) {
        constexpr std::size_t fields = boost::pfr::tuple_size_v<T>;
        if (!v.is_aggregate() || v.size() != fields) {
            return detail::shape_error("an array of " + std::to_string(fields), v);
        }
        T made{};
        auto it = v.begin();
        std::size_t number = 0;
        result<void> outcome;
        boost::pfr::for_each_field(made, [&](auto& field) {
            if (!outcome) return;
            ++number;
            auto decoded = decode<std::remove_cvref_t<decltype(field)>>(*it++);
            if (decoded) {
                field = *std::move(decoded);
            } else {
                const error& why = decoded.error();
                outcome = error{why.which(), "element " + std::to_string(number) + ": " + std::string{why.text()}};
            }
        });
        if (!outcome) return outcome.error();
        return made;
    }
};

}  // namespace valkeyxx
