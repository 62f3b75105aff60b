// What the decoder costs: memory, counted, and time, where a naive one would not come to an end.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <string>

#include "decoder_probe.hpp"

// Clang's thread sanitizer brings an operator new that cannot be replaced; it tells of allocations instead.
#if defined(__has_feature)
#    if __has_feature(thread_sanitizer)
#        define VALKEYXX_ALLOCATIONS_ARE_TOLD
#        include <sanitizer/allocator_interface.h>
#    endif
#endif

using namespace valkeyxx;
using resp::decoder;
using status = decoder::status;
using decoder_probe::samples;

namespace {
std::size_t allocations = 0;
}

#ifdef VALKEYXX_ALLOCATIONS_ARE_TOLD
const int told = __sanitizer_install_malloc_and_free_hooks([](const volatile void*, std::size_t) { ++allocations; },
                                                           [](const volatile void*) {});
#else
// Counts what this program allocates. Not inlined, or GCC sees `free` meet `new` and warns.
[[gnu::noinline]] void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc{};
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
#endif

namespace {

TEST(decoder, counting_works) {
    const std::size_t before = allocations;
    ::operator delete(::operator new(1000));  // as calls, which no compiler leaves out
    EXPECT_GT(allocations, before);
}

TEST(decoder, steady_state_allocates_nothing) {
    decoder d;
    const auto parse_all = [&] {
        for (const std::string& wire : samples) {
            if (d.parse(wire) != status::ready) std::abort();
            if (d.reply().kind() > value_kind::push) std::abort();
        }
    };
    parse_all();
    const std::size_t before = allocations;
    for (int i = 0; i < 100; ++i) parse_all();
    EXPECT_EQ(allocations, before);
}

TEST(decoder, scalars_never_allocate) {
    const std::size_t before = allocations;
    decoder d;
    for (const char* wire : {"+OK\r\n", ":1\r\n", "$3\r\nabc\r\n", "-ERR\r\n", ",1.5\r\n"}) {
        if (d.parse(wire) != status::ready) std::abort();
    }
    EXPECT_EQ(allocations, before);
}

TEST(decoder, announced_sizes_allocate_nothing_before_their_bytes_arrive) {
    decoder d;
    const std::size_t before = allocations;
    ASSERT_EQ(d.parse("$536870912\r\n"), status::need_more);
    EXPECT_EQ(allocations, before);
    d.reset();
    ASSERT_EQ(d.parse("*16000000\r\n"), status::need_more);
    EXPECT_LE(allocations, before + 1);  // the first node
}

TEST(decoder, a_large_tape_is_given_back_once_replies_are_small_again) {
    std::string large = "*500000\r\n";
    for (int i = 0; i < 500'000; ++i) large += "_\r\n";
    decoder d;
    ASSERT_EQ(d.parse(large), status::ready);
    const std::size_t before = allocations;
    for (int i = 0; i < 10; ++i) ASSERT_EQ(d.parse("*1\r\n:1\r\n"), status::ready);
    EXPECT_EQ(allocations, before + 2);  // a new, small tape: one node, then two
}

// With a decoder that looked at everything again, each of these would take hours.
TEST(decoder, small_pieces_of_large_replies_take_linear_time) {
    std::string array = "*200000\r\n";
    for (int i = 0; i < 200'000; ++i) array += ":12\r\n";
    const std::string large[] = {"$1000000\r\n" + std::string(1'000'000, 'x') + "\r\n", array};
    for (const std::string& wire : large) {
        decoder d;
        for (std::size_t size = 0; size < wire.size(); ++size) {
            ASSERT_EQ(d.parse({wire.data(), size}), status::need_more);
        }
        ASSERT_EQ(d.parse(wire), status::ready);
        EXPECT_EQ(d.consumed(), wire.size());
    }
    const std::string lines = "*20\r\n" + [] {
        std::string all;
        for (int i = 0; i < 20; ++i) all += "+" + std::string(65'536, 'x') + "\r\n";
        return all;
    }();
    decoder d;
    for (std::size_t size = 0; size < lines.size(); ++size) {
        ASSERT_EQ(d.parse({lines.data(), size}), status::need_more);
    }
    ASSERT_EQ(d.parse(lines), status::ready);
}

}  // namespace
