// Parts of a sorted set: from one score to another, or from one member to another.
//
//   score_range{1, score_bound::exclusive(5)}        // 1 <= score < 5
//   lex_range{.min = lex_bound::exclusive("a")}      // all members behind "a"
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace valkeyxx::commands {

/// One end of a range of scores. A number stands for itself and is part of the range.
class score_bound {
  public:
    constexpr score_bound(double score) noexcept : score_{score} {}
    /// The score is part of the range.
    static constexpr score_bound inclusive(double score) noexcept { return {score}; }
    /// The score is not part of the range.
    static constexpr score_bound exclusive(double score) noexcept {
        score_bound bound{score};
        bound.exclusive_ = true;
        return bound;
    }
    /// Below and above all scores.
    static constexpr score_bound lowest() noexcept { return {-std::numeric_limits<double>::infinity()}; }
    static constexpr score_bound highest() noexcept { return {std::numeric_limits<double>::infinity()}; }

    [[nodiscard]] constexpr double score() const noexcept { return score_; }
    [[nodiscard]] constexpr bool is_exclusive() const noexcept { return exclusive_; }

  private:
    double score_;
    bool exclusive_ = false;
};

/// From one score to another, by default all: `{1, 5}`, `{.min = score_bound::exclusive(1)}`.
struct score_range {
    score_bound min = score_bound::lowest();
    score_bound max = score_bound::highest();
};

/// One end of a range of members that have the same score, compared byte by byte. Refers to the member's text.
class lex_bound {
  public:
    enum class kind : std::uint8_t { lowest, inclusive, exclusive, highest };

    /// The member is part of the range.
    static constexpr lex_bound inclusive(std::string_view member) noexcept { return {kind::inclusive, member}; }
    /// The member is not part of the range.
    static constexpr lex_bound exclusive(std::string_view member) noexcept { return {kind::exclusive, member}; }
    /// Below and above all members.
    static constexpr lex_bound lowest() noexcept { return {kind::lowest, {}}; }
    static constexpr lex_bound highest() noexcept { return {kind::highest, {}}; }

    [[nodiscard]] constexpr kind how() const noexcept { return how_; }
    [[nodiscard]] constexpr std::string_view member() const noexcept { return member_; }

  private:
    constexpr lex_bound(kind how, std::string_view member) noexcept : how_{how}, member_{member} {}

    kind how_;
    std::string_view member_;
};

/// From one member to another, by default all: `{.min = lex_bound::inclusive("a")}`. Means something only where all
/// members have the same score.
struct lex_range {
    lex_bound min = lex_bound::lowest();
    lex_bound max = lex_bound::highest();
};

/// A part of what a range has.
struct range_limit {
    std::int64_t offset = 0;                 ///< so many are left out first
    std::optional<std::int64_t> count = {};  ///< at most so many; by default all
};

}  // namespace valkeyxx::commands
