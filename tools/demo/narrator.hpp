// The demo's voice: numbered chapters, plain lines and tables on stdout, with colours only on a terminal.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace valkeyxx::demo {

class narrator {
  public:
    narrator();

    void title(std::string_view text);
    /// Starts the next chapter.
    void chapter(std::string_view heading);
    void tell(std::string_view line);
    /// A line to look at.
    void stress(std::string_view line);
    /// The first row is the heading.
    void table(const std::vector<std::vector<std::string>>& rows);
    /// The last line.
    void verdict(bool passed, std::string_view line);

  private:
    void put(std::string_view before, std::string_view style, std::string_view text);

    bool colours_;
    int chapters_ = 0;
};

/// "1.23 s"; "12.3 ms" below a second.
std::string to_text(std::chrono::nanoseconds time);

/// "1 key", "2 keys".
std::string counted(std::size_t n, std::string_view noun);

}  // namespace valkeyxx::demo
