;; One of the component, one of a module in it.
(component
  (core module (@custom "render:description" "{}"))
  (instance $provider)
  (export "render:plugin/provider@1.0.0" (instance $provider))
  (@custom "render:description" "{}"))
