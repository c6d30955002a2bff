;; Prints the number of days in February for each year from 1999 to 2004.
(module
  (import "calendar" "days_in" (func $days_in (param i32 i32) (result i32)))
  (import "ffi" "print" (func $print (param i32 i32)))

  (func (export "_start")
    (local $year i32)
    (local.set $year (i32.const 1999))
    (loop $again
      (call $print
        (local.get $year)
        (call $days_in (local.get $year) (i32.const 2)))
      (local.set $year (i32.add (local.get $year) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $year) (i32.const 2005))))))
