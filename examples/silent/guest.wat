;; The start function adds two numbers and drops the sum.
(module
  (func $main
    (drop (i32.add (i32.const 1) (i32.const 2))))
  (start $main))
