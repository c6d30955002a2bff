// Declarations of the host functions for guests in AssemblyScript.

// @ts-ignore: decorator
@external("host", "integers")
export declare function integers(a: i8, b: u8, c: i16, d: u16, e: i32, f: u32, g: i64, h: u64): void;
// @ts-ignore: decorator
@external("host", "complement_i8")
export declare function complementI8(x: i8): i8;
// @ts-ignore: decorator
@external("host", "complement_u8")
export declare function complementU8(x: u8): u8;
// @ts-ignore: decorator
@external("host", "complement_i16")
export declare function complementI16(x: i16): i16;
// @ts-ignore: decorator
@external("host", "complement_u16")
export declare function complementU16(x: u16): u16;
// @ts-ignore: decorator
@external("host", "complement_i32")
export declare function complementI32(x: i32): i32;
// @ts-ignore: decorator
@external("host", "complement_u32")
export declare function complementU32(x: u32): u32;
// @ts-ignore: decorator
@external("host", "complement_i64")
export declare function complementI64(x: i64): i64;
// @ts-ignore: decorator
@external("host", "complement_u64")
export declare function complementU64(x: u64): u64;
// @ts-ignore: decorator
@external("host", "half_f32")
export declare function halfF32(x: f32): f32;
// @ts-ignore: decorator
@external("host", "half_f64")
export declare function halfF64(x: f64): f64;
// @ts-ignore: decorator
@external("host", "negate")
export declare function negate(x: bool): bool;
// @ts-ignore: decorator
@external("host", "round_up")
export declare function roundUp(size: usize): usize;

export enum Color { Red, Green = 5, Blue }
// @ts-ignore: decorator
@external("host", "next_color")
export declare function nextColor(color: Color): Color;

// @ts-ignore: decorator
@external("host", "print_string")
export declare function print(text: string): void;
// @ts-ignore: decorator
@external("host", "greet_string")
export declare function greet(name: string | null): void;

// @ts-ignore: decorator
@external("host", "checksum")
export declare function checksum(bytes: usize, length: i32): u32;
// @ts-ignore: decorator
@external("host", "fill")
export declare function fill(buffer: usize, capacity: i32): i32;
// @ts-ignore: decorator
@external("host", "sum")
export declare function sum(numbers: usize, count: i32): i64;
// @ts-ignore: decorator
@external("host", "double_all")
export declare function doubleAll(numbers: usize, count: i32): void;

// An unmanaged class is passed by pointer. Its fields have the same layout as in C.
@unmanaged
export class Body {
  x: f64;
  y: f64;
  mass: f32;
  id: u32;
}
// @ts-ignore: decorator
@external("host", "distance")
export declare function distance(a: Body, b: Body): f64;
// @ts-ignore: decorator
@external("host", "step")
export declare function step(body: Body, x: f64): void;
// @ts-ignore: decorator
@external("host", "has_mass")
export declare function hasMass(body: Body | null): bool;

// @ts-ignore: decorator
@external("host", "each")
export declare function each(numbers: usize, count: i32, f: i32, context: usize): i32;

// @ts-ignore: decorator
@external("host", "title_of_assembly_script")
export declare function title(volume: u32): string;
// @ts-ignore: decorator
@external("host", "find_size")
export declare function findSize(name: usize, length: i32): i32;

// @ts-ignore: decorator
@external("host", "limit")
export declare const limit: i32;
// @ts-ignore: decorator
@external("host", "calls")
export declare let calls: i32;

// @ts-ignore: decorator
@external("host", "counter")
export declare function counter(): externref;
// @ts-ignore: decorator
@external("host", "count")
export declare function count(counter: externref): u32;
// @ts-ignore: decorator
@external("host", "is_counter")
export declare function isCounter(counter: externref): bool;
// @ts-ignore: decorator
@external("host", "add_lanes")
export declare function addLanes(a: v128, b: v128): v128;
