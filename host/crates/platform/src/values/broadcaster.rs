//! The Broadcaster: one live stream, taken by WHIP at any region and watched by WHEP at the nearest one. An Elixir
//! application beside LiveKit, not a part of it; its pods find each other over a mesh of clusters.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::issuers::IssuerRef;
use super::livekit::ServiceAccount;
use super::workload::{LocalReference, Probe, Workload};

/// The Broadcaster of one region: the application `k8s_broadcaster`, which takes one stream by WHIP and shows it by WHEP
/// in every region. It needs no LiveKit. `ingress.type`, `ingress.className` and the issuer are shared with LiveKit's.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Broadcaster {
    /// Whether it is rendered.
    pub enabled: bool,
    /// The name of its objects. It is the same in every cluster, as the namespace is: the headless Service is one.
    #[schemars(regex(pattern = r"^[a-z]([-a-z0-9]{0,22}[a-z0-9])?$"), extend("patternHint" = "lower-case letters, digits and hyphens, a letter first, at most 24"))]
    pub name: String,
    /// The region, which is in the pods' names. It is the first label of `host`, because the application takes it from there.
    #[schemars(regex(pattern = r"^[a-z0-9]([-a-z0-9]{0,25}[a-z0-9])?$"), extend("patternHint" = "a DNS label: lower-case letters, digits and hyphens, at most 27"))]
    pub region: Option<String>,
    /// How many pods in this cluster.
    pub replicas: u32,
    /// The DNS name of this region, as in germany.broadcaster.example.com; `domain` when left out.
    #[schemars(regex(pattern = r"^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z]([-a-z0-9]{0,61}[a-z0-9])?$"), extend("patternHint" = "a DNS name in lower case, as in germany.broadcaster.example.com"))]
    pub host: Option<String>,
    /// The DNS name that every region answers for; DNS leads each client to the nearest one.
    #[schemars(regex(pattern = r"^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z]([-a-z0-9]{0,61}[a-z0-9])?$"), extend("patternHint" = "a DNS name in lower case, as in global.broadcaster.example.com"))]
    pub global_host: Option<String>,
    /// The port that it listens on, in the pods and at its Service.
    #[schemars(range(min = 1))]
    pub port: u16,
    /// The TURN server, by which media reaches the pods.
    pub ice_server: IceServer,
    /// How pods of all regions talk to each other.
    pub distribution: Distribution,
    /// The secrets.
    pub credentials: BroadcasterCredentials,
    /// The regions, as the page offers them and shows them on its globe: the variables C1 to C3. C0 is `globalHost`.
    #[schemars(length(max = 3))]
    pub clusters: Vec<Region>,
    /// Whether a browser may connect from a page of another name: true for `host` only, false for any page, or the
    /// names that may, as in [//host.example.com].
    pub check_origin: OriginCheck,
    /// The certificates of both names.
    pub tls: BroadcasterTls,
    /// The Ingresses, or the routes of a Gateway.
    pub ingress: BroadcasterIngress,
    /// The route of STUNner that leads to the pods.
    pub udp_route: BroadcasterRoute,
    /// The `ServiceAccount` of the pods.
    pub service_account: ServiceAccount,
    /// How long a start may take.
    pub startup_probe: Probe,
    #[serde(flatten)]
    #[expect(missing_docs, reason = "a flattened field has no description of its own")]
    pub workload: Workload,
}

/// The TURN server, by which media reaches the pods. Clients and pods use the same.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct IceServer {
    /// Its address; `host` and the port of STUNner's first listener over UDP when left out.
    #[schemars(regex(pattern = r"^(stun|turns?):[^\s;]+$"), extend("patternHint" = "an address as in turn:germany.broadcaster.example.com:3478?transport=udp"))]
    pub url: Option<String>,
    /// `relay` sends all media through the TURN server; `all` tries the pods' own addresses, too.
    #[schemars(extend("enum" = ["relay", "all"]))]
    pub transport_policy: String,
    /// The UDP ports of media in a pod, as in 51000-52000.
    #[schemars(regex(pattern = r"^[0-9]{1,5}-[0-9]{1,5}$"), extend("patternHint" = "two ports, as in 51000-52000"))]
    pub port_range: String,
}

/// How pods of all regions talk to each other: by Erlang's own protocol, over TCP.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Distribution {
    /// The TCP ports of it, as in 9100-9109. Erlang would take any free one, which no `NetworkPolicy` can name.
    #[schemars(regex(pattern = r"^[0-9]{1,5}-[0-9]{1,5}$"), extend("patternHint" = "two ports, as in 9100-9109"))]
    pub port_range: String,
}

/// The secrets.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BroadcasterCredentials {
    /// The Secret, the same in every cluster, with `ice-server-username`, `ice-server-credential`, `secret-key-base`,
    /// `admin-username`, `admin-password`, `whip-token` and, to replace the one inside the image, `release-cookie`.
    /// `render notes` prints the command that creates it.
    pub secret_ref: Option<LocalReference>,
    /// Whether pods restart when the Secret changes, by Stakater Reloader's annotation.
    pub restart_on_change: bool,
}

/// A region of the Broadcaster.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Region {
    /// What its button says.
    #[schemars(regex(pattern = r"^[^;\s]([^;\n]*[^;\s])?$"), extend("patternHint" = "a name without a semicolon, as in GERMANY"))]
    pub name: String,
    /// Its address; made of its name, with a hyphen for each space, and what follows the region in `host` when left out.
    #[schemars(regex(pattern = r"^https?://[^;\s]+$"), extend("patternHint" = "an address as in https://germany.broadcaster.example.com/"))]
    pub url: Option<String>,
    /// Where it is, in degrees north.
    #[schemars(range(min = -90, max = 90))]
    pub latitude: f64,
    /// Where it is, in degrees east.
    #[schemars(range(min = -180, max = 180))]
    pub longitude: f64,
}

/// Whether a browser may connect from a page of another name.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OriginCheck {
    /// From `host` only, or from any page.
    Any(bool),
    /// From these names only.
    Names(
        #[schemars(length(min = 1), inner(regex(pattern = r"^(https?:)?//[^;\s]+$")), transform = name_in_words)]
        Vec<String>,
    ),
}

/// The certificates of both names.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BroadcasterTls {
    /// The Secret of the certificate of `host`, which STUNner's listeners may use, too; the name and `-tls` when left out.
    #[serde(default)]
    #[schemars(regex(pattern = r"^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$"), extend("patternHint" = "the name of a Secret: lower-case letters, digits, hyphens and dots"))]
    pub secret_name: String,
    /// The Secret of the certificate of `globalHost`.
    #[schemars(regex(pattern = r"^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$"), extend("patternHint" = "the name of a Secret: lower-case letters, digits, hyphens and dots"))]
    pub global_secret_name: String,
    /// The issuer that writes both Secrets, `ingress.tls.issuerRef` when left out; without one they must be there already.
    pub issuer_ref: Option<IssuerRef>,
}

/// The Ingresses, or the routes of a Gateway.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct BroadcasterIngress {
    /// Their annotations.
    pub annotations: BTreeMap<String, String>,
}

/// The route of STUNner that leads to the pods.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct BroadcasterRoute {
    /// Whether it is rendered; with `stunner.enabled` when left out.
    pub enabled: Option<bool>,
}

/// What the pattern of the names means.
fn name_in_words(list: &mut schemars::Schema) {
    if let Some(items) = list.get_mut("items") {
        items["patternHint"] = "a name behind //, as in //germany.broadcaster.example.com".into();
    }
}
