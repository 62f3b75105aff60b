/* Counts a program's heap allocations when preloaded (LD_PRELOAD); the program asks for the number by dlsym.
   Reallocations count as allocations. glibc's own entry points are called directly: looking the real functions up with
   dlsym would itself allocate. */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>

extern void* __libc_malloc(size_t);
extern void* __libc_calloc(size_t, size_t);
extern void* __libc_realloc(void*, size_t);
extern void* __libc_memalign(size_t, size_t);

static uint64_t allocations;

static void count(void) {
    __atomic_fetch_add(&allocations, 1, __ATOMIC_RELAXED);
}

uint64_t valkeyxx_bench_allocations(void) {
    return __atomic_load_n(&allocations, __ATOMIC_RELAXED);
}

void* malloc(size_t size) {
    count();
    return __libc_malloc(size);
}

void* calloc(size_t items, size_t size) {
    count();
    return __libc_calloc(items, size);
}

void* realloc(void* block, size_t size) {
    count();
    return __libc_realloc(block, size);
}

void* memalign(size_t alignment, size_t size) {
    count();
    return __libc_memalign(alignment, size);
}

void* aligned_alloc(size_t alignment, size_t size) {
    count();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void** block, size_t alignment, size_t size) {
    count();
    void* const got = __libc_memalign(alignment, size);
    if (!got) return ENOMEM;
    *block = got;
    return 0;
}
