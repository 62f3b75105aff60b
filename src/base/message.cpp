#include <valkeyxx/message.hpp>

#include <array>

namespace valkeyxx {

std::string_view to_string(channel_kind kind) noexcept {
    static constexpr std::array<std::string_view, 3> words{"channel", "pattern", "shard"};
    return words[static_cast<std::size_t>(kind)];
}

std::string_view to_string(message_kind kind) noexcept {
    static constexpr std::array<std::string_view, 7> words{"message",   "subscribed", "unsubscribed", "refused",
                                                           "gap_began", "gap",        "ended"};
    return words[static_cast<std::size_t>(kind)];
}

}  // namespace valkeyxx
