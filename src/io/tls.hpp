// TLS by OpenSSL, on a socket that somebody else waits for.
#pragma once

#include <cstdint>
#include <ctime>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/transfer.hpp"

#include <valkeyxx/result.hpp>
#include <valkeyxx/tls.hpp>

struct ssl_ctx_st;
struct ssl_st;

namespace valkeyxx::io {

/// What has to happen before a handshake goes on.
struct tls_progress {
    enum class next : std::uint8_t { done, readable, writable, failed };
    next step = next::failed;
    std::string problem = {};  ///< if it has failed
};

/// The encryption of one connection. Not thread-safe. At its end it tells the peer that this was all, if that is
/// possible at once.
class tls_layer {
  public:
    tls_layer(const tls_layer&) = delete;
    tls_layer& operator=(const tls_layer&) = delete;
    ~tls_layer();

    /// Requires that the handshake is over.
    transfer read(std::span<char> into) noexcept;
    transfer write(std::string_view bytes) noexcept;
    /// The last read() was filled to the brim: more may have been received already, of which the socket knows nothing.
    [[nodiscard]] bool may_hold_more() const noexcept { return filled_; }

    tls_progress shake_hands();

  private:
    friend class tls_context;
    struct deleter {
        void operator()(ssl_st* s) const noexcept;
    };

    tls_layer(std::shared_ptr<ssl_ctx_st> of, ssl_st* session, int fd)
        : context_{std::move(of)}, session_{session}, fd_{fd} {}
    transfer outcome(int code, int kept_errno) noexcept;

    std::shared_ptr<ssl_ctx_st> context_;
    std::unique_ptr<ssl_st, deleter> session_;
    int fd_;  // the session's BIO points here
    bool filled_ = false;
    bool ready_ = false;
    bool broken_ = false;
};

/// What all connections of a client have in common. Thread-safe.
class tls_context {
  public:
    explicit tls_context(tls_options options) : options_{std::move(options)} {}

    /// Reads the certificates. Error `invalid_argument`: says which of them is no good, and why.
    result<void> load();

    /// For a connection on the socket `fd` to what is called `host`. After a successful load(). Files that have changed
    /// are read first; if they cannot be used, what was read before is: see take_problem().
    result<std::unique_ptr<tls_layer>> begin(int fd, const std::string& host);

    /// Why files that have changed cannot be used; once for each change, and for each reason.
    std::optional<error> take_problem();
    /// Whether servers have to prove anything.
    [[nodiscard]] bool verifies() const noexcept { return options_.verify != tls_verify::none; }

  private:
    struct file_state {
        std::string path;
        timespec changed{};  // also when it was put in the place of another of the same age
        std::uint64_t number = 0;
        std::int64_t size = 0;
        bool operator==(const file_state& other) const noexcept {
            return path == other.path && number == other.number && size == other.size &&
                   changed.tv_sec == other.changed.tv_sec && changed.tv_nsec == other.changed.tv_nsec;
        }
    };

    [[nodiscard]] std::vector<file_state> look_at_files() const;
    result<std::shared_ptr<ssl_ctx_st>> make() const;

    const tls_options options_;
    std::mutex mutex_;
    std::shared_ptr<ssl_ctx_st> context_;
    std::vector<file_state> files_;  // as they were when context_ was made
    std::vector<file_state> bad_;    // as they were when that last failed
    std::string bad_reason_;
    std::optional<error> problem_;  // which nobody was told of yet
};

}  // namespace valkeyxx::io
