// The builders whose arguments are not strings already.
#include <array>
#include <charconv>
#include <cstdint>

#include <valkeyxx/commands/generic.hpp>
#include <valkeyxx/commands/strings.hpp>

namespace valkeyxx::commands {
namespace {

// An integer's digits, good as long as the object lives.
class digits {
  public:
    explicit digits(std::int64_t n) noexcept : end_{std::to_chars(text_.data(), text_.data() + text_.size(), n).ptr} {}
    [[nodiscard]] std::string_view view() const noexcept { return {text_.data(), end_}; }

  private:
    std::array<char, 20> text_;
    const char* end_;
};

}  // namespace

command<bool> set(std::string_view key, std::string_view value, set_options options) {
    std::array<std::string_view, 6> args{key, value};
    std::size_t n = 2;
    const digits expiry{options.expiry.count()};
    if (options.expiry.count() != 0) {
        args[n++] = "PX";
        args[n++] = expiry.view();
    }
    if (options.keep_ttl) args[n++] = "KEEPTTL";
    switch (options.condition) {
        case set_if::always:
            break;
        case set_if::exists:
            args[n++] = "XX";
            break;
        case set_if::does_not_exist:
            args[n++] = "NX";
            break;
    }
    return command<bool>{std::in_place, command_id::set, std::span{args}.first(n), encoded_command::keys::first};
}

command<std::int64_t> incrby(std::string_view key, std::int64_t summand) {
    const digits n{summand};
    return command<std::int64_t>{std::in_place, command_id::incrby, std::array{key, n.view()},
                                 encoded_command::keys::first};
}

command<bool> expire(std::string_view key, std::chrono::milliseconds time_to_live) {
    const digits n{time_to_live.count()};
    return command<bool>{std::in_place, command_id::pexpire, std::array{key, n.view()}, encoded_command::keys::first};
}

}  // namespace valkeyxx::commands
