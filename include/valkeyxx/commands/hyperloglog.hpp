// Commands of the group "hyperloglog": how many different elements there were, within about 0.81 %, in at most 12 KiB.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <string_view>
#include <utility>

#include <valkeyxx/command.hpp>
#include <valkeyxx/command_id.hpp>
#include <valkeyxx/strings.hpp>

namespace valkeyxx::commands {

/// Counts elements in, making the key if there is none (also without elements). True if the estimate may have changed.
/// Not repeated when its reply is lost. Source: https://valkey.io/commands/pfadd
[[nodiscard]] command<bool> pfadd(std::string_view key, const strings& elements);
template <std::convertible_to<std::string_view> Element, std::convertible_to<std::string_view>... More>
[[nodiscard]] command<bool> pfadd(std::string_view key, const Element& element, const More&... more) {
    return pfadd(key, std::array{std::string_view{element}, std::string_view{more}...});
}

/// About how many different elements were counted in at these keys of one slot together; 0 for those that do not exist.
/// Error `cross_slot`: the keys hash to several slots. Source: https://valkey.io/commands/pfcount
[[nodiscard]] inline command<std::int64_t> pfcount(const strings& keys) {
    return command<std::int64_t>{std::in_place, command_id::pfcount, keys.view(), encoded_command::keys::all};
}
template <std::convertible_to<std::string_view> Key, std::convertible_to<std::string_view>... More>
[[nodiscard]] command<std::int64_t> pfcount(const Key& key, const More&... more) {
    return pfcount(std::array{std::string_view{key}, std::string_view{more}...});
}

/// Counts into `destination`, which is made if there is none, all that was counted in at the sources, of the same slot.
/// Not repeated when its reply is lost. Error `cross_slot`: the keys hash to several slots.
/// Source: https://valkey.io/commands/pfmerge
[[nodiscard]] command<void> pfmerge(std::string_view destination, const strings& sources);
template <std::convertible_to<std::string_view> Source, std::convertible_to<std::string_view>... More>
[[nodiscard]] command<void> pfmerge(std::string_view destination, const Source& source, const More&... more) {
    return pfmerge(destination, std::array{std::string_view{source}, std::string_view{more}...});
}

}  // namespace valkeyxx::commands
