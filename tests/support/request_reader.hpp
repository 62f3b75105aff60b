// Cuts a client's byte stream into requests: RESP2 arrays of bulk strings.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace valkeyxx::testing {

class request_reader {
  public:
    void feed(std::string_view bytes) { buffer_.append(bytes); }

    /// The next complete request; none until more bytes come. Throws std::runtime_error on what is no request.
    std::optional<std::vector<std::string>> next();

  private:
    std::optional<std::size_t> read_count(char mark, std::size_t& at) const;

    std::string buffer_;
};

}  // namespace valkeyxx::testing
