#include "host.h"
#include <stdatomic.h>

// Host functions that copy values, or write them through a pointer, also work with a shared memory.
static _Atomic uint32_t turns;

EXPORT(shared_memory) {
    int64_t number = 0;
    assert(parse("42", 2, &number));
    assert(number == 42);
    const int32_t numbers[] = {1, 2, 3};
    assert(sum_copied(numbers, 3) == 6);
    atomic_fetch_add(&turns, 1);
}

// The second instance reads what the first instance has written.
EXPORT(second_instance) {
    assert(atomic_load(&turns) == 1);
}

EXPORT(borrowed_text) {
    print("borrowed", 8);
}
