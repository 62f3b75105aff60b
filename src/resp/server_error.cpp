#include "resp/server_error.hpp"

#include <algorithm>
#include <array>

namespace valkeyxx::resp {
namespace {

using namespace std::string_view_literals;

// Servers before version 6 have no word of its own for it.
constexpr std::array refusals_of_credentials{
    "WRONGPASS"sv,  // unknown, wrong, or the user is disabled
    "NOAUTH"sv,     // none were given
    "ERR invalid password"sv,
    "ERR AUTH "sv,             // "<password> called without any password configured for the default user"
    "ERR Client sent AUTH"sv,  // the same
    "ERR wrong number of arguments for 'auth'"sv,  // a user, and the server has none
};

// Between `opening` and the last `closing` after it stands an argument, or several. No `closing`: up to the end.
struct repetition {
    std::string_view opening;
    std::string_view closing;
};

// Each was seen in the answer of a server: tests/integration/cli_secrets_test.cpp asks for them anew.
constexpr std::array repetitions{
    repetition{"ACL SETUSER modifier '"sv, "': "sv},  // a password, in the worst case
    repetition{"in acl selector starting at '"sv, "'"sv},
    repetition{"Syntax error in HELLO option '"sv, "'"sv},
    repetition{"Invalid argument '"sv, "' for "sv},  // SENTINEL SET; CONFIG SET of servers before 7
    repetition{"Invalid argument '"sv, "' to SENTINEL"sv},
    repetition{"Invalid value '"sv, "' to SENTINEL"sv},
    repetition{"No such key '"sv, "' or consumer group"sv},
    repetition{"or consumer group '"sv, "'"sv},
    repetition{"No such consumer group '"sv, "' for key name"sv},
    repetition{"for key name '"sv, "'"sv},
    repetition{"Prefix '"sv, "' overlaps with"sv},
    repetition{"overlaps with an existing prefix '"sv, "'. "sv},
    repetition{"overlaps with another provided prefix '"sv, "'. "sv},
    repetition{"ERR member "sv, " does not exist"sv},
    repetition{"invalid longitude,latitude pair "sv, ""sv},
    repetition{"Invalid metadata value given: "sv, ""sv},
};

// Where a script cannot be compiled, the words at which that is noticed are those of the script.
constexpr repetition code{" near '", "'"};

void cut(std::string& text, const repetition& r) {
    const auto at = text.find(r.opening);
    if (at == std::string::npos) return;
    const auto from = at + r.opening.size();
    auto to = r.closing.empty() ? text.size() : text.rfind(r.closing);
    if (to == std::string::npos || to < from) {
        if (r.closing.size() > 1) return;  // a sentence like it, of which nothing is known
        to = text.size();
    }
    text.replace(from, to - from, "...");
}

}  // namespace

errc code_of(std::string_view error_text) noexcept {
    if (error_text.starts_with("NOPERM"sv)) return errc::access_denied;
    const bool refused = std::any_of(refusals_of_credentials.begin(), refusals_of_credentials.end(),
                                     [=](std::string_view words) { return error_text.starts_with(words); });
    return refused ? errc::authentication_failed : errc::server_error;
}

std::string without_arguments(std::string_view error_text) {
    // All of them, and there may be none.
    std::string text{error_text.substr(0, error_text.find(", with args beginning with:"sv))};
    for (const repetition& r : repetitions) cut(text, r);
    if (text.find("Error compiling"sv) != std::string::npos) cut(text, code);
    return text;
}

error read_server_error(std::string_view error_text) {
    return error{code_of(error_text), without_arguments(error_text)};
}

}  // namespace valkeyxx::resp
