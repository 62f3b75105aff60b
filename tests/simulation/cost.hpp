// What routing costs, without a network: with few nodes and with many.
#pragma once

namespace valkeyxx::simulation {

void measure_cost();

}  // namespace valkeyxx::simulation
