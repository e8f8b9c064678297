(component
  (component $provider)
  (export "render:plugin/provider@1.0.0" (component $provider))
  (@custom "render:description" "{\"name\":\"evil\",\"version\":\"1.0.0\",\"about\":\"a\",\"schema\":{\"type\":\"object\"},\"permissions\":{}}"))
