(component
  (instance $provider)
  (export "acme:tool/run@1.0.0" (instance $provider))
  (@custom "render:description" "{}"))
