#include "world.hpp"

#include <utility>

namespace valkeyxx::simulation {

world::world(plan p, trace::mode m)
    : settings{std::move(p)}, log{m}, random{settings.seed}, keys{random, settings.chunks, settings.keys} {}

}  // namespace valkeyxx::simulation
