//! Rules about finished objects that hold for any Kubernetes cluster: what its API server refuses beyond
//! the shape of each object, and what the objects of one set say of each other.
//!
//! They run on the output of any renderer, so they say nothing where they cannot know. Three decisions
//! keep them quiet: an object without a namespace goes to that of the release, which may be any; pods
//! that an operator makes of an object of its own kind are not seen, so what could select them is left
//! alone; and what a set does not have may be in the cluster, which makes a warning and no error of it.

pub(crate) mod api_server;
mod containers;
pub(crate) mod declared_ports;
mod grants;
mod ingresses;
mod issuers;
mod labels;
pub(crate) mod object_names;
mod operators;
pub(crate) mod reference_list;
mod references;
mod routes;
mod selectors;
pub(crate) mod syntax;
pub(crate) mod target_ports;
mod workloads;

use super::Rule;
use crate::gke::annotations;

pub(super) static RULES: &[&Rule] = &[
    &object_names::NAMES,
    &labels::LABELS,
    &declared_ports::NAMES,
    &declared_ports::DISTINCT,
    &selectors::OWN_PODS,
    &target_ports::THERE,
    &references::KEYS,
    &annotations::ANNOTATIONS,
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
    &target_ports::DECLARED,
    &issuers::ONE_WRITER,
];
