//! cert-manager's issuers, and references to them.

use schemars::JsonSchema;
use serde::Deserialize;

use super::workload::Object;

/// An ACME issuer, Let's Encrypt unless `server` is a URL. Exactly one of `http01` and `dns01`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Issuer {
    /// `ClusterIssuer` serves every namespace, `Issuer` its own; `ClusterIssuer` when left out.
    #[schemars(extend("enum" = ["ClusterIssuer", "Issuer"]))]
    pub kind: Option<String>,
    /// `production` or `staging` of Let's Encrypt, or the URL of an ACME directory; `production` when left out.
    #[schemars(regex(pattern = r"^(production|staging|https://.+)$"), extend("patternHint" = "production, staging, or the https URL of an ACME directory"))]
    pub server: Option<String>,
    /// Where the authority writes about expiring certificates.
    #[schemars(regex(pattern = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"), extend("patternHint" = "an address, as in ops@example.com"))]
    pub email: String,
    /// The Secret of the account's key; the issuer's name and `-account-key` when left out.
    pub private_key_secret_ref: Option<super::workload::LocalReference>,
    /// Use the account key that is there, and never make one: several clusters share it.
    pub disable_account_key_generation: Option<bool>,
    /// Prove a domain by answering over HTTP.
    pub http01: Option<Http01>,
    /// Prove a domain by a DNS record. Wildcards need it, and TURN's domain, whose port 80 answers nothing.
    pub dns01: Option<Dns01>,
    /// The DNS zones that the solver is for; all when left out.
    #[serde(default)]
    pub dns_zones: Vec<String>,
}

/// Prove a domain by answering over HTTP, through the Ingress controller of a class.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Http01 {
    /// The class, in spec.ingressClassName.
    pub ingress_class_name: Option<String>,
    /// The class, in the annotation that GKE reads.
    pub class: Option<String>,
    /// An Ingress that is there already, whose address is used.
    pub name: Option<String>,
}

/// Prove a domain by a DNS record at one provider.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Dns01 {
    /// Google Cloud DNS.
    #[serde(rename = "cloudDNS")]
    pub cloud_dns: Option<CloudDns>,
    /// Cloudflare.
    pub cloudflare: Option<Cloudflare>,
    /// Any other solver of cert-manager, in its own shape.
    pub webhook: Option<Object>,
}

/// Google Cloud DNS.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CloudDns {
    /// The project of the zones.
    #[schemars(length(min = 1))]
    pub project: String,
    /// The zone, when it cannot be found by the domain.
    pub hosted_zone_name: Option<String>,
    /// A key of a service account; Workload Identity when left out.
    pub service_account_secret_ref: Option<super::secret::SecretKeyRef>,
}

/// Cloudflare.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cloudflare {
    /// The API token, in cert-manager's namespace.
    pub api_token_secret_ref: super::secret::SecretKeyRef,
    /// The account's address.
    pub email: Option<String>,
}

/// A reference to an issuer.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct IssuerRef {
    /// `ClusterIssuer` or `Issuer`.
    #[schemars(extend("enum" = ["ClusterIssuer", "Issuer"]))]
    pub kind: String,
    /// Its name.
    #[schemars(length(min = 1))]
    pub name: String,
}
