//! The section `mijnbureau` of the values. Its JSON Schema, in description.json, is generated from these types; the code
//! reads the values themselves. The defaults stand in description.json too: no type holds one.

#![expect(dead_code, reason = "only the schema of the types is used")]

use schemars::JsonSchema;

/// What the values say about MijnBureau.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct MijnBureau {
    /// How the cluster's ingress controller is spoken to.
    ingress: Ingress,
    /// The size of LiveKit's container, unless `livekit.resources` says it.
    resources_preset: ResourcesPreset,
}

/// How the cluster's ingress controller is spoken to.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Ingress {
    /// Which controller serves `ingress.className`.
    #[schemars(rename = "type")]
    kind: IngressType,
    /// Whether browsers are told to come back with HTTPS only.
    hsts: Hsts,
}

/// An ingress controller.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
pub(crate) enum IngressType {
    /// ingress-nginx.
    Nginx,
    /// The router of `OpenShift`, which also chooses the users of pods.
    HaproxyOpenshift,
    /// Traefik.
    Traefik,
}

/// Whether browsers are told to come back with HTTPS only (`Strict-Transport-Security`).
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Hsts {
    /// Whether they are.
    enabled: bool,
    /// For how long they keep to it, in seconds.
    #[schemars(range(min = 1, max = 63_072_000_u32))]
    max_age_seconds: u32,
    /// Whether for every name below the host, too.
    include_sub_domains: bool,
    /// Whether browsers may ship the host in their list of such sites, which is hard to take back.
    preload: bool,
}

/// A size of containers.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub(crate) enum ResourcesPreset {
    /// No requests and no limits.
    None,
    /// 100m CPU and 128Mi.
    Nano,
    /// 250m CPU and 256Mi.
    Micro,
    /// 500m CPU and 512Mi.
    Small,
    /// 500m CPU and 1024Mi.
    Medium,
    /// 1 CPU and 2048Mi.
    Large,
    /// 1 CPU and 3072Mi, limits of 3 CPUs and 6144Mi.
    Xlarge,
    /// 1 CPU and 3072Mi, limits of 6 CPUs and 12288Mi.
    #[schemars(rename = "2xlarge")]
    DoubleXlarge,
}
