(table $functions 0 funcref)
(func (export "transform") (param i32 i32) (result i32)
  (loop $again
    (drop (table.grow $functions (ref.null func) (i32.const 100000)))
    (br $again))
  unreachable)
