;; The start function adds two numbers and prints the sum.
(module
  (import "ffi" "print" (func $print (param i32)))
  (func $main
    (call $print (i32.add (i32.const 1) (i32.const 2))))
  (start $main))
