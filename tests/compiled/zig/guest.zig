//! A guest in Zig. If a check fails, the guest panics, and its panic handler passes the message to
//! the host.

const std = @import("std");
const host = @import("host.zig");

pub const panic = std.debug.FullPanic(struct {
    fn panic(text: []const u8, _: ?usize) noreturn {
        host.panic(text.ptr, text.len);
        @trap();
    }
}.panic);

fn expect(condition: bool, comptime message: []const u8) void {
    if (!condition) @panic(message);
}

fn expectText(found: []const u8, comptime wanted: []const u8) void {
    expect(std.mem.eql(u8, found, wanted), "the text is not " ++ wanted);
}

export fn integers_of_all_widths() void {
    host.integers(std.math.minInt(i8), std.math.maxInt(u8), std.math.minInt(i16), std.math.maxInt(u16), std.math.minInt(i32), std.math.maxInt(u32), std.math.minInt(i64), std.math.maxInt(u64));
    expect(host.complement_i8(std.math.maxInt(i8)) == std.math.minInt(i8), "i8");
    expect(host.complement_u8(1) == 0xfe, "u8");
    expect(host.complement_i16(std.math.maxInt(i16)) == std.math.minInt(i16), "i16");
    expect(host.complement_u16(1) == 0xfffe, "u16");
    expect(host.complement_i32(std.math.maxInt(i32)) == std.math.minInt(i32), "i32");
    expect(host.complement_u32(1) == 0xfffffffe, "u32");
    expect(host.complement_i64(std.math.maxInt(i64)) == std.math.minInt(i64), "i64");
    expect(host.complement_u64(1) == 0xfffffffffffffffe, "u64");
}

export fn floats() void {
    expect(host.half_f32(3) == 1.5, "f32");
    expect(host.half_f64(-0.5) == -0.25, "f64");
}

export fn booleans() void {
    expect(host.negate(false), "not false");
    expect(!host.negate(true), "not true");
}

export fn characters() void {
    expect(host.capital('k') == 'K', "k");
    expect(host.capital('é') == 'É', "é");
}

export fn enums() void {
    expect(host.next_color(.red) == .green, "after red");
    expect(host.next_color(.blue) == .red, "after blue");
    expect(host.other_level(.low) == .high, "the other level");
}

export fn flags() void {
    const granted = host.grant(.{ .read = true });
    expect(granted.read and granted.write and !granted.execute and granted.rest == 0, "the rights");
}

export fn sizes() void {
    expect(host.round_up(13) == 16, "13");
    const largest = std.math.maxInt(usize) - 7;
    expect(host.round_up(largest) == largest, "the largest");
}

export fn text_with_nul() void {
    host.print_c("hello");
    host.print_c("");
    host.print_c("zoë");
    host.greet_c("zoë");
    host.greet_c(null);
}

export fn text_with_length() void {
    const text: []const u8 = "héllo";
    host.print(text.ptr, text.len);
    host.print(text.ptr, 1);
    const none: []const u8 = &.{};
    host.print(none.ptr, none.len);
    host.greet(text[3..].ptr, 3);
    host.greet(null, 0);
}

export fn bytes() void {
    const all: []const u8 = &.{ 1, 2, 253 };
    expect(host.checksum(all.ptr, all.len) == 256, "all");
    // An empty slice may have any address.
    const none: []const u8 = &.{};
    expect(host.checksum(none.ptr, none.len) == 0, "none");
}

export fn out_buffer() void {
    var buffer: [16]u8 = @splat(0);
    const length = host.fill(&buffer, buffer.len);
    expectText(buffer[0..length], "of the host!");
    expect(buffer[length] == 0, "the byte after the text");
    var two: [3]u8 = @splat('x');
    expect(host.fill(&two, 2) == 2, "a short buffer");
    expectText(&two, "ofx");
    const none: []u8 = &.{};
    expect(host.fill(none.ptr, none.len) == 0, "none");
}

export fn arrays_of_numbers() void {
    const numbers = [_]i32{ std.math.maxInt(i32), std.math.maxInt(i32), -7 };
    expect(host.sum(&numbers, numbers.len) == 2 * @as(i64, std.math.maxInt(i32)) - 7, "the sum");
    var halves = [_]f64{ 0.5, 1.5 };
    host.double_all(&halves, halves.len);
    expect(halves[0] == 1 and halves[1] == 3, "the doubles");
}

export fn structs_by_pointer() void {
    var a: host.Body = .{ .x = 3, .y = 4, .mass = 1.5, .id = 1 };
    const origin: host.Body = .{ .id = 2 };
    expect(host.distance(&a, &origin) == 5, "from the origin");
    expect(host.distance(&a, &a) == 0, "from itself");
    host.step(&a, 0.5);
    expect(std.meta.eql(a, .{ .x = 3.5, .y = 4, .mass = 1.5, .id = 1 }), "after a step");
}

