//! The keys of MijnBureau's environments that are about LiveKit.

use crate::table::Fate::{Ignored, Instead, Read, To};
use crate::table::{Row, Table};

/// Its keys, in the order of the environment file.
pub(super) const ENVIRONMENT: Table = Table { system: "MijnBureau", inner: None, rows: ROWS, own: OWN };

/// Where a key that no row knows is told: elsewhere it is for another application.
const OWN: &[&str] = &[
    "application.livekit",
    "autoscaling.horizontal.livekit",
    "cache.livekit",
    "container.kubectl",
    "container.livekit_server",
    "pdb.livekit",
    "pvc.livekit",
    "resource.livekit",
];

const RANGE: &str = "its README has this name, and its templates read `portRangeStart` and `portRangeEnd`, which are \
                     `livekit.config.rtc.udp_port` here";
const ONE_POD: &str = "one address leads to all media, so one pod is behind it: `livekit.resources` makes it larger, and \
                       `livekit.hostNetwork` gives each pod an address of its own";

const ROWS: &[Row] = &[
    Row("application.livekit.enabled", To("livekit.enabled")),
    Row("application.livekit.namespace", Read),
    Row("application.livekit.keys", Read),
    Row("application.livekit.loadBalancerIP", Read),
    Row("application.livekit.portRangeStart", Read),
    Row("application.livekit.portRangeEnd", Read),
    Row("application.livekit.port_range_start", Ignored(RANGE)),
    Row("application.livekit.port_range_end", Ignored(RANGE)),
    Row("application.livekit.turnTLSecretName", Read),
    Row("container.livekit_server.registry", Read),
    Row("container.livekit_server.repository", Read),
    Row("container.livekit_server.tag", To("livekit.image.tag")),
    Row("container.livekit_server.imagePullSecret", Read),
    Row("container.kubectl.registry", Read),
    Row("container.kubectl.repository", Read),
    Row("container.kubectl.tag", To("livekit.externalAddress.job.image.tag")),
    Row("container.kubectl.imagePullSecret", Read),
    Row("container.redis", Read),
    Row("container.default", Read),
    Row("resource.livekit.livekit", To("livekit.resources")),
    Row("resource.livekit.redis", Read),
    Row("global.resourcesPreset", Read),
    Row("global.resourcesPresetPerApp.livekit", Read),
    Row("cluster.networking.domain", To("cluster.domain")),
    Row("cluster.runtimeClassName", To("livekit.runtimeClassName")),
    Row("security.default.podSecurityContext", Read),
    Row("security.default.containerSecurityContext", Read),
    Row("global.domain", Read),
    Row("global.hostname.livekit", Read),
    Row("global.tls", Read),
    Row("tls.livekit", Read),
    Row("cluster.routingMode", Read),
    Row("cluster.ingress", Read),
    Row("cluster.gateway", Read),
    Row("cache.livekit.host", Read),
    Row("cache.livekit.port", Read),
    Row("cache.livekit.isInternal", Read),
    Row("cache.livekit.password", Read),
    Row("pvc.livekit.redis", Read),
    Row("pvc.default", Read),
    Row("autoscaling.horizontal.livekit.enabled", Instead(ONE_POD)),
    Row("autoscaling.horizontal.livekit.min", Read),
    Row("autoscaling.horizontal.livekit.max", Read),
    Row("autoscaling.horizontal.livekit.minReplicas", Read),
    Row("autoscaling.horizontal.livekit.maxReplicas", Read),
    Row("autoscaling.horizontal.livekit.targetCPU", Read),
    Row("autoscaling.horizontal.livekit.targetMemory", Read),
    Row("pdb.livekit.create", To("scaling.podDisruptionBudget.enabled")),
    Row("pdb.livekit.minAvailable", To("scaling.podDisruptionBudget.minAvailable")),
    Row("pdb.livekit.maxUnavailable", To("scaling.podDisruptionBudget.maxUnavailable")),
];
