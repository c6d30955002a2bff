#include "host.h"

struct division { int32_t quotient, remainder; };
struct division HOST(divide)(int32_t, int32_t);

EXPORT(several_results) {
    struct division division = divide(-17, 5);
    assert(division.quotient == -3);
    assert(division.remainder == -2);
}
