;; A game of two rounds. The guest prints text with WASI, and the host runs the rounds.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "game" "players" (func $players (result i32)))
  (import "game" "play" (func $play (param i32)))
  (import "scores" "add" (func $add (param i32 i32 i32)))

  (memory (export "memory") 1)
  (data (i32.const 0x10) "The game begins.\n")
  (data (i32.const 0x30) "The game is over.\n")
  ;; Each player's name has 3 letters, and its address is a multiple of 8.
  (data (i32.const 0x50) "Ada\00\00\00\00\00Bob\00\00\00\00\00Eve")

  ;; Writes text to the standard output. WASI takes a list of pointers and lengths; this list has
  ;; one entry.
  (func $say (param $text i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $text))
    (i32.store (i32.const 4) (local.get $length))
    (drop (call $fd_write
      (i32.const 1)     ;; the standard output
      (i32.const 0)     ;; the list
      (i32.const 1)     ;; its length
      (i32.const 8))))  ;; the address for the number of bytes written

  (func (export "_start")
    (call $say (i32.const 0x10) (i32.const 17))
    (call $play (i32.const 2))
    (call $say (i32.const 0x30) (i32.const 18)))

  ;; Runs the turns of all players. The first player gets one point, the second two, and so on.
  (func (export "round")
    (local $player i32)
    (loop $next
      (call $add
        (i32.add (i32.const 0x50) (i32.mul (local.get $player) (i32.const 8)))
        (i32.const 3)
        (i32.add (local.get $player) (i32.const 1)))
      (local.set $player (i32.add (local.get $player) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $player) (call $players))))))
