#include "host.h"

// C passes a struct by value as a pointer to a copy of it.
EXPORT(slice_in_memory) {
    struct view view = {"in memory", 9};
    print_view(view);
}

EXPORT(list_of_slices) {
    const struct view lines[] = {{"one", 3}, {"", 0}, {"three", 5}};
    assert(gather(lines, 3) == 8);
    assert(gather(NULL, 0) == 0);
}

#ifndef __wasm64__
struct iovec { void *base; size_t length; };
IMPORT("wasi_snapshot_preview1", "fd_write")
uint16_t fd_write(int fd, const struct iovec *, size_t count, size_t *written);
IMPORT("wasi_snapshot_preview1", "fd_read")
uint16_t fd_read(int fd, const struct iovec *, size_t count, size_t *read);

EXPORT(wasi) {
    const struct iovec out[] = {{"hello, ", 7}, {"world\n", 6}};
    size_t count = 0;
    assert(fd_write(1, out, 2, &count) == 0);
    assert(count == 13);
    char first[2], second[4] = {0};
    const struct iovec in[] = {{first, sizeof first}, {second, sizeof second}};
    assert(fd_read(0, in, 2, &count) == 0);
    assert(count == 5);
    assert(equal(first, "in", 2));
    assert(equal(second, "put", 4));
    assert(fd_write(9, out, 2, &count) == 8);
}

static uint64_t packed(const char *low, uint32_t high) {
    return (uint64_t)high << 32 | (uintptr_t)low;
}

EXPORT(slice_in_a_number) {
    const char *text = "packed";
    print_low(packed(text, 6));
    print_high((uint64_t)(uintptr_t)text << 32 | 6);
    const char *spaces = "  in between ";
    assert(trim(spaces, 13) == packed(spaces + 2, 10));
}
#endif
