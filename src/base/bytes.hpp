// A buffer that bytes enter at one end and leave at the other, reusing its memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace valkeyxx::base {

class bytes {
  public:
    [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }
    [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
    [[nodiscard]] std::string_view view() const noexcept { return {memory_.get() + begin_, size()}; }

    /// Adds a copy at the end.
    void append(std::string_view more) {
        if (capacity_ - end_ < more.size()) [[unlikely]]
            make_room(more.size());
        if (!more.empty()) std::memcpy(memory_.get() + end_, more.data(), more.size());
        end_ += more.size();
    }

    /// Free memory at the end, at least `least` bytes, to be filled and then committed. What was there may have moved.
    std::span<char> prepare(std::size_t least) {
        if (capacity_ - end_ < least) make_room(least);
        return {memory_.get() + end_, capacity_ - end_};
    }
    void commit(std::size_t filled) noexcept { end_ += filled; }

    /// Drops bytes at the front.
    void consume(std::size_t size) noexcept {
        begin_ += size;
        if (begin_ == end_) begin_ = end_ = 0;
    }

    void clear() noexcept { begin_ = end_ = 0; }

    /// Moves bytes towards the front, over what is there. Both places count from the front.
    void pull(std::size_t from, std::size_t to, std::size_t size) noexcept {
        if (size != 0) std::memmove(memory_.get() + begin_ + to, memory_.get() + begin_ + from, size);
    }
    /// Drops what follows the first `size` bytes.
    void cut_to(std::size_t size) noexcept {
        end_ = begin_ + size;
        if (size == 0) begin_ = end_ = 0;
    }

    /// Gives memory back if it holds nothing and has grown above `keep`.
    void trim(std::size_t keep) noexcept {
        if (!empty() || capacity_ <= keep) return;
        memory_.reset();
        capacity_ = begin_ = end_ = 0;
    }

  private:
    static constexpr std::size_t smallest = 16384;

    void make_room(std::size_t least) {
        const std::size_t held = size();
        // Moving what is held to the front is enough if that frees at least half: otherwise grow, so that a slowly read
        // buffer is not moved again and again.
        if (begin_ > 0 && capacity_ - held >= least && held <= capacity_ / 2) {
            std::memmove(memory_.get(), memory_.get() + begin_, held);
        } else {
            const std::size_t larger = std::max({smallest, capacity_ * 2, held + least});
            auto memory = std::make_unique_for_overwrite<char[]>(larger);
            if (held != 0) std::memcpy(memory.get(), memory_.get() + begin_, held);
            memory_ = std::move(memory);
            capacity_ = larger;
        }
        begin_ = 0;
        end_ = held;
    }

    std::unique_ptr<char[]> memory_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace valkeyxx::base
