// A value, or the error why there is none.
//
//   auto r = cluster.try_execute(get("k"));   // result<std::optional<std::string>>
//   if (r) use(*r); else log(r.error().message());
#pragma once

#include <type_traits>
#include <utility>
#include <variant>

#include <valkeyxx/error.hpp>

namespace valkeyxx {

/// Holds a `T` or an `error`. `value()` throws `exception`; `operator*` requires that there is a value.
template <class T>
class [[nodiscard]] result {
  public:
    using value_type = T;

    result(T value) : state_{std::in_place_index<0>, std::move(value)} {}
    result(valkeyxx::error e) : state_{std::in_place_index<1>, std::move(e)} {}

    [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    /// The value; throws `exception` if there is none.
    T& value() & { return check(), *std::get_if<0>(&state_); }
    const T& value() const& { return check(), *std::get_if<0>(&state_); }
    T&& value() && { return check(), std::move(*std::get_if<0>(&state_)); }

    /// The value, or `fallback` if there is an error.
    template <class U>
    T value_or(U&& fallback) && {
        return has_value() ? std::move(*std::get_if<0>(&state_)) : static_cast<T>(std::forward<U>(fallback));
    }

    T& operator*() & noexcept { return *std::get_if<0>(&state_); }
    const T& operator*() const& noexcept { return *std::get_if<0>(&state_); }
    T&& operator*() && noexcept { return std::move(*std::get_if<0>(&state_)); }
    T* operator->() noexcept { return std::get_if<0>(&state_); }
    const T* operator->() const noexcept { return std::get_if<0>(&state_); }

    /// The error; requires that there is one.
    [[nodiscard]] const valkeyxx::error& error() const& noexcept { return *std::get_if<1>(&state_); }
    [[nodiscard]] valkeyxx::error&& error() && noexcept { return std::move(*std::get_if<1>(&state_)); }

  private:
    void check() const {
        if (!has_value()) throw exception{error()};
    }

    std::variant<T, valkeyxx::error> state_;
};

/// Success without a value, or the error.
template <>
class [[nodiscard]] result<void> {
  public:
    using value_type = void;

    result() = default;
    result(valkeyxx::error e) : state_{std::in_place_index<1>, std::move(e)} {}

    [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }
    void value() const {
        if (!has_value()) throw exception{error()};
    }
    [[nodiscard]] const valkeyxx::error& error() const& noexcept { return *std::get_if<1>(&state_); }

  private:
    std::variant<std::monostate, valkeyxx::error> state_;
};

}  // namespace valkeyxx
