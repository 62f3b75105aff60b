// What an error reply is to a caller: its code, and its words without what they repeat of the command's arguments.
//
//   read_server_error("NOPERM No permissions to access a key")          // access_denied
//   read_server_error("ERR Error in ACL SETUSER modifier '<pw': ...")    // server_error, without the password
#pragma once

#include <string>
#include <string_view>

#include <valkeyxx/error.hpp>

namespace valkeyxx::resp {

/// What a server means by the text of an error reply (without the leading '-'): `access_denied`,
/// `authentication_failed`, or, if it is neither, `server_error`.
errc code_of(std::string_view error_text) noexcept;

/// The text with "..." for what it repeats of arguments. Errors of Valkey up to 9.1 and of Redis up to 7.2, wherever
/// they stand: scripts and MIGRATE pass on those of others as a part of their own.
std::string without_arguments(std::string_view error_text);

/// The error for a command that was answered with this.
error read_server_error(std::string_view error_text);

}  // namespace valkeyxx::resp
