;; The empty path is the whole object.
(component
  (instance $provider)
  (export "render:plugin/provider@1.0.0" (instance $provider))
  (@custom "render:description" "{\"name\":\"evil\",\"version\":\"1.0.0\",\"about\":\"a\",\"schema\":{\"type\":\"object\"},\"permissions\":{\"patch\":[{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"paths\":[\"\"]}]}}"))
