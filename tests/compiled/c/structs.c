#include "host.h"

EXPORT(structs_by_pointer) {
    struct body a = {.x = 3, .y = 4, .mass = 1.5f, .id = 1};
    const struct body origin = {.id = 2};
    assert(distance(&a, &origin) == 5);
    assert(distance(&a, &a) == 0);
    step(&a, 0.5);
    assert(a.x == 3.5 && a.y == 4 && a.mass == 1.5f && a.id == 1);
}

// The caller passes a pointer before the other parameters, and the result is written to it.
EXPORT(struct_as_result) {
    struct body b = body_of(7);
    assert(b.id == 7 && b.x == 14 && b.mass == 1);
}

EXPORT(arrays_of_structs) {
    struct body all[3] = {{.mass = 1, .id = 1}, {.mass = 9, .id = 2}, {.mass = 2, .id = 3}};
    assert(heaviest(all, 3) == 1);
    step_all(all, 3, 2);
    for (size_t i = 0; i < 3; i++) assert(all[i].x == 2 && all[i].id == i + 1);
}

EXPORT(struct_or_null) {
    const struct body a = {.mass = 1};
    assert(has_mass(&a));
    assert(!has_mass(NULL));
}

EXPORT(struct_with_padding) {
    struct event event;
    // The padding may have any value.
    for (size_t i = 0; i < sizeof event; i++) ((volatile char *)&event)[i] = 0x55;
    event.kind = 3;
    event.code = 70000;
    event.time = UINT64_MAX;
    emit(&event);
}
