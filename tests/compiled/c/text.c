#include "host.h"

EXPORT(text_with_nul) {
    char name[6] = {'z', 'o', (char)0xc3, (char)0xab, 0, '!'};
    print_c("hello");
    print_c("");
    print_c(name);
    greet_c(name);
    greet_c(NULL);
}

EXPORT(text_with_length) {
    const char text[] = "héllo";
    print(text, sizeof text - 1);
    print(text, 1);
    print(text, 0);
    greet(text + 3, 3);
    greet(NULL, 0);
}

EXPORT(bytes) {
    const uint8_t bytes[] = {1, 2, 253};
    assert(checksum(bytes, sizeof bytes) == 256);
    // C allows a pointer to the byte after the end of an object.
    assert(checksum(bytes + 3, 0) == 0);
}

EXPORT(out_buffer) {
    char buffer[16] = {0};
    size_t length = fill(buffer, sizeof buffer);
    assert(length == 12);
    assert(equal(buffer, "of the host!", length));
    assert(buffer[length] == 0);
    // A buffer that is too short, and an empty buffer.
    char two[3] = {'x', 'x', 'x'};
    assert(fill(two, 2) == 2);
    assert(equal(two, "ofx", 3));
    assert(fill(NULL, 0) == 0);
}

EXPORT(out_buffer_whose_length_is_queried) {
    char buffer[20] = {0};
    size_t length = describe(NULL, 0);
    assert(length == 16);
    assert(describe(buffer, length - 1) == length && buffer[0] == 0);
    assert(describe(buffer, length) == length);
    assert(equal(buffer, "as long as it is", length + 1));
}

EXPORT(text_in_utf16) {
    const uint16_t *text = u"zoë 😀";
    print_wide(text, 6);
    print_wide(text, 0);
}

EXPORT(arrays_of_numbers) {
    const int32_t numbers[] = {INT32_MAX, INT32_MAX, -7};
    assert(sum(numbers, 3) == 2 * (int64_t)INT32_MAX - 7);
    double halves[] = {0.5, 1.5};
    double_all(halves, 2);
    assert(halves[0] == 1.0);
    assert(halves[1] == 3.0);
}
