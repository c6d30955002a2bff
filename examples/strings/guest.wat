;; Calls the host functions with pointers and lengths, as a C or Rust guest does.
(module
  (import "text" "say" (func $say (param i32 i32)))
  (import "text" "note" (func $note (param i32 i32)))
  (import "text" "greet" (func $greet (param i32 i32 i32 i32) (result i32)))
  (import "numbers" "mean" (func $mean (param i32 i32) (result f32)))
  (import "numbers" "median" (func $median (param i32 i32) (result i32)))
  (import "numbers" "show" (func $show (param f32 i32)))

  (memory (export "memory") 1)
  (data (i32.const 0x10) "The guest says: grüß dich!")   ;; 28 bytes: ü and ß have two bytes each
  (data (i32.const 0x40) "Ada")
  (data (i32.const 0x50) "first note")
  (data (i32.const 0x60) "second note")
  (data (i32.const 0x80) "\00\00\80\3f\00\00\00\40\00\00\c0\40")   ;; 1, 2 and 6 as f32
  (data (i32.const 0x90) "\09\01\05\02\07")
  ;; The host writes to the memory from 0x100 on.

  ;; Makes a greeting for a name in a buffer of the given size, and prints it.
  (func $greet_and_say (param $name i32) (param $name_length i32) (param $room i32)
    (local $length i32)
    (local.set $length
      (call $greet
        (local.get $name) (local.get $name_length)
        (i32.const 0x100) (local.get $room)))
    (if (i32.gt_u (local.get $length) (local.get $room))
      ;; The greeting is longer than the buffer. Call again with a larger buffer.
      (then (call $greet_and_say
        (local.get $name) (local.get $name_length) (local.get $length)))
      (else (call $say (i32.const 0x100) (local.get $length)))))

  (func (export "run")
    (call $say (i32.const 0x10) (i32.const 28))
    (call $greet_and_say (i32.const 0x40) (i32.const 3) (i32.const 4))
    ;; A null pointer means that there is no name.
    (call $greet_and_say (i32.const 0) (i32.const 0) (i32.const 64))
    (call $show
      (call $mean (i32.const 0x80) (i32.const 3))
      (call $median (i32.const 0x90) (i32.const 5)))
    (call $note (i32.const 0x50) (i32.const 10))
    (call $note (i32.const 0x60) (i32.const 11)))

  ;; Passes the last 16 bytes of the memory and 16 bytes after its end.
  (func (export "read_past_the_end")
    (call $say (i32.const 0xfff0) (i32.const 32)))

  ;; Passes the same memory for the input and the output.
  (func (export "greet_in_place")
    (drop (call $greet (i32.const 0x40) (i32.const 3) (i32.const 0x40) (i32.const 32)))))
