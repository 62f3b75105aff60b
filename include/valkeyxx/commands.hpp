// All typed commands; each group also has a header of its own under commands/.
#pragma once

#include <valkeyxx/commands/acl.hpp>
#include <valkeyxx/commands/bitmap.hpp>
#include <valkeyxx/commands/cluster_admin.hpp>
#include <valkeyxx/commands/connection.hpp>
#include <valkeyxx/commands/generic.hpp>
#include <valkeyxx/commands/geo.hpp>
#include <valkeyxx/commands/hashes.hpp>
#include <valkeyxx/commands/hyperloglog.hpp>
#include <valkeyxx/commands/lists.hpp>
#include <valkeyxx/commands/pubsub.hpp>
#include <valkeyxx/commands/scripting.hpp>
#include <valkeyxx/commands/server.hpp>
#include <valkeyxx/commands/sets.hpp>
#include <valkeyxx/commands/sorted_sets.hpp>
#include <valkeyxx/commands/streams.hpp>
#include <valkeyxx/commands/strings.hpp>
