#include "client/authenticator.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <string>
#include <typeinfo>
#include <utility>

#include "client/credential_core.hpp"
#include "client/engine.hpp"

#include <boost/core/demangle.hpp>

#include <valkeyxx/observer.hpp>

namespace valkeyxx::clients {
namespace {

using namespace std::chrono_literals;

// Brings one answer to one connection, also if none is given.
class slip {
  public:
    slip(std::shared_ptr<letter_box> box, std::weak_ptr<engine> client, connection& c)
        : box_{std::move(box)},
          client_{std::move(client)},
          connection_{c.weak_from_this()},
          generation_{c.generation()} {}
    slip(const slip&) = delete;
    slip& operator=(const slip&) = delete;
    ~slip() { deliver(error{errc::cannot_connect, "who was asked for credentials gave no answer"}); }

    void deliver(result<credentials> answer) {
        if (given_.exchange(true)) return;
        box_->post([client = client_, to = connection_, generation = generation_, answer = std::move(answer)] {
            const auto there = client.lock();
            if (!there) return;
            const engine::turn turn{*there};
            const auto c = to.lock();
            if (c && !there->closed()) c->authorize(generation, answer);
        });
    }

  private:
    std::shared_ptr<letter_box> box_;
    std::weak_ptr<engine> client_;
    std::weak_ptr<connection> connection_;
    std::uint64_t generation_;
    std::atomic<bool> given_ = false;
};

}  // namespace

credential_source* authenticator::source_of(routing::node_id node) const noexcept {
    const config& c = engine_.settings();
    return (engine_.is_sentinel(node) ? c.sentinel_credentials : c.credentials).get();
}

void authenticator::open_box(const config& settings) {
    box_ = std::make_shared<letter_box>(engine_.loop());
    for (const auto& source : {settings.credentials, settings.sentinel_credentials}) {
        if (!source) continue;
        const auto told = std::make_shared<std::atomic<bool>>(false);  // and has not begun to ask
        source->core_->listen(box_, [to = std::weak_ptr{box_}, client = engine_.weak_from_this(), told] {
            const auto box = to.lock();
            if (!box || told->exchange(true)) return;
            box->post([client, told] {
                *told = false;
                const auto e = client.lock();
                if (!e) return;
                const engine::turn turn{*e};
                if (!e->closed()) e->authentication().ask_all();
            });
        });
    }
}

void authenticator::ask(connection& c) {
    if (!box_) open_box(engine_.settings());
    std::erase_if(asked_, [](const auto& known) { return known.expired(); });
    const auto is_it = [&c](const auto& known) { return known.lock().get() == &c; };
    if (std::none_of(asked_.begin(), asked_.end(), is_it)) asked_.push_back(c.weak_from_this());
    box_->post([source = source_of(c.node())->core_, at = c.at(),
                to = std::make_shared<slip>(box_, engine_.weak_from_this(), c)] {
        try {
            source->ask(at, [to](result<credentials> answer) { to->deliver(std::move(answer)); });
        } catch (const std::exception& e) {
            // Not what it says: that may be the very answer that could not be understood. Its name is for whoever looks
            // for it; who has something to say says answer(error).
            to->deliver(error{errc::cannot_connect,
                              "the credential_source has thrown " + boost::core::demangle(typeid(e).name())});
        } catch (...) {
            to->deliver(error{errc::cannot_connect, "the credential_source has thrown something unknown"});
        }
    });
}

void authenticator::ask_all() {
    for (const auto& known : std::vector{asked_}) {  // which changes as they ask
        if (const auto c = known.lock()) c->authenticate_again();
    }
}

void authenticator::got(const credentials& c) {
    if (c.renew_after > 0ms) ask_all_by(io::clock::now() + c.renew_after);
}

void authenticator::failed(const connection& c, const error& why) {
    if (const auto& watcher = engine_.settings().watcher) watcher->authentication_failed(c.at(), why);
    if (std::exchange(retrying_, true)) return;  // it failed together with another one
    ask_all_by(io::clock::now() + delays_.next(engine_.router().random()));
}

void authenticator::ask_all_by(io::time_point then) {
    if (!scheduled() || then < due()) engine_.timers().add(*this, then);
}

void authenticator::on_due(io::time_point /*now*/) noexcept {
    retrying_ = false;
    ask_all();
}

void authenticator::close() noexcept {
    timer_queue::remove(*this);
    if (box_) box_->leave();
}

}  // namespace valkeyxx::clients
