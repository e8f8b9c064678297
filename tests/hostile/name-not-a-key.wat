(component
  (instance $provider)
  (export "render:plugin/provider@1.0.0" (instance $provider))
  (@custom "render:description"
    "{\22name\22: \22../evil\22, \22version\22: \220.1.0\22, \22about\22: \22x\22, \22schema\22: {}, \22permissions\22: {}}"))
