//! MijnBureau's sizes of containers, for where the values name no resources.

use render_plugin_sdk::{Request, Response};
use serde_json::{Value, json};

use crate::platform;

/// LiveKit's container.
const RESOURCES: &str = "/spec/template/spec/containers[name=livekit]/resources";

/// Gives LiveKit's container the size that the values name, unless they say its resources.
pub(crate) fn transform(request: &Request) -> Response {
    let deployment = request.find("apps/v1", "Deployment", platform::name(request));
    let written = request.get("/livekit/resources").is_some();
    let name = request.text("/mijnbureau/resourcesPreset").unwrap_or_default();
    let (Some(deployment), Some(size), false) = (deployment, preset(name), written) else { return Response::default() };
    let patch = deployment.patch(format!("the values name the size {name}, and no resources")).add(RESOURCES, size);
    Response { changes: vec![patch.into()], ..Response::default() }
}

/// The requests and limits of a size: CPU in thousandths, memory in MiB; none for `none`.
fn preset(name: &str) -> Option<Value> {
    let (cpu, most_cpu, memory, most_memory) = match name {
        "nano" => (100, 150, 128, 192),
        "micro" => (250, 375, 256, 384),
        "small" => (500, 750, 512, 768),
        "medium" => (500, 750, 1024, 1536),
        "large" => (1000, 1500, 2048, 3072),
        "xlarge" => (1000, 3000, 3072, 6144),
        "2xlarge" => (1000, 6000, 3072, 12288),
        _ => return None,
    };
    let size = |cpu, memory, storage| json!({ "cpu": format!("{cpu}m"), "memory": format!("{memory}Mi"), "ephemeral-storage": storage });
    Some(json!({ "requests": size(cpu, memory, "50Mi"), "limits": size(most_cpu, most_memory, "2Gi") }))
}
