// Declarations of the host functions for guests in C.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define HOST(name) IMPORT("host", #name) name
#define EXPORT(name) __attribute__((export_name(#name))) void name(void)

// In a C library, `assert` calls this function. Here, it is a host function.
IMPORT("env", "__assert_fail")
_Noreturn void __assert_fail(const char *condition, const char *file, unsigned line, const char *function);

#define assert(condition) \
    ((condition) ? (void)0 : __assert_fail(#condition, __FILE__, __LINE__, __func__))

// Numbers.
void HOST(integers)(int8_t, uint8_t, int16_t, uint16_t, int32_t, uint32_t, int64_t, uint64_t);
int8_t HOST(complement_i8)(int8_t);
uint8_t HOST(complement_u8)(uint8_t);
int16_t HOST(complement_i16)(int16_t);
uint16_t HOST(complement_u16)(uint16_t);
int32_t HOST(complement_i32)(int32_t);
uint32_t HOST(complement_u32)(uint32_t);
int64_t HOST(complement_i64)(int64_t);
uint64_t HOST(complement_u64)(uint64_t);
float HOST(half_f32)(float);
double HOST(half_f64)(double);
bool HOST(negate)(bool);
uint32_t HOST(capital)(uint32_t character);
size_t HOST(round_up)(size_t);

enum color { RED, GREEN = 5, BLUE };
enum color HOST(next_color)(enum color);

enum level : uint8_t { LOW = 1, HIGH = 200 };
enum level HOST(other_level)(enum level);

#define READ 1u
#define WRITE 4u
uint32_t HOST(grant)(uint32_t flags);

// A struct of one member is passed as that member.
struct celsius { double degrees; };
struct celsius HOST(warmer)(struct celsius);

// Text and bytes.
void HOST(print_c)(const char *text);
void HOST(greet_c)(const char *name_or_null);
void HOST(print)(const char *text, size_t length);
void HOST(greet)(const char *name_or_null, size_t length);
uint32_t HOST(checksum)(const void *bytes, size_t length);
size_t HOST(fill)(char *buffer, size_t capacity);
size_t HOST(describe)(char *buffer, size_t capacity);
void HOST(print_wide)(const uint16_t *text, size_t length);
int64_t HOST(sum)(const int32_t *numbers, size_t count);
int64_t HOST(sum_copied)(const int32_t *numbers, size_t count);
void HOST(double_all)(double *numbers, size_t count);

// Structs.
struct body { double x, y; float mass; uint32_t id; };
double HOST(distance)(const struct body *, const struct body *);
void HOST(step)(struct body *, double x);
struct body HOST(body_of)(uint32_t id);
size_t HOST(heaviest)(const struct body *, size_t count);
void HOST(step_all)(struct body *, size_t count, double x);
bool HOST(has_mass)(const struct body *or_null);

struct event { uint8_t kind; uint32_t code; uint64_t time; };
void HOST(emit)(const struct event *);

// A pointer and a length that are not two parameters.
struct view { const char *text; size_t length; };
void HOST(print_view)(struct view);
size_t HOST(gather)(const struct view *, size_t count);
void HOST(print_low)(uint64_t);
void HOST(print_high)(uint64_t);
uint64_t HOST(trim)(const char *text, size_t length);

// Functions that write to guest memory while they run, and functions that call callbacks.
bool HOST(parse)(const char *text, size_t length, int64_t *number);
int32_t HOST(each)(const int32_t *numbers, size_t count, int32_t (*f)(void *, int32_t), void *context);
void HOST(around)(const char *text, size_t length, uint32_t *calls, void (*f)(void));

// Results in memory that the guest allocates.
char *HOST(host_name)(void);
struct view HOST(title)(uint32_t volume);
uint64_t HOST(title_in_a_number)(uint32_t volume);
void HOST(title_of_component)(uint32_t volume, struct view *title);
struct numbers { uint64_t *first; size_t count; };
struct numbers HOST(squares)(uint32_t count);

// Returns 0, or a code below 0.
int32_t HOST(find)(const char *name, size_t length, uint32_t *size);
// Returns the size, or a code below 0.
int32_t HOST(find_size)(const char *name, size_t length);

// Files of the host.
uint32_t HOST(open_file)(const char *name, size_t length);
int32_t HOST(read_byte)(uint32_t file);
void HOST(close_file)(uint32_t file);

static inline bool equal(const char *a, const char *b, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (a[i] != b[i]) return false;
    return true;
}
