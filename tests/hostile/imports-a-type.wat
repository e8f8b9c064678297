;; Even what can do nothing.
(component (import "t" (type (sub resource))))
