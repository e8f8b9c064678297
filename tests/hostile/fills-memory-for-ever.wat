;; One instruction that does a lot.
(func (export "transform") (param i32 i32) (result i32)
  (loop $again (memory.fill (i32.const 0) (i32.const 7) (i32.const 4194304)) (br $again))
  unreachable)
