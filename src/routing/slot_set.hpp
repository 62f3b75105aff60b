// A set of hash slots. A value of 2 KiB.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include <valkeyxx/slot.hpp>

namespace valkeyxx::routing {

class slot_set {
  public:
    static slot_set all() noexcept {
        slot_set s;
        s.words_.fill(~std::uint64_t{0});
        return s;
    }
    static slot_set of(std::uint16_t slot) noexcept {
        slot_set s;
        s.insert(slot);
        return s;
    }

    void insert(std::uint16_t slot) noexcept { words_[slot / 64] |= bit(slot); }
    /// Slots first to last, both included.
    void insert(std::uint16_t first, std::uint16_t last) noexcept {
        for (std::uint32_t s = first; s <= last; ++s) insert(static_cast<std::uint16_t>(s));
    }
    void erase(std::uint16_t slot) noexcept { words_[slot / 64] &= ~bit(slot); }
    void clear() noexcept { words_.fill(0); }

    [[nodiscard]] bool has(std::uint16_t slot) const noexcept { return (words_[slot / 64] & bit(slot)) != 0; }
    [[nodiscard]] bool empty() const noexcept { return next(0) == slot_count; }
    [[nodiscard]] std::size_t size() const noexcept {
        std::size_t n = 0;
        for (const auto word : words_) n += static_cast<std::size_t>(std::popcount(word));
        return n;
    }
    /// The lowest slot of the set that is not below `from`; slot_count if there is none. `from` may be slot_count.
    [[nodiscard]] std::uint16_t next(std::uint16_t from) const noexcept {
        if (from >= slot_count) return slot_count;
        std::size_t at = from / 64U;
        std::uint64_t word = words_[at] & (~std::uint64_t{0} << (from % 64));
        while (word == 0) {
            if (++at == words_.size()) return slot_count;
            word = words_[at];
        }
        return static_cast<std::uint16_t>(at * 64 + static_cast<std::size_t>(std::countr_zero(word)));
    }

    slot_set& operator|=(const slot_set& other) noexcept {
        for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
        return *this;
    }
    slot_set& operator&=(const slot_set& other) noexcept {
        for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
        return *this;
    }
    slot_set& operator-=(const slot_set& other) noexcept {
        for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= ~other.words_[i];
        return *this;
    }
    friend slot_set operator|(slot_set a, const slot_set& b) noexcept { return a |= b; }
    friend slot_set operator&(slot_set a, const slot_set& b) noexcept { return a &= b; }
    friend slot_set operator-(slot_set a, const slot_set& b) noexcept { return a -= b; }
    bool operator==(const slot_set&) const = default;

  private:
    static constexpr std::uint64_t bit(std::uint16_t slot) noexcept { return std::uint64_t{1} << (slot % 64); }

    std::array<std::uint64_t, slot_count / 64> words_{};
};

}  // namespace valkeyxx::routing
