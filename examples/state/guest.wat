;; A customer who works for coins and buys apples with them.
(module
  (import "purse" "earn" (func $earn (param i32)))
  (import "purse" "coins" (func $coins (result i32)))
  (import "market" "buy" (func $buy (param i32) (result i32)))

  ;; Earns three coins a day.
  (func (export "work") (param $days i32)
    (call $earn (i32.mul (local.get $days) (i32.const 3))))

  ;; Buys apples, and returns how many coins are left.
  (func (export "shop") (param $apples i32) (result i32)
    (drop (call $buy (local.get $apples)))
    (call $coins)))
