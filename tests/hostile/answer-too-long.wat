;; 17 MiB of zeros.
(func (export "transform") (param i32 i32) (result i32)
  (drop (memory.grow (i32.const 272)))
  (i32.store (i32.const 0) (i32.const 65536))
  (i32.store (i32.const 4) (i32.const 17825792))
  (i32.const 0))
