;; Which of the two would be asked for?
(component
  (instance $provider)
  (export "render:plugin/provider@1.0.0" (instance $provider))
  (@custom "render:description" "{\"name\":\"evil\",\"name\":\"good\",\"version\":\"1.0.0\",\"about\":\"a\",\"schema\":{\"type\":\"object\"},\"permissions\":{}}"))
