//! STUNner, a TURN server as a Gateway: media reaches pods that have no address of the node's.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::issuers::IssuerRef;
use super::livekit_config::rtc::TurnServerProtocol;
use super::workload::LocalReference;

/// STUNner, a TURN server as a Gateway.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Stunner {
    /// Whether the `GatewayClass`, the `GatewayConfig`, the Gateway, `staticServices` and `routes` are rendered.
    pub enabled: bool,
    /// The namespace of all of these.
    #[schemars(length(min = 1))]
    pub namespace: String,
    /// The name of the class.
    #[schemars(length(min = 1))]
    pub class_name: String,
    /// The controller of the class.
    #[schemars(length(min = 1))]
    pub controller_name: String,
    /// The `GatewayConfig`.
    pub gateway_config: GatewayConfig,
    /// The realm of TURN's authentication.
    #[schemars(regex(pattern = r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"), extend("patternHint" = "lower-case letters, digits, hyphens and dots, as in stunner.l7mp.io"))]
    pub realm: String,
    /// The credentials of clients.
    pub auth: StunnerAuth,
    /// Annotations of the load balancer's Service, as for a reserved address.
    pub service_annotations: BTreeMap<String, String>,
    /// The Gateway.
    pub gateway: StunnerGateway,
    /// The certificate of the listeners for TLS and DTLS, which their `certificateRefs` name; without it the Secrets that
    /// these name must be there already.
    pub certificate: Option<StunnerCertificate>,
    /// Addresses outside the cluster that clients may reach through STUNner, by name.
    pub static_services: BTreeMap<String, StaticService>,
    /// Routes of your own, beside LiveKit's.
    pub routes: Vec<UdpRoute>,
    /// LiveKit behind STUNner.
    pub livekit: StunnerLiveKit,
}

/// STUNner's configuration of its class.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GatewayConfig {
    /// Its name.
    #[schemars(length(min = 1))]
    pub name: String,
    /// The Dataplane that runs the TURN servers; STUNner's own default when left out.
    pub dataplane: Option<String>,
    /// STUNner's log level, as in all:INFO.
    pub log_level: Option<String>,
}

/// The credentials of clients. STUNner reads them from a Secret.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StunnerAuth {
    /// What the Secret holds.
    #[serde(rename = "type")]
    pub kind: StunnerAuthType,
    /// The Secret, in STUNner's namespace; LiveKit reads one of the same name and content in its own.
    pub secret_ref: LocalReference,
}

/// What the Secret of the credentials holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum StunnerAuthType {
    /// `type: static`, `username` and `password`, which every client is told.
    Static,
    /// `type: ephemeral` and `secret`, from which LiveKit makes a password for each participant that expires.
    Ephemeral,
}

impl StunnerAuthType {
    /// The word in the Secret.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Static => "static",
            Self::Ephemeral => "ephemeral",
        }
    }
}

/// STUNner's Gateway.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StunnerGateway {
    /// Its name, which is also that of the Service that STUNner makes for it.
    #[schemars(regex(pattern = r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"), extend("patternHint" = "lower-case letters, digits and hyphens, at most 63"))]
    pub name: String,
    /// Its annotations, as in `stunner.l7mp.io/service-type`.
    pub annotations: BTreeMap<String, String>,
    /// Addresses that its Service asks for; STUNner uses the first.
    pub addresses: Vec<String>,
    /// Whether one load balancer serves TCP and UDP; follows from the listeners when left out. Without it STUNner
    /// drops every listener whose protocol is not that of the first.
    pub mixed_protocol: Option<bool>,
    /// What it listens on.
    #[schemars(length(min = 1))]
    pub listeners: Vec<StunnerListener>,
}

/// A listener of STUNner's Gateway.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StunnerListener {
    /// Its name.
    #[schemars(regex(pattern = r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"), extend("patternHint" = "lower-case letters, digits and hyphens, at most 63"))]
    pub name: String,
    /// How clients reach it.
    pub protocol: StunnerProtocol,
    /// Its port.
    #[schemars(range(min = 1))]
    pub port: u16,
    /// The Secrets of its certificate, with `TURN-TLS` and `TURN-DTLS`.
    #[serde(default)]
    pub certificate_refs: Vec<CertificateRef>,
}

