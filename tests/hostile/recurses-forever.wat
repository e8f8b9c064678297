(func $down (export "transform") (param i32 i32) (result i32)
  (i32.add (i32.const 1) (call $down (local.get 0) (local.get 1))))
