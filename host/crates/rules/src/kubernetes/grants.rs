//! Who may do what: the roles and accounts that bindings name.

use super::reference_list::{Reference, SERVICE_ACCOUNT};
use crate::view::Field;

const GROUP: &str = "rbac.authorization.k8s.io";
const ROLE: (&str, &str) = (GROUP, "Role");
const CLUSTER_ROLE: (&str, &str) = (GROUP, "ClusterRole");

/// Roles that every cluster has, beside those whose name begins with `system:`.
const GIVEN: [&str; 5] = ["admin", "cluster-admin", "edit", "extension-apiserver-authentication-reader", "view"];

/// The role and the accounts that a binding names.
pub(super) fn of_binding<'a>(binding: &Field<'a>) -> Vec<Reference<'a>> {
    let role = binding.get("roleRef").and_then(|role| {
        let kind = if role.text("kind") == Some("ClusterRole") { CLUSTER_ROLE } else { ROLE };
        Reference::by(role.get("name")?, kind)
    });
    let role = role.map(|role| if role.kind == CLUSTER_ROLE { Reference { namespace: None, ..role } } else { role });
    let accounts = binding.list("subjects").into_iter().filter(|one| one.text("kind") == Some("ServiceAccount"));
    let accounts = accounts.filter_map(|one| {
        let namespace = one.text("namespace").or_else(|| one.namespace());
        Some(Reference { namespace, ..Reference::by(one.get("name")?, SERVICE_ACCOUNT)? })
    });
    role.into_iter().chain(accounts).collect()
}

/// Whether every cluster has a role.
pub(super) fn is_given(kind: (&str, &str), name: &str) -> bool {
    matches!(kind, ROLE | CLUSTER_ROLE) && (name.starts_with("system:") || GIVEN.contains(&name))
}
