// Replies as text for people and for other programs.
//
//   std::cout << vk::to_cli_text(cluster.execute(raw("HGETALL", "user:1"))) << '\n';
#pragma once

#include <string>

#include <valkeyxx/value.hpp>

namespace valkeyxx {

/// The reply as `valkey-cli` shows it on a terminal: `1) "a"`, `(integer) 3`, `(nil)`, ... Lines are separated by '\n';
/// none follows the last. A big number, at which valkey-cli gives up, is `(big number) 123`.
std::string to_cli_text(reply_view reply);

/// The reply as `valkey-cli` writes it into a file or a pipe (`--raw`): the bytes of strings as they are, one entry of
/// an aggregate a line, a map's entry as its key, a space and its value, null as nothing. No '\n' follows the last
/// line, except after an error.
std::string to_raw_text(reply_view reply);

/// The reply as one line of JSON:
///  - strings are strings. A byte that is not part of valid UTF-8 becomes \u00XX, as if it were Latin-1: every JSON
///    reader takes it, and a reader who knows that the string is binary gets its bytes back as long as none of them
///    happen to form a valid multi-byte character;
///  - integers and reals are numbers, "inf", "-inf" and "nan" strings; a big number is a string, as few readers keep
///    its digits;
///  - null, booleans; arrays, sets and pushes are arrays;
///  - maps are objects in the order of the wire, keys that are not strings by their text, aggregates by `to_cli_text`;
///  - an error is {"error":"..."}.
std::string to_json(reply_view reply);

}  // namespace valkeyxx
