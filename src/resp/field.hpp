// Looking for one field of a reply that has names and values.
#pragma once

#include <string_view>

#include <valkeyxx/value.hpp>

namespace valkeyxx::resp {

/// The value of a field: of a RESP3 map, or of a RESP2 array of names and values in turn. A null if it is not there.
inline reply_view field(reply_view map, std::string_view name) {
    if (map.size() % 2 != 0) return {};
    for (auto it = map.begin(); it != map.end(); ++it) {
        const bool found = (*it).text() == name;
        ++it;
        if (found) return *it;
    }
    return {};
}

}  // namespace valkeyxx::resp
