//! The kinds of objects that the binary has schemas of: Kubernetes' own, and the custom resources of the operators
//! that people run beside LiveKit.

/// One kind in one version of its group.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) api_version: &'static str,
    pub(super) scope: Scope,
    /// The name of its definition.
    pub(super) definition: &'static str,
    /// The first and the last minor version of Kubernetes that serves it.
    pub(super) minors: (u8, u8),
    /// Whether it is Kubernetes' own: then there is nobody else to serve it.
    pub(super) built_in: bool,
}

/// Whether objects of a kind stand in a namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Each of them in one.
    Namespaced,
    /// None of them.
    Cluster,
}

// `MINORS`, the first and the last minor version of Kubernetes, and `KINDS`, every kind, by kind and API version.
include!(concat!(env!("OUT_DIR"), "/kinds.rs"));

impl Kind {
    pub(super) fn holds_in(&self, minor: u8) -> bool {
        (self.minors.0..=self.minors.1).contains(&minor)
    }

    pub(super) fn group(&self) -> &'static str {
        group(self.api_version)
    }
}

/// Every entry of a kind, whatever its group.
pub(super) fn named(kind: &str) -> &'static [Kind] {
    let start = KINDS.partition_point(|entry| entry.name < kind);
    let end = KINDS.partition_point(|entry| entry.name <= kind);
    KINDS.get(start..end).unwrap_or_default()
}

/// Whether a group is Kubernetes' own, so that what is not known of it does not exist. Only `extensions` was
/// emptied as a whole.
pub(super) fn is_built_in(group: &str) -> bool {
    group == "extensions" || KINDS.iter().any(|entry| entry.built_in && entry.group() == group)
}

/// What stands before the `/` of an API version; nothing in the core group.
pub(super) fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_in_order_and_found() {
        assert!(KINDS.is_sorted_by_key(|entry| (entry.name, entry.api_version, entry.minors.0)));
        let versions = |kind| named(kind).iter().map(|entry| entry.api_version).collect::<Vec<_>>();
        assert_eq!(versions("PodDisruptionBudget"), ["policy/v1"]);
        assert_eq!(versions("HorizontalPodAutoscaler"), ["autoscaling/v1", "autoscaling/v2"]);
        assert_eq!(versions("PodDisruptionBudge"), [""; 0]);
    }

    #[test]
    fn only_kubernetes_own_groups_are_built_in() {
        for (group, built_in) in [("", true), ("apps", true), ("extensions", true), ("cert-manager.io", false)] {
            assert_eq!(is_built_in(group), built_in, "{group}");
        }
    }
}
