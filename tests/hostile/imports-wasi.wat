(component
  (import "wasi:cli/environment@0.2.6" (instance))
  (import "wasi:random/random@0.2.6" (instance))
  (@custom "render:description" "{}"))
