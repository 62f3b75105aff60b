// Commands out of any stream of bytes: lines as valkey-cli takes them, and RESP arrays, in any mix. Reads nothing
// itself: it says where bytes go, and is told how many came.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace valkeyxx::cli {

/// A command that begins with '*' is a RESP array of strings; anything else is a line, which ends at LF (or CR LF, or
/// the end of all). Words of a line are split at white space; within "double quotes" \n \r \t \a \b and \xHH stand for
/// one byte and a backslash for what follows it, within 'single quotes' only \' does; a closing quote ends its word.
/// Empty lines are skipped.
class command_reader {
  public:
    /// What a server refuses by default (proto-max-bulk-len, client-query-buffer-limit) need not be sent. Nothing is
    /// reserved because it was announced.
    struct limits {
        std::size_t words = 1'048'576;
        std::size_t word_bytes = std::size_t{512} << 20U;
        std::size_t command_bytes = std::size_t{1} << 30U;  ///< as it stands in the input
    };
    enum class status : std::uint8_t {
        command,    ///< see words()
        more,       ///< first it needs more input
        end,        ///< there is no more
        malformed,  ///< see flaw(); it cannot go on
    };
    struct position {
        std::uint64_t line = 1;  ///< one more than the LFs before it
        std::uint64_t byte = 0;  ///< how many are before it

        bool operator==(const position&) const = default;
    };
    struct malformed {
        position at;
        std::string what;
    };

    explicit command_reader(limits most) : limits_{most} {}
    command_reader() : command_reader{limits{}} {}

    /// Where more input may be put; never empty. Ends the life of words().
    [[nodiscard]] std::span<char> room();
    /// So many bytes were put there.
    void add(std::size_t count) noexcept { filled_ += count; }
    /// No more will come.
    void end_input() noexcept { ended_ = true; }

    /// Ends the life of the last words().
    status next();
    /// At least one.
    [[nodiscard]] std::span<const std::string_view> words() const noexcept { return words_; }
    /// Of the last command.
    [[nodiscard]] position begin() const noexcept { return begin_; }
    /// Behind the last command: all before this is done with.
    [[nodiscard]] position end() const noexcept { return {line_, base_ + from_}; }
    [[nodiscard]] const malformed& flaw() const noexcept { return flaw_; }

  private:
    status read_array();
    std::optional<std::size_t> read_number(char mark, std::size_t most, std::string_view of_what);
    bool read_word();
    status read_line();
    bool split(char* p, char* end);
    char* unquote(char* p, char* end, char*& to);
    std::optional<std::size_t> wrong(position at, std::string what);
    [[nodiscard]] position place(std::size_t at) const;
    [[nodiscard]] std::string_view rest() const noexcept { return {buffer_.get() + at_, filled_ - at_}; }

    limits limits_;
    std::unique_ptr<char[]> buffer_;
    std::size_t capacity_ = 0;
    std::size_t from_ = 0;    // in the buffer: where the first unfinished command begins
    std::size_t at_ = 0;      // how far it has been read
    std::size_t filled_ = 0;  // where the input ends
    std::uint64_t base_ = 0;  // bytes of the input before the buffer
    std::uint64_t line_ = 1;  // at from_
    bool ended_ = false;
    bool broken_ = false;

    // Of an array that is not complete.
    std::optional<std::size_t> count_;                         // of its words
    std::optional<std::size_t> size_;                          // of the word at at_
    std::vector<std::pair<std::size_t, std::size_t>> pieces_;  // of its words: from from_, and size

    std::vector<std::string_view> words_;
    position begin_{};
    malformed flaw_{};
};

}  // namespace valkeyxx::cli
