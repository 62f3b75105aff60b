// The lists that registrations fill before main().
#include "registry.hpp"

#include <string>

namespace valkeyxx::bench {
namespace {

// Function-local: driver files may be initialized before this one.
std::vector<driver_entry>& drivers() {
    static std::vector<driver_entry> list;
    return list;
}

std::vector<peer_entry>& versions() {
    static std::vector<peer_entry> list;
    return list;
}

}  // namespace

registration::registration(std::string_view client, std::initializer_list<std::string_view> scenarios, driver run) {
    for (const std::string_view name : scenarios) drivers().push_back({client, find_scenario(name).name, run});
}

peer_version::peer_version(std::string_view client, std::string_view version) {
    versions().push_back({client, version});
}

const std::vector<driver_entry>& all_drivers() {
    return drivers();
}
const std::vector<peer_entry>& all_peer_versions() {
    return versions();
}

driver find_driver(std::string_view client, std::string_view scenario) {
    for (const driver_entry& entry : drivers())
        if (entry.client == client && entry.scenario == scenario) return entry.run;
    die("no driver for client " + std::string(client) + " and scenario " + std::string(scenario));
}

void job::wrong_reply(std::uint32_t key) const {
    die("scenario " + std::string(what.name) + ": the reply for key " + std::string(keys.key(key)) +
        " does not hold its value");
}

}  // namespace valkeyxx::bench
