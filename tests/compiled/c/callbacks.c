#include "host.h"

struct total { int32_t sum, calls; };

static int32_t add(void *context, int32_t number) {
    struct total *total = context;
    total->sum += number;
    total->calls++;
    return number < 0 ? total->calls : 0;
}

EXPORT(function_pointer) {
    const int32_t numbers[] = {20, 30, -8, 1000};
    struct total total = {0};
    assert(each(numbers, 4, add, &total) == 3);
    assert(total.sum == 42);
}

static const char *moved;

static void grow(void) {
    // The memory may move when it grows by 1000 pages.
    size_t page = __builtin_wasm_memory_grow(0, 1000);
    assert(page != (size_t)-1);
    char *fresh = (char *)(page << 16);
    fresh[0] = 'f';
    moved = fresh;
    print(fresh, 1);
    print("from within", 11);
}

EXPORT(callback_that_grows_the_memory) {
    uint32_t calls = 41;
    around("around", 6, &calls, grow);
    assert(calls == 42);
    assert(moved[0] == 'f');
}
