#include "host.h"

// A minimal allocator. `free` frees an allocation and all later allocations.
static _Alignas(16) char arena[4096];
static size_t used;

__attribute__((export_name("malloc"))) void *malloc(size_t size) {
    size = (size + 15) & ~(size_t)15;
    if (size > sizeof arena - used) return NULL;
    void *block = arena + used;
    used += size;
    return block;
}

static void free(const void *block) {
    used = (size_t)((const char *)block - arena);
}

__attribute__((export_name("cabi_realloc")))
void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size) {
    assert(old == NULL && old_size == 0 && align <= 16);
    return malloc(size);
}

EXPORT(allocated_text) {
    char *name = host_name();
    assert(equal(name, "h\xc3\xb6st", 6));
    free(name);
    assert(used == 0);

    struct view view = title(7);
    assert(view.text == arena && view.length == 8 && equal(view.text, "volume 7", 8));
    struct view second = title(12);
    assert(second.length == 9 && equal(second.text, "volume 12", 9) && equal(view.text, "volume 7", 8));
    free(view.text);
}

#ifndef __wasm64__
EXPORT(allocated_text_in_a_number) {
    uint64_t packed = title_in_a_number(7);
    assert(packed >> 32 == 8);
    const char *text = (const char *)(uintptr_t)packed;
    assert(equal(text, "volume 7", 8));
    free(text);
}
#endif

EXPORT(allocated_text_of_the_canonical_abi) {
    struct view view;
    title_of_component(7, &view);
    assert(view.length == 8 && equal(view.text, "volume 7", 8));
    free(view.text);
}

EXPORT(allocated_numbers) {
    struct numbers numbers = squares(5);
    assert(numbers.count == 5 && (size_t)numbers.first % _Alignof(uint64_t) == 0);
    for (size_t i = 0; i < 5; i++) assert(numbers.first[i] == i * i);
    free(numbers.first);
    assert(squares(0).count == 0);
}

EXPORT(result_codes) {
    uint32_t size = 77;
    assert(find("", 0, &size) == -44 && size == 77);
    assert(find("name", 4, &size) == 0 && size == 4);
    assert(find_size("", 0) == -44);
    assert(find_size("name", 4) == 4);
}

// This array is larger than the arena.
EXPORT(failed_allocation) {
    squares(1000);
}

EXPORT(error_without_a_code) {
    find_size("disk", 4);
}
