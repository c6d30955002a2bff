#include "host.h"

__externref_t HOST(counter)(void);
uint32_t HOST(count)(__externref_t);
bool HOST(is_counter)(__externref_t);

EXPORT(references) {
    __externref_t a = counter(), b = counter();
    assert(count(a) == 1);
    assert(count(a) == 2);
    assert(count(b) == 1);
    assert(is_counter(a));
    assert(!is_counter(__builtin_wasm_ref_null_extern()));
}