/// How clients reach a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
pub enum StunnerProtocol {
    /// TURN over UDP.
    TurnUdp,
    /// TURN over TCP.
    TurnTcp,
    /// TURN over TLS over TCP.
    TurnTls,
    /// TURN over DTLS over UDP.
    TurnDtls,
}

impl StunnerProtocol {
    /// The protocol of the load balancer.
    #[must_use]
    pub fn transport(self) -> &'static str {
        match self {
            Self::TurnUdp | Self::TurnDtls => "UDP",
            Self::TurnTcp | Self::TurnTls => "TCP",
        }
    }

    /// What LiveKit calls it; it has no word for DTLS.
    #[must_use]
    pub fn in_livekit(self) -> Option<TurnServerProtocol> {
        match self {
            Self::TurnUdp => Some(TurnServerProtocol::Udp),
            Self::TurnTcp => Some(TurnServerProtocol::Tcp),
            Self::TurnTls => Some(TurnServerProtocol::Tls),
            Self::TurnDtls => None,
        }
    }
}

/// A Secret with tls.crt and tls.key.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct CertificateRef {
    /// Its name.
    #[schemars(length(min = 1))]
    pub name: String,
    /// Its namespace; STUNner's when left out.
    pub namespace: Option<String>,
}

/// The certificate of STUNner's listeners, in STUNner's namespace.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StunnerCertificate {
    /// The Secret with tls.crt and tls.key.
    #[schemars(length(min = 1))]
    pub secret_name: String,
    /// The names that it is for; that which clients are told when left out: `stunner.livekit.host`, or `domain`.
    #[schemars(length(min = 1))]
    pub dns_names: Option<Vec<String>>,
    /// The issuer that writes the Secret; without one it must be there already.
    pub issuer_ref: Option<IssuerRef>,
}

/// Addresses outside the cluster.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct StaticService {
    /// The ranges, as CIDR of IPv4.
    #[schemars(length(min = 1), inner(regex(pattern = r"^([0-9]{1,3}\.){3}[0-9]{1,3}/[0-9]{1,2}$")), transform = range_in_words)]
    pub prefixes: Vec<String>,
}

/// A route of STUNner's Gateway.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UdpRoute {
    /// Its name.
    #[schemars(length(min = 1))]
    pub name: String,
    /// Where it leads.
    #[schemars(length(min = 1, max = 16))]
    pub backend_refs: Vec<BackendRef>,
}

/// Where a route leads.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BackendRef {
    /// `Service` or `StaticService`; `Service` when left out.
    #[schemars(extend("enum" = ["Service", "StaticService"]))]
    pub kind: Option<String>,
    /// The object's name.
    #[schemars(length(min = 1))]
    pub name: String,
    /// Its namespace; STUNner's when left out.
    pub namespace: Option<String>,
    /// The first port that clients may reach; every one when left out.
    #[schemars(range(min = 1))]
    pub port: Option<u16>,
    /// The last port that clients may reach.
    #[schemars(range(min = 1))]
    pub end_port: Option<u16>,
}

/// LiveKit behind STUNner: its route, and what its clients are told. STUNner relays to the addresses of the
/// pods, so LiveKit then announces these, unless `livekit.config.rtc.advertise_internal_ip` has it announce both.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct StunnerLiveKit {
    /// Whether media goes through STUNner.
    pub enabled: bool,
    /// The address or DNS name that clients are told. When left out, it is the first of `stunner.gateway.addresses`,
    /// else `domain`, else what the facts say (`--facts`).
    #[schemars(regex(pattern = r"^[A-Za-z0-9]([-.:A-Za-z0-9]*[A-Za-z0-9])?$"), extend("patternHint" = "an address or a DNS name without a port, as in turn.example.com"))]
    pub host: Option<String>,
    /// The port; that of the listener of this protocol when left out.
    #[schemars(range(min = 1))]
    pub port: Option<u16>,
    /// How clients reach it.
    pub protocol: TurnServerProtocol,
}

/// What the pattern of the ranges means.
fn range_in_words(list: &mut schemars::Schema) {
    if let Some(items) = list.get_mut("items") {
        items["patternHint"] = "a range of IPv4 addresses, as in 203.0.113.7/32".into();
    }
}
