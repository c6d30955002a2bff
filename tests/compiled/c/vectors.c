#include "host.h"
#include <wasm_simd128.h>

v128_t HOST(add_lanes)(v128_t, v128_t);

EXPORT(vectors) {
    v128_t sum = add_lanes(wasm_i32x4_make(1, 2, 3, -4), wasm_i32x4_splat(10));
    assert(wasm_i32x4_extract_lane(sum, 0) == 11);
    assert(wasm_i32x4_extract_lane(sum, 3) == 6);
}
