//! Rules about finished objects that hold for any Kubernetes cluster: what its API server refuses beyond
//! the shape of each object, and what the objects of one set say of each other.
//!
//! They run on the output of any renderer, so they say nothing where they cannot know. Three decisions
//! keep them quiet: an object without a namespace goes to that of the release, which may be any; pods
//! that an operator makes of an object of its own kind are not seen, so what could select them is left
//! alone; and what a set does not have may be in the cluster, which makes a warning and no error of it.

mod containers;
mod gke;
mod grants;
mod ingresses;
mod issuers;
mod labels;
mod makers;
mod named;
mod names;
mod ports;
mod references;
mod routes;
mod selectors;
mod services;
mod words;
mod workloads;

use super::Rule;

pub(super) static RULES: &[&Rule] = &[
    &names::NAMES,
    &labels::LABELS,
    &ports::NAMES,
    &ports::DISTINCT,
    &selectors::OWN_PODS,
    &services::THERE,
    &references::KEYS,
    &gke::ANNOTATIONS,
    &issuers::THERE,
    &ingresses::SENDS,
    &workloads::GOVERNED,
    &selectors::SELECTS_SOMETHING,
    &references::THERE,
    &containers::PARTS,
    &containers::VARIABLES,
    &routes::ATTACHED,
    &workloads::NODE_PORTS,
    &workloads::SCALES,
    &services::DECLARED,
    &issuers::ONE_WRITER,
];
