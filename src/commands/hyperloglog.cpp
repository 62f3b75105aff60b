// The commands of the group "hyperloglog" that put a key before many texts.
#include <valkeyxx/commands/hyperloglog.hpp>

#include "commands/arguments.hpp"

namespace valkeyxx::commands {

using detail::arguments;
using where = encoded_command::keys;

command<bool> pfadd(std::string_view key, const strings& elements) {
    return arguments{key, elements.view()}.as<bool>(command_id::pfadd, where::first);
}

command<void> pfmerge(std::string_view destination, const strings& sources) {
    return arguments{destination, sources.view()}.as<void>(command_id::pfmerge, where::all);
}

}  // namespace valkeyxx::commands
