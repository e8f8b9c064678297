(func $start (loop $again (br $again)))
(start $start)
(func (export "transform") (param i32 i32) (result i32)
  unreachable)
