#include "host.h"

EXPORT(out_pointer) {
    int64_t number = 1;
    assert(parse("-9223372036854775808", 20, &number));
    assert(number == INT64_MIN);
    assert(!parse("many", 4, &number));
    assert(number == INT64_MIN);
}

EXPORT(handles) {
    uint32_t a = open_file("a.txt", 5), b = open_file("b.txt", 5);
    assert(a && b && a != b);
    assert(read_byte(a) == 'a');
    assert(read_byte(a) == '.');
    assert(read_byte(b) == 'b');
    close_file(a);
    assert(read_byte(b) == '.');
}

EXPORT(stale_handle) {
    uint32_t file = open_file("a", 1);
    close_file(file);
    read_byte(file);
}
