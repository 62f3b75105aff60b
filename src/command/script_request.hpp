// The bytes of a script's call: EVAL with the script, followed by the script's digest, so that either form can be sent.
//
//   script_request r{bytes};
//   r.whole()                                  // EVAL script numkeys key ... arg ...
//   r.head(), r.digest(), r.tail()             // EVALSHA digest numkeys key ... arg ...
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace valkeyxx {

class script_request {
  public:
    static constexpr std::size_t digest_size = 40;  ///< of a SHA1 in hexadecimal

    /// Requires what `script` has encoded.
    explicit script_request(std::string_view bytes);

    [[nodiscard]] std::string_view whole() const noexcept { return whole_; }
    [[nodiscard]] std::string_view digest() const noexcept { return digest_; }
    /// What goes before the digest when it takes the script's place, and after.
    [[nodiscard]] const std::string& head() const noexcept { return head_; }
    [[nodiscard]] std::string_view tail() const noexcept { return tail_; }

  private:
    std::string_view whole_;
    std::string_view digest_;
    std::string head_;
    std::string_view tail_;
};

}  // namespace valkeyxx
