(component
  (core module $m (func (export "transform") (result i32) (i32.const 0)))
  (core instance $i (instantiate $m))
  (func $transform (result u32) (canon lift (core func $i "transform")))
  (instance $provider (export "transform" (func $transform)))
  (export "render:plugin/provider@1.0.0" (instance $provider))
  (@custom "render:description"
    "{\22name\22: \22evil\22, \22version\22: \220.1.0\22, \22about\22: \22x\22, \22schema\22: {}, \22permissions\22: {}}"))
