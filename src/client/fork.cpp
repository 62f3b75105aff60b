#include "client/fork.hpp"

#include <pthread.h>

#include <mutex>
#include <new>
#include <vector>

#include "client/engine.hpp"

namespace valkeyxx::clients {
namespace {

struct registry {
    std::mutex mutex;  // of this alone, and locked after any engine's
    boost::intrusive::list<fork_watch> engines;
    std::vector<const void*> left;
};

void prepare();
void in_parent();
void in_child();

// Never destroyed: there may be clients that are.
registry& everybody() {
    static registry& all = []() -> registry& {
        if (pthread_atfork(prepare, in_parent, in_child) != 0) throw std::bad_alloc{};
        return *new registry;
    }();
    return all;
}

// The list at least is whole in the child.
void prepare() {
    everybody().mutex.lock();
}

void in_parent() {
    everybody().mutex.unlock();
}

void in_child() {
    for (const fork_watch& w : everybody().engines) w.of().became_inherited();
    everybody().mutex.unlock();
}

}  // namespace

fork_watch::fork_watch(engine& e) : engine_{e} {
    const std::lock_guard lock{everybody().mutex};
    everybody().engines.push_back(*this);
}

fork_watch::~fork_watch() {
    const std::lock_guard lock{everybody().mutex};
    everybody().engines.erase(everybody().engines.iterator_to(*this));
}

void leave_behind(const void* inherited) noexcept {
    const std::lock_guard lock{everybody().mutex};
    everybody().left.push_back(inherited);
}

}  // namespace valkeyxx::clients
