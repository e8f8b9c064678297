//! Rules about finished objects that hold for any Kubernetes cluster: what its API server refuses beyond
//! the shape of each object, and what the objects of one set say of each other.

pub(super) static RULES: &[&super::Rule] = &[];
