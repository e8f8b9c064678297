(component
  (instance $provider)
  (export "render:plugin/provider@2.1.0" (instance $provider))
  (@custom "render:description" "{}"))
