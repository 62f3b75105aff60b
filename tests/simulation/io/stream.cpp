#include "io/stream.hpp"

#include <utility>

#include "link.hpp"
#include "network.hpp"

namespace valkeyxx::io {

struct stream::resolving {
    std::function<void(std::error_code, std::vector<address>)> done;
};

void stream::resolve(const endpoint& at, std::function<void(std::error_code, std::vector<address>)> done) {
    resolving_ = std::make_shared<resolving>(std::move(done));
    loop_.net().resolve(at, [waiting = resolving_](std::error_code ec, std::vector<address> found) {
        if (waiting->done) std::exchange(waiting->done, nullptr)(ec, std::move(found));
    });
}

void stream::connect(const address& to, std::function<void(std::error_code)> done) {
    if (auto before = std::exchange(link_, nullptr)) before->close_by_client();
    cancel_dialling();
    dialling_ = std::make_shared<simulation::dialling>();
    dialling_->into = &link_;
    dialling_->done = [d = dialling_.get(), done = std::move(done)](std::error_code ec, const auto& made) {
        if (d->into != nullptr) *d->into = made;
        done(ec);  // may destroy this stream
    };
    loop_.net().dial(to, dialling_);
}

transfer stream::read(std::span<char> into) noexcept {
    return link_->read(into);
}

transfer stream::write(std::string_view bytes) noexcept {
    return link_->write(bytes);
}

void stream::await_readable(handler ready) {
    link_->await_readable(std::move(ready));
}

void stream::await_writable(handler ready) {
    link_->await_writable(std::move(ready));
}

void stream::interrupt() noexcept {
    if (link_) link_->close_by_client();
}

void stream::cancel_dialling() noexcept {
    if (!dialling_ || !dialling_->done) return;
    dialling_->into = nullptr;
    post(loop_, [d = dialling_, given_up = std::exchange(dialling_->done, {})]() mutable {
        given_up(std::make_error_code(std::errc::operation_canceled), nullptr);
    });
}

void stream::close() noexcept {
    if (resolving_ && resolving_->done) {
        post(loop_, [given_up = std::exchange(resolving_->done, nullptr)] {
            given_up(std::make_error_code(std::errc::operation_canceled), {});
        });
    }
    cancel_dialling();
    if (auto l = std::exchange(link_, nullptr)) l->close_by_client();
}

}  // namespace valkeyxx::io
