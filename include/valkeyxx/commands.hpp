// All typed commands; each group also has a header of its own under commands/.
#pragma once

#include <valkeyxx/commands/connection.hpp>
#include <valkeyxx/commands/generic.hpp>
#include <valkeyxx/commands/hashes.hpp>
#include <valkeyxx/commands/server.hpp>
#include <valkeyxx/commands/strings.hpp>
