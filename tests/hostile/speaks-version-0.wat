(component
  (instance $provider)
  (export "render:plugin/provider@0.9.0" (instance $provider))
  (@custom "render:description" "{}"))
