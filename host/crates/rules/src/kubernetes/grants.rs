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

#[cfg(test)]
mod tests {
    use crate::testing::in_objects;

    #[test]
    fn a_binding_names_roles_and_accounts_that_are_there() {
        let objects = |role: &str, subject: &str| {
            format!(
                "{{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {{name: a, namespace: ns}}, \
                 roleRef: {{{role}}}, subjects: [{{{subject}}}]}}\n\
                 ---\n{{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {{name: own, namespace: ns}}}}\n\
                 ---\n{{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {{name: all}}}}\n\
                 ---\n{{apiVersion: v1, kind: ServiceAccount, metadata: {{name: own, namespace: ns}}}}"
            )
        };
        let (role, account) = ("kind: Role, name: own", "kind: ServiceAccount, name: own, namespace: ns");
        in_objects(
            "LK052",
            &[
                (&objects(role, account), &[]),
                (&objects("kind: ClusterRole, name: all", account), &[]),
                (&objects("kind: Role, name: all", account), &["Role `all` is not in the set"]),
                (&objects("kind: ClusterRole, name: own", account), &["ClusterRole `own` is not in the set"]),
                (
                    &objects(role, "kind: ServiceAccount, name: other, namespace: ns"),
                    &["ServiceAccount `other` is not"],
                ),
                (&objects(role, "kind: ServiceAccount, name: default, namespace: ns"), &[]),
                (&objects(role, "kind: Group, name: other"), &[]),
                // The accounts of a namespace of which the set has none are others' affair.
                (&objects(role, "kind: ServiceAccount, name: other, namespace: m"), &[]),
            ],
        );
    }

    #[test]
    fn every_cluster_has_roles_of_its_own() {
        let binding = |kind: &str, name: &str| {
            format!(
                "{{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {{name: a}}, \
                 roleRef: {{kind: {kind}, name: '{name}'}}}}"
            )
        };
        for name in ["view", "edit", "admin", "cluster-admin", "system:auth-delegator"] {
            in_objects("LK052", &[(&binding("ClusterRole", name), &[])]);
        }
        in_objects("LK052", &[(&binding("ClusterRole", "views"), &["ClusterRole `views` is not in the set"])]);
    }
}
