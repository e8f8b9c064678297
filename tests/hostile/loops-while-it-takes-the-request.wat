(component
  (core module $m
    (memory (export "memory") 4)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (loop $again (br $again)) unreachable)
    (func (export "post") (param i32) )
    (data (i32.const 16) "\10\00\00\00\00\00\00\00")
    (func (export "transform") (param i32 i32) (result i32) (i32.const 16)))
  (core instance $i (instantiate $m))
  (func $transform (param "request" string) (result string)
    (canon lift (core func $i "transform") (memory $i "memory") (realloc (func $i "realloc")) (post-return (func $i "post"))))
  (instance $provider (export "transform" (func $transform)))
  (export "render:plugin/provider@1.0.0" (instance $provider))
  (@custom "render:description" "{\"name\":\"evil\",\"version\":\"1.0.0\",\"about\":\"a\",\"schema\":{\"type\":\"object\"},\"permissions\":{}}"))
