//! Declarations of the host functions for guests in Zig.

pub extern "host" fn panic(text: [*]const u8, length: usize) void;

pub extern "host" fn integers(i8, u8, i16, u16, i32, u32, i64, u64) void;
pub extern "host" fn complement_i8(i8) i8;
pub extern "host" fn complement_u8(u8) u8;
pub extern "host" fn complement_i16(i16) i16;
pub extern "host" fn complement_u16(u16) u16;
pub extern "host" fn complement_i32(i32) i32;
pub extern "host" fn complement_u32(u32) u32;
pub extern "host" fn complement_i64(i64) i64;
pub extern "host" fn complement_u64(u64) u64;
pub extern "host" fn half_f32(f32) f32;
pub extern "host" fn half_f64(f64) f64;
pub extern "host" fn negate(bool) bool;
pub extern "host" fn capital(u32) u32;
pub extern "host" fn round_up(usize) usize;

pub const Color = enum(c_int) { red, green = 5, blue };
pub extern "host" fn next_color(Color) Color;

pub const Level = enum(u8) { low = 1, high = 200 };
pub extern "host" fn other_level(Level) Level;

pub const Rights = packed struct(u32) { read: bool = false, execute: bool = false, write: bool = false, rest: u29 = 0 };
pub extern "host" fn grant(Rights) Rights;

pub extern "host" fn print_c([*:0]const u8) void;
pub extern "host" fn greet_c(?[*:0]const u8) void;
pub extern "host" fn print([*]const u8, usize) void;
pub extern "host" fn greet(?[*]const u8, usize) void;
pub extern "host" fn checksum([*]const u8, usize) u32;
pub extern "host" fn fill([*]u8, usize) usize;
pub extern "host" fn sum([*]const i32, usize) i64;
pub extern "host" fn double_all([*]f64, usize) void;

pub const Body = extern struct { x: f64 = 0, y: f64 = 0, mass: f32 = 0, id: u32 };
pub extern "host" fn distance(*const Body, *const Body) f64;
pub extern "host" fn step(*Body, x: f64) void;
pub extern "host" fn body_of(id: u32) Body;
pub extern "host" fn heaviest([*]const Body, usize) usize;
pub extern "host" fn step_all([*]Body, usize, x: f64) void;
pub extern "host" fn has_mass(?*const Body) bool;

pub const Event = extern struct { kind: u8, code: u32, time: u64 };
pub extern "host" fn emit(*const Event) void;

pub const View = extern struct {
    text: [*]const u8,
    length: usize,

    pub fn of(text: []const u8) View {
        return .{ .text = text.ptr, .length = text.len };
    }
};
pub extern "host" fn print_view(*const View) void;
pub extern "host" fn gather([*]const View, usize) usize;

pub const Packed = packed struct(u64) { pointer: u32, length: u32 };
pub extern "host" fn print_low(Packed) void;
pub const PackedHigh = packed struct(u64) { length: u32, pointer: u32 };
pub extern "host" fn print_high(PackedHigh) void;
pub extern "host" fn trim([*]const u8, usize) Packed;

pub extern "host" fn parse([*]const u8, usize, number: *i64) bool;
pub const Visit = fn (context: *anyopaque, number: i32) callconv(.c) i32;
pub extern "host" fn each([*]const i32, usize, *const Visit, context: *anyopaque) i32;
pub extern "host" fn around([*]const u8, usize, calls: *u32, *const fn () callconv(.c) void) void;

pub extern "host" fn host_name() [*:0]u8;
pub extern "host" fn title(u32) View;
pub extern "host" fn find([*]const u8, usize, *u32) i32;

pub const File = enum(u32) { none, _ };
pub extern "host" fn open_file([*]const u8, usize) File;
pub extern "host" fn read_byte(File) i32;
pub extern "host" fn close_file(File) void;
