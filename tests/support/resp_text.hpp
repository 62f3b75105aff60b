// RESP on the wire, written out: requests for the admin client, replies for the fake server.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace valkeyxx::testing::resp {

/// A request: an array of bulk strings.
std::string request(const std::vector<std::string>& words);

std::string status(std::string_view text);  ///< +text
std::string error(std::string_view text);   ///< -text
std::string integer(long long value);       ///< :value
std::string bulk(std::string_view bytes);   ///< $n
std::string nil();                          ///< $-1, RESP2; RESP3 has null()
std::string null();                         ///< _

/// Aggregates of replies that are written out already. Example: `array({bulk("a"), integer(1)})`
std::string array(const std::vector<std::string>& items);                          ///< *n
std::string push(const std::vector<std::string>& items);                           ///< >n, RESP3
std::string map(const std::vector<std::pair<std::string, std::string>>& entries);  ///< %n, RESP3

}  // namespace valkeyxx::testing::resp
