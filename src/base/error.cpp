// The texts of `errc`, and how an error's parts become one sentence.
#include <valkeyxx/error.hpp>

namespace valkeyxx {

namespace {

const char* describe(errc code) noexcept {
    switch (code) {
        case errc::server_error:
            return "the server answered with an error";
        case errc::timed_out:
            return "timed out";
        case errc::cannot_connect:
            return "cannot connect";
        case errc::connection_lost:
            return "connection lost";
        case errc::too_many_redirects:
            return "too many redirects: the cluster's nodes disagree about who serves the slot";
        case errc::no_topology:
            return "no node could tell the cluster's topology";
        case errc::not_a_cluster:
            return "the server runs without cluster mode";
        case errc::slot_not_served:
            return "no node serves the key's slot";
        case errc::cross_slot:
            return "the keys of one command hash to more than one slot";
        case errc::unknown_node:
            return "the node is not part of the cluster";
        case errc::invalid_url:
            return "the URL or address cannot be understood";
        case errc::invalid_argument:
            return "the command cannot be right and was not sent";
        case errc::unexpected_reply:
            return "the reply's shape does not fit the type asked for";
        case errc::protocol_error:
            return "the server sent bytes that are not a valid reply";
        case errc::queue_full:
            return "too many commands are under way";
        case errc::client_closed:
            return "the client was closed";
        case errc::partly_failed:
            return "the command failed on some of its nodes";
        case errc::transaction_conflict:
            return "a watched key was changed";
        case errc::cancelled:
            return "cancelled";
        case errc::access_denied:
            return "the user may not do this";
        case errc::authentication_failed:
            return "the server refuses the credentials";
        case errc::lock_lost:
            return "the lock is not held any more";
        case errc::after_fork:
            return "the client is of the process that has forked this one";
    }
    return "unknown error";
}

// What a server answers with.
bool is_answer(errc code) noexcept {
    return code == errc::server_error || code == errc::access_denied || code == errc::authentication_failed;
}

class category final : public std::error_category {
  public:
    [[nodiscard]] const char* name() const noexcept override { return "valkeyxx"; }
    [[nodiscard]] std::string message(int code) const override { return describe(static_cast<errc>(code)); }
    // Those who know nothing of us ask whether an operation was cancelled in the standard's words.
    [[nodiscard]] std::error_condition default_error_condition(int code) const noexcept override {
        if (code == static_cast<int>(errc::cancelled)) return std::errc::operation_canceled;
        return {code, *this};
    }
};

// "GET at 127.0.0.1:7000: ", as far as it is known.
std::string subject(const error::parts& p) {
    if (p.command.empty() && p.node.empty()) return {};
    if (p.command.empty()) return p.node + ": ";
    if (p.node.empty()) return p.command + ": ";
    return p.command + " at " + p.node + ": ";
}

// " (tried 2 times; the command may have run)", or nothing if there is nothing a reader must know.
std::string circumstances(const error::parts& p) {
    std::string all;
    if (p.attempts > 1) all = "tried " + std::to_string(p.attempts) + " times";
    const char* outcome = nullptr;
    if (p.executed == executed::unknown) outcome = "the command may have run";
    // A server's error already says what became of the command.
    if (p.executed == executed::yes && !is_answer(p.code)) outcome = "the command has run";
    if (outcome != nullptr) all += (all.empty() ? "" : "; ") + std::string{outcome};
    return all.empty() ? all : " (" + all + ")";
}

}  // namespace

const std::error_category& error_category() noexcept {
    static const category the_category;
    return the_category;
}

std::error_code make_error_code(errc code) noexcept {
    return {static_cast<int>(code), error_category()};
}

struct error::details {
    parts known;
    std::string message;

    explicit details(parts p) : known{std::move(p)} {
        if (known.text.empty()) {
            known.text = describe(known.code);
        } else if (known.server_code.empty() && is_answer(known.code)) {
            known.server_code = known.text.substr(0, known.text.find(' '));
        }
        message = subject(known) + known.text + circumstances(known);
    }
};

error::error(parts p) : details_{std::make_shared<const details>(std::move(p))} {}

errc error::which() const noexcept {
    return details_->known.code;
}

const std::string& error::message() const noexcept {
    return details_->message;
}

const std::string& error::text() const noexcept {
    return details_->known.text;
}

std::string_view error::server_code() const noexcept {
    return details_->known.server_code;
}

const std::string& error::command() const noexcept {
    return details_->known.command;
}

const std::string& error::node() const noexcept {
    return details_->known.node;
}

int error::attempts() const noexcept {
    return details_->known.attempts;
}

enum executed error::executed() const noexcept {
    return details_->known.executed;
}

std::span<const error> error::causes() const noexcept {
    return details_->known.causes;
}

error error::with(std::string command, std::string node, int attempts, enum executed executed) const {
    return error{parts{.code = which(),
                       .text = text(),
                       .command = std::move(command),
                       .node = std::move(node),
                       .attempts = attempts,
                       .executed = executed,
                       .causes = details_->known.causes,
                       .server_code = details_->known.server_code}};
}

}  // namespace valkeyxx
