// How a face is told the outcome of a command; not for users.
#pragma once

#include <cstddef>
#include <exception>
#include <optional>
#include <utility>

#include <valkeyxx/convert.hpp>

namespace valkeyxx::detail {

/// Exactly one of deliver and fail is called, once, while the client holds its lock; finish after it, without the lock.
class receiver {
  public:
    virtual void deliver(reply_view reply) noexcept = 0;
    virtual void fail(error why) noexcept = 0;
    virtual void finish() noexcept {}

  protected:
    ~receiver() = default;
};

/// Decodes into an `R`; a user's decoder that throws gives an error, not a crash.
template <class R>
result<R> decode_safely(reply_view reply) noexcept {
    try {
        return decode<R>(reply);
    } catch (const std::exception& e) {
        return error{{.code = errc::unexpected_reply,
                      .text = std::string{"decoding the reply failed: "} + e.what(),
                      .executed = executed::yes}};
    } catch (...) {
        return error{{.code = errc::unexpected_reply, .text = "decoding the reply failed", .executed = executed::yes}};
    }
}

/// Room for the client's own part of a command under way, so that one allocation serves both.
struct call_storage {
    static constexpr std::size_t size = 256;
    alignas(std::max_align_t) std::byte bytes[size];
};

}  // namespace valkeyxx::detail
