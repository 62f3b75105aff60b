// How a face is told the outcome of a command; not for users.
#pragma once

#include <cstddef>
#include <exception>
#include <optional>
#include <utility>

#include <valkeyxx/convert.hpp>
#include <valkeyxx/target.hpp>

namespace valkeyxx::detail {

/// Exactly one of deliver and fail is called, once, while the client holds its lock; finish after it, without the lock.
class receiver {
  public:
    virtual void deliver(reply_view reply) noexcept = 0;
    virtual void fail(error why) noexcept = 0;
    /// For execute_each, before deliver: what one of the nodes said, or why it did not.
    virtual void deliver_part(const endpoint& /*node*/, reply_view /*reply*/) noexcept {}
    virtual void fail_part(const endpoint& /*node*/, error /*why*/) noexcept {}
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

/// Keeps the decoded outcome of one command.
template <class R>
class result_receiver final : public receiver {
  public:
    void deliver(reply_view reply) noexcept override { out_.emplace(decode_safely<R>(reply)); }
    void fail(error why) noexcept override { out_.emplace(std::move(why)); }
    [[nodiscard]] result<R> take() { return *std::move(out_); }

  private:
    std::optional<result<R>> out_;
};

/// Collects the parts of execute_each.
template <class R, class NodeResult>
class part_collector : public receiver {
  public:
    void deliver(reply_view) noexcept override {}
    void fail(error why) noexcept override { why_.emplace(std::move(why)); }
    void deliver_part(const endpoint& node, reply_view reply) noexcept override {
        parts_.push_back({node, decode_safely<R>(reply)});
    }
    void fail_part(const endpoint& node, error why) noexcept override { parts_.push_back({node, std::move(why)}); }

    result<std::vector<NodeResult>> take() {
        if (why_) return *std::move(why_);
        return std::move(parts_);
    }

  protected:
    ~part_collector() = default;

  private:
    std::vector<NodeResult> parts_;
    std::optional<error> why_;
};

/// Room for the client's own part of a command under way, so that one allocation serves both.
struct call_storage {
    static constexpr std::size_t size = 320;
    alignas(std::max_align_t) std::byte bytes[size];
};

}  // namespace valkeyxx::detail
