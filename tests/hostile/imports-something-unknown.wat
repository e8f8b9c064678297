(component (import "acme:cloud/metadata@1.0.0" (instance (export "token" (func (result string))))))
