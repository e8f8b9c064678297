;; Its defaults would be the host's.
(component
  (instance $provider)
  (export "render:plugin/provider@1.0.0" (instance $provider))
  (@custom "render:description" "{\"name\":\"livekit\",\"version\":\"1.0.0\",\"about\":\"a\",\"schema\":{\"type\":\"object\"},\"permissions\":{}}"))
