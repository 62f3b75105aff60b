// What faces need of a transaction: its request, or why there is none.
#pragma once

#include <valkeyxx/transaction.hpp>

#include "client/engine.hpp"

namespace valkeyxx::detail {

class transaction_access {
  public:
    /// Why it cannot be sent to this engine's servers, if so.
    static std::optional<error> problem(const transaction& t, const clients::engine& e);
    /// Makes the request that of the transaction, which must outlive it.
    static void prepare(const transaction& t, clients::request& r);
};

}  // namespace valkeyxx::detail
