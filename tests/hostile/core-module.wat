(module (func (export "transform")))
