// What a fork makes of clients: the child has a copy of each, and none of it can be used there.
//
// The child shares the sockets with its parent: a byte that it read would be missing there, and one that it wrote would
// stand between two of the parent's commands. It has none of the parent's other threads: what one of them was changing
// at that moment stays half changed, a lock that it held stays locked. So in the child each inherited engine is marked
// before fork() returns (pthread_atfork), and nothing of it is looked at any more; not even to destroy it.
#pragma once

#include <boost/intrusive/list.hpp>

namespace valkeyxx::clients {

class engine;

/// Has its engine marked in children, as long as it lives. Part of the engine.
class fork_watch : public boost::intrusive::list_base_hook<> {
  public:
    /// Throws std::bad_alloc if the process can register no handler.
    explicit fork_watch(engine& e);
    ~fork_watch();
    fork_watch(const fork_watch&) = delete;
    fork_watch& operator=(const fork_watch&) = delete;

    [[nodiscard]] engine& of() const noexcept { return engine_; }

  private:
    engine& engine_;
};

/// What cannot be destroyed in a child is kept for ever, in a place where tools that look for leaks find it.
void leave_behind(const void* inherited) noexcept;

}  // namespace valkeyxx::clients
