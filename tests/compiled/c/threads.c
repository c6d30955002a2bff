#include "host.h"
#include <stdatomic.h>

// What the host copies, and writes when it is told where, a memory that threads share serves too.
static _Atomic uint32_t turns;

EXPORT(shared_memory) {
    int64_t number = 0;
    assert(parse("42", 2, &number));
    assert(number == 42);
    const int32_t numbers[] = {1, 2, 3};
    assert(sum_copied(numbers, 3) == 6);
    atomic_fetch_add(&turns, 1);
}

// A second instance finds what the first has left.
EXPORT(second_instance) {
    assert(atomic_load(&turns) == 1);
}

EXPORT(borrowed) {
    print("borrowed", 8);
}
