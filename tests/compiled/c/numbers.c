#include "host.h"

EXPORT(integers_of_all_widths) {
    integers(INT8_MIN, UINT8_MAX, INT16_MIN, UINT16_MAX, INT32_MIN, UINT32_MAX, INT64_MIN, UINT64_MAX);
    assert(complement_i8(INT8_MAX) == INT8_MIN);
    assert(complement_u8(1) == 0xfe);
    assert(complement_i16(INT16_MAX) == INT16_MIN);
    assert(complement_u16(1) == 0xfffe);
    assert(complement_i32(INT32_MAX) == INT32_MIN);
    assert(complement_u32(1) == 0xfffffffe);
    assert(complement_i64(INT64_MAX) == INT64_MIN);
    assert(complement_u64(1) == 0xfffffffffffffffe);
}

EXPORT(floats) {
    assert(half_f32(3.0f) == 1.5f);
    assert(half_f64(-0.5) == -0.25);
}

EXPORT(booleans) {
    assert(negate(false));
    assert(!negate(true));
}

EXPORT(characters) {
    assert(capital('k') == 'K');
    assert(capital(0xe9) == 0xc9);
}

EXPORT(enums) {
    assert(next_color(RED) == GREEN);
    assert(next_color(BLUE) == RED);
    assert(other_level(LOW) == HIGH);
}

EXPORT(flags) {
    assert(grant(READ) == (READ | WRITE));
}

EXPORT(newtypes) {
    struct celsius outside = {21.5};
    assert(warmer(outside).degrees == 22.5);
}

EXPORT(sizes) {
    assert(round_up(sizeof(char[13])) == 16);
    // The largest multiple of 8.
    assert(round_up(SIZE_MAX - 7) == SIZE_MAX - 7);
}

EXPORT(fails) {
    assert(half_f64(3) == 1);
}
