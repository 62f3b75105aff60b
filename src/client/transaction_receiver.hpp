// Where the reply to EXEC goes, or why there is none.
#pragma once

#include <optional>
#include <utility>

#include "client/transaction.hpp"

#include <valkeyxx/detail/receiver.hpp>

namespace valkeyxx::detail {

class transaction_receiver final : public receiver {
  public:
    explicit transaction_receiver(const transaction& t) noexcept : transaction_{t} {}

    void deliver(reply_view reply) noexcept override { out_.emplace(read_transaction(transaction_, reply)); }
    void fail(error why) noexcept override { out_.emplace(std::move(why)); }
    [[nodiscard]] result<pipeline_result> take() { return *std::move(out_); }

  private:
    const transaction& transaction_;
    std::optional<result<pipeline_result>> out_;
};

}  // namespace valkeyxx::detail
