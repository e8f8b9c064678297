;; As Rust: what cannot be allocated aborts the program, which is a trap like any other.
(func (export "transform") (param i32 i32) (result i32)
  (if (i32.eq (memory.grow (i32.const 30000)) (i32.const -1)) (then unreachable))
  unreachable)
