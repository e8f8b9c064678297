;; The component imports nothing; a module in it does, and nobody gives it what it asks for.
(component
  (core module $m (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32))))
  (core instance (instantiate $m))
  (instance $provider)
  (export "render:plugin/provider@1.0.0" (instance $provider))
  (@custom "render:description" "{\"name\":\"evil\",\"version\":\"1.0.0\",\"about\":\"a\",\"schema\":{\"type\":\"object\"},\"permissions\":{}}"))
