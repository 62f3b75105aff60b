// The slots, cut into chunks, and the keys that a run uses. Fixed for a run.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dice.hpp"
#include "view.hpp"

#include <valkeyxx/slot.hpp>

namespace valkeyxx::simulation {

/// What a key holds, which is fixed by its name.
enum class content : std::uint8_t { text, list_of_tokens, counter };

struct key {
    std::string name;
    std::string tag;  // its hash tag, with braces: names with it are in the same slot
    content holds = content::text;
    std::uint16_t slot = 0;
    chunk_index chunk = 0;
};

struct chunk {
    std::uint16_t first = 0;
    std::uint16_t last = 0;
    std::vector<std::size_t> keys;
};

class keyspace {
  public:
    /// @param chunks  at least
    /// @param keys    at least one for each chunk
    keyspace(dice& random, std::size_t chunks, std::size_t keys);

    [[nodiscard]] const std::vector<chunk>& chunks() const noexcept { return chunks_; }
    [[nodiscard]] const std::vector<key>& keys() const noexcept { return keys_; }
    [[nodiscard]] chunk_index chunk_of(std::uint16_t slot) const noexcept { return chunk_of_[slot]; }
    static constexpr std::size_t none = ~std::size_t{0};
    /// `none` if it is not a key of the run.
    [[nodiscard]] std::size_t find(std::string_view name) const;

  private:
    void add_key(std::uint16_t slot, content holds);

    std::vector<chunk> chunks_;
    std::vector<key> keys_;
    std::unordered_map<std::string_view, std::size_t> by_name_;
    std::array<chunk_index, slot_count> chunk_of_{};
};

}  // namespace valkeyxx::simulation
