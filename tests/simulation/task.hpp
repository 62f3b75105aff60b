// A piece of work that is done once: a function object that is moved, never copied, and mostly stored in place.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace valkeyxx::simulation {

template <class... Args>
class task {
  public:
    task() noexcept = default;
    template <class F>
        requires(!std::is_same_v<std::decay_t<F>, task>)
    task(F&& f) {  // a conversion, as from a lambda to std::function
        using stored = std::decay_t<F>;
        if constexpr (sizeof(stored) <= room && std::is_nothrow_move_constructible_v<stored>) {
            new (memory_) stored(std::forward<F>(f));
            how_ = &in_place<stored>;
        } else {
            new (memory_) std::unique_ptr<stored>{std::make_unique<stored>(std::forward<F>(f))};
            how_ = &on_heap<stored>;
        }
    }
    task(task&& other) noexcept { take(other); }
    task& operator=(task&& other) noexcept {
        if (this == &other) return *this;
        reset();
        take(other);
        return *this;
    }
    ~task() { reset(); }

    explicit operator bool() const noexcept { return how_ != nullptr; }
    void operator()(Args... args) { how_->call(memory_, args...); }
    void reset() noexcept {
        if (how_ != nullptr) std::exchange(how_, nullptr)->destroy(memory_);
    }

  private:
    static constexpr std::size_t room = 64;

    struct operations {
        void (*call)(void*, Args...);
        void (*move)(void* from, void* to) noexcept;
        void (*destroy)(void*) noexcept;
    };

    template <class F>
    static constexpr operations in_place{
        [](void* f, Args... args) { (*static_cast<F*>(f))(args...); },
        [](void* from, void* to) noexcept {
            new (to) F(std::move(*static_cast<F*>(from)));
            static_cast<F*>(from)->~F();
        },
        [](void* f) noexcept { static_cast<F*>(f)->~F(); },
    };
    template <class F>
    static constexpr operations on_heap{
        [](void* f, Args... args) { (**static_cast<std::unique_ptr<F>*>(f))(args...); },
        [](void* from, void* to) noexcept {
            auto& held = *static_cast<std::unique_ptr<F>*>(from);
            new (to) std::unique_ptr<F>{std::move(held)};
            std::destroy_at(&held);
        },
        [](void* f) noexcept { std::destroy_at(static_cast<std::unique_ptr<F>*>(f)); },
    };

    void take(task& other) noexcept {
        how_ = std::exchange(other.how_, nullptr);
        if (how_ != nullptr) how_->move(other.memory_, memory_);
    }

    const operations* how_ = nullptr;
    alignas(std::max_align_t) unsigned char memory_[room];
};

}  // namespace valkeyxx::simulation
