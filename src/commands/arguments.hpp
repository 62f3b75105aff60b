// The arguments of a command under construction: texts, numbers and options, in the order of the request.
//
//   arguments args{key};
//   args << "PX" << expiry.count();
//   return args.as<bool>(command_id::set, encoded_command::keys::first);
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include <boost/container/small_vector.hpp>

#include <valkeyxx/command.hpp>
#include <valkeyxx/command_id.hpp>

namespace valkeyxx::detail {

/// Refers to texts, which must stay until the command is made; numbers it writes down itself.
class arguments {
  public:
    template <class... Words>
    explicit arguments(const Words&... words) {
        (void)(*this << ... << words);
    }

    arguments& operator<<(std::string_view text) {
        words_.push_back({.text = text});
        return *this;
    }
    arguments& operator<<(const char* text) { return *this << std::string_view{text}; }
    template <std::integral Number>
        requires(!std::same_as<Number, bool> && !std::same_as<Number, char>)
    arguments& operator<<(Number n) {
        return write(n);
    }
    /// As the server reads it: "inf" and "-inf", no exponent that it would not know.
    arguments& operator<<(double n) { return write(n); }
    arguments& operator<<(std::span<const std::string_view> texts) {
        for (std::string_view text : texts) *this << text;
        return *this;
    }
    /// The word, if the condition holds: for options that are there or not.
    arguments& when(bool holds, std::string_view text) {
        if (holds) *this << text;
        return *this;
    }

    [[nodiscard]] std::size_t size() const noexcept { return words_.size(); }

    /// The command.
    template <class R>
    [[nodiscard]] command<R> as(command_id id, encoded_command::keys where) const {
        boost::container::small_vector<std::string_view, 16> all;
        all.reserve(words_.size());
        for (const word& w : words_) all.push_back(w.view());
        return command<R>{std::in_place, id, std::span<const std::string_view>{all.data(), all.size()}, where};
    }

  private:
    struct word {
        std::string_view text = {};
        std::array<char, 32> digits = {};
        std::uint8_t length = 0;  // of the digits; 0: it is the text

        [[nodiscard]] std::string_view view() const noexcept {
            return length == 0 ? text : std::string_view{digits.data(), length};
        }
    };

    template <class Number>
    arguments& write(Number n) {
        word& w = words_.emplace_back();
        const auto end = std::to_chars(w.digits.data(), w.digits.data() + w.digits.size(), n).ptr;
        w.length = static_cast<std::uint8_t>(end - w.digits.data());
        return *this;
    }

    boost::container::small_vector<word, 8> words_;
};

}  // namespace valkeyxx::detail
