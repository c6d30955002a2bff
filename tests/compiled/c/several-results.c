#include "host.h"

struct division { int32_t quotient, remainder; };
struct division HOST(divide)(int32_t, int32_t);

struct view HOST(title_in_two)(uint32_t volume);

static char arena[64];

__attribute__((export_name("malloc"))) void *malloc(size_t size) {
    return size > sizeof arena ? NULL : arena;
}

EXPORT(several_results) {
    struct division division = divide(-17, 5);
    assert(division.quotient == -3);
    assert(division.remainder == -2);

    struct view title = title_in_two(3);
    assert(title.text == arena && title.length == 8 && equal(title.text, "volume 3", 8));
}
