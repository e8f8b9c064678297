(memory $second 2000)
(func (export "transform") (param i32 i32) (result i32) unreachable)
