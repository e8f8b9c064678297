(component
  (instance $provider)
  (export "render:plugin/provider@1.0.0" (instance $provider))
  (@custom "render:description" "{\"name\":\"\ff\fe\"}"))