export fn struct_as_result() void {
    const b = host.body_of(7);
    expect(b.id == 7 and b.x == 14 and b.mass == 1, "the body");
}

export fn arrays_of_structs() void {
    var all = [_]host.Body{ .{ .mass = 1, .id = 1 }, .{ .mass = 9, .id = 2 }, .{ .mass = 2, .id = 3 } };
    expect(host.heaviest(&all, all.len) == 1, "the heaviest");
    host.step_all(&all, all.len, 2);
    for (all, 1..) |body, id| expect(body.x == 2 and body.id == id, "after a step");
}

export fn struct_or_null() void {
    expect(host.has_mass(&.{ .mass = 1, .id = 0 }), "a body");
    expect(!host.has_mass(null), "none");
}

export fn struct_with_padding() void {
    host.emit(&.{ .kind = 3, .code = 70000, .time = std.math.maxInt(u64) });
}

export fn slice_in_memory() void {
    host.print_view(&.of("in memory"));
}

export fn list_of_slices() void {
    const lines = [_]host.View{ .of("one"), .of(""), .of("three") };
    expect(host.gather(&lines, lines.len) == 8, "the length of all texts");
    expect(host.gather(&lines, 0) == 0, "no texts");
}

export fn slice_in_a_number() void {
    const text: []const u8 = "packed";
    host.print_low(.{ .pointer = @intFromPtr(text.ptr), .length = text.len });
    host.print_high(.{ .pointer = @intFromPtr(text.ptr), .length = text.len });
    const spaces: []const u8 = "  in between ";
    const trimmed = host.trim(spaces.ptr, spaces.len);
    expect(trimmed.pointer == @intFromPtr(spaces.ptr) + 2, "the pointer");
    expect(trimmed.length == 10, "the length");
}

export fn out_pointer() void {
    var number: i64 = 1;
    expect(host.parse("-9223372036854775808", 20, &number), "a number");
    expect(number == std.math.minInt(i64), "the smallest number");
    expect(!host.parse("many", 4, &number), "not a number");
    expect(host.parse("5", 1, &number), "another number");
    expect(number == 5, "five");
}

const Total = struct {
    sum: i32 = 0,
    calls: i32 = 0,

    fn add(context: *anyopaque, number: i32) callconv(.c) i32 {
        const total: *Total = @ptrCast(@alignCast(context));
        total.sum += number;
        total.calls += 1;
        return if (number < 0) total.calls else 0;
    }
};

export fn function_pointer() void {
    const numbers = [_]i32{ 20, 30, -8, 1000 };
    var total: Total = .{};
    expect(host.each(&numbers, numbers.len, &Total.add, &total) == 3, "calls");
    expect(total.sum == 42, "the sum");
}

var moved: []u8 = &.{};

fn grow() callconv(.c) void {
    // The memory may move when it grows by 1000 pages.
    moved = std.heap.page_allocator.alloc(u8, 1000 * 65536) catch @panic("no memory");
    moved[0] = 'f';
    host.print(moved.ptr, 1);
    const text: []const u8 = "from within";
    host.print(text.ptr, text.len);
}

export fn callback_that_grows_the_memory() void {
    var calls: u32 = 41;
    host.around("around", 6, &calls, grow);
    expect(calls == 42, "calls");
    expect(moved[0] == 'f', "the byte that the callback wrote");
    std.heap.page_allocator.free(moved);
}

export fn malloc(size: usize) ?[*]u8 {
    const block = std.heap.wasm_allocator.alignedAlloc(u8, .@"16", size) catch return null;
    return block.ptr;
}

export fn allocated_text() void {
    expectText(std.mem.span(host.host_name()), "höst");
    const first = host.title(7);
    const second = host.title(12);
    expectText(first.text[0..first.length], "volume 7");
    expectText(second.text[0..second.length], "volume 12");
}

export fn result_codes() void {
    var size: u32 = 77;
    expect(host.find("", 0, &size) == -44 and size == 77, "missing");
    expect(host.find("name", 4, &size) == 0 and size == 4, "found");
}

export fn handles() void {
    const a = host.open_file("a.txt", 5);
    const b = host.open_file("b.txt", 5);
    expect(a != .none and b != .none and a != b, "handles");
    expect(host.read_byte(a) == 'a', "a");
    expect(host.read_byte(a) == '.', "its dot");
    expect(host.read_byte(b) == 'b', "b");
    host.close_file(a);
    expect(host.read_byte(b) == '.', "the other dot");
}

export fn stale_handle() void {
    const file = host.open_file("a", 1);
    host.close_file(file);
    _ = host.read_byte(file);
}

export fn fails() void {
    expect(host.half_f64(3) == 1, "half of three");
}
