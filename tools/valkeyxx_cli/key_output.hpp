// What a scan writes: each key as it comes, or counts at the end.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace valkeyxx::cli {

class key_output {
  public:
    enum class kind : std::uint8_t { keys, count, count_by_prefix };

    /// @param separator  what a prefix ends before
    key_output(kind what, std::string separator, bool json)
        : kind_{what}, separator_{std::move(separator)}, json_{json} {}

    /// Writes the keys to stdout, if that is what is wanted. Throws std::system_error.
    void add(const std::vector<std::string>& keys);
    /// Writes the counts.
    void end() const;
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

  private:
    [[nodiscard]] std::string prefix_of(const std::string& key) const;
    [[nodiscard]] std::vector<std::pair<std::string, std::uint64_t>> by_size() const;

    kind kind_;
    std::string separator_;
    bool json_;
    std::uint64_t count_ = 0;
    std::map<std::string, std::uint64_t> prefixes_;
};

}  // namespace valkeyxx::cli
