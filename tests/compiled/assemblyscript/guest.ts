import * as host from "./host";

// This runs while the module is instantiated.
host.print("started");

export function integers_of_all_widths(): void {
  host.integers(i8.MIN_VALUE, u8.MAX_VALUE, i16.MIN_VALUE, u16.MAX_VALUE, i32.MIN_VALUE, u32.MAX_VALUE, i64.MIN_VALUE, u64.MAX_VALUE);
  assert(host.complementI8(i8.MAX_VALUE) == i8.MIN_VALUE, "i8");
  assert(host.complementU8(1) == 0xfe, "u8");
  assert(host.complementI16(i16.MAX_VALUE) == i16.MIN_VALUE, "i16");
  assert(host.complementU16(1) == 0xfffe, "u16");
  assert(host.complementI32(i32.MAX_VALUE) == i32.MIN_VALUE, "i32");
  assert(host.complementU32(1) == 0xfffffffe, "u32");
  assert(host.complementI64(i64.MAX_VALUE) == i64.MIN_VALUE, "i64");
  assert(host.complementU64(1) == 0xfffffffffffffffe, "u64");
}

export function floats(): void {
  assert(host.halfF32(3) == 1.5, "f32");
  assert(host.halfF64(-0.5) == -0.25, "f64");
}

export function booleans(): void {
  assert(host.negate(false), "not false");
  assert(!host.negate(true), "not true");
}

export function enums(): void {
  assert(host.nextColor(host.Color.Red) == host.Color.Green, "after red");
  assert(host.nextColor(host.Color.Blue) == host.Color.Red, "after blue");
}

export function sizes(): void {
  assert(host.roundUp(13) == 16, "13");
  assert(host.roundUp(usize.MAX_VALUE - 7) == usize.MAX_VALUE - 7, "the largest");
}

export function strings(): void {
  const parts = ["hé", "llo"];
  host.print(parts.join(""));
  host.print("");
  // Half of a surrogate pair, which is not a character.
  host.print("😀".charAt(0));
  host.greet("zoë");
  host.greet(null);
}

export function bytes(): void {
  const bytes = new Uint8Array(3);
  bytes[0] = 1;
  bytes[1] = 2;
  bytes[2] = 253;
  assert(host.checksum(bytes.dataStart, bytes.length) == 256, "all");
  assert(host.checksum(bytes.dataStart + 3, 0) == 0, "none");
  const text = String.UTF8.encode("é");
  assert(host.checksum(changetype<usize>(text), text.byteLength) == 0xc3 + 0xa9, "an ArrayBuffer");
}

export function out_buffer(): void {
  const buffer = new Uint8Array(16);
  const length = host.fill(buffer.dataStart, buffer.length);
  assert(length == 12, "the length");
  assert(String.UTF8.decodeUnsafe(buffer.dataStart, length) == "of the host!", "the text");
  assert(buffer[length] == 0, "the byte after the text");
  const two: StaticArray<u8> = [120, 120, 120];
  assert(host.fill(changetype<usize>(two), 2) == 2, "a short buffer");
  assert(two[1] == 102 && two[2] == 120, "the byte after the short text");
  assert(host.fill(0, 0) == 0, "none");
}

export function arrays_of_numbers(): void {
  const numbers: StaticArray<i32> = [i32.MAX_VALUE, i32.MAX_VALUE, -7];
  assert(host.sum(changetype<usize>(numbers), numbers.length) == 2 * <i64>i32.MAX_VALUE - 7, "a static array");
  const halves: f64[] = [0.5, 1.5];
  host.doubleAll(halves.dataStart, halves.length);
  assert(halves[0] == 1 && halves[1] == 3, "an array");
}

export function structs_by_pointer(): void {
  const a = new host.Body();
  a.x = 3;
  a.y = 4;
  a.mass = 1.5;
  a.id = 1;
  const origin = new host.Body();
  origin.id = 2;
  assert(host.distance(a, origin) == 5, "from the origin");
  assert(host.distance(a, a) == 0, "from itself");
  host.step(a, 0.5);
  assert(a.x == 3.5 && a.y == 4 && a.mass == 1.5 && a.id == 1, "after a step");
  heap.free(changetype<usize>(a));
  heap.free(changetype<usize>(origin));
}

export function struct_or_null(): void {
  const a = new host.Body();
  a.mass = 1;
  assert(host.hasMass(a), "a body");
  assert(!host.hasMass(null), "none");
}

class Total {
  sum: i32 = 0;
  calls: i32 = 0;
}

function add(context: usize, number: i32): i32 {
  const total = changetype<Total>(context);
  total.sum += number;
  total.calls++;
  return number < 0 ? total.calls : 0;
}

// A value of a function type is an object. Other languages use its index in the table.
export function function_pointer(): void {
  const numbers: StaticArray<i32> = [20, 30, -8, 1000];
  const total = new Total();
  assert(host.each(changetype<usize>(numbers), numbers.length, add.index, changetype<usize>(total)) == 3, "calls");
  assert(total.sum == 42, "the sum");
}

// The host allocates strings with the runtime that the guest exports.
export function allocated_strings(): void {
  const titles = new Array<string>();
  for (let volume = 0; volume < 1000; volume++) titles.push(host.title(volume));
  assert(titles[7] == "volume 7", "volume 7");
  assert(titles[999] == "volume 999", "volume 999");
}

export function result_codes(): void {
  const name = String.UTF8.encode("name");
  assert(host.findSize(changetype<usize>(name), 0) == -44, "missing");
  assert(host.findSize(changetype<usize>(name), name.byteLength) == 4, "found");
}

export function references(): void {
  const a = host.counter(), b = host.counter();
  assert(host.count(a) == 1, "first");
  assert(host.count(a) == 2, "again");
  assert(host.count(b) == 1, "another");
  assert(host.isCounter(a), "a counter");
  assert(!host.isCounter(null), "null");
}

export function imported_globals(): void {
  assert(host.limit == 42, "the limit");
  assert(host.calls == 7, "the calls so far");
  host.calls += 1;
}

export function vectors(): void {
  const sum = host.addLanes(i32x4(1, 2, 3, -4), i32x4.splat(10));
  assert(i32x4.extract_lane(sum, 0) == 11, "the first");
  assert(i32x4.extract_lane(sum, 3) == 6, "the last");
}

// The standard library of AssemblyScript has imports, too.
export function library(): void {
  trace("tracing", 2, 1.5, -2);
  console.log("logged");
  assert(Date.now() == 1234567890123, "Date.now");
  assert(Math.random() != Math.random(), "Math.random");
}

export function fails(): void {
  assert(host.halfF64(3) == 1, "half of three");
}

export function throws(): void {
  throw new Error("an error of the guest");
}
