//! `render version`: the version of the program, of Kubernetes and of the plugin interface.

use serde_json::json;

use render_plugins::built_in;
use render_plugins::description::{INTERFACE, MAJOR};
use render_schema::api::version::Version;

use crate::args::VersionFormat;

/// What this program is, and what it knows: versions of Kubernetes, built-in plugins, the plugins' interface.
#[must_use]
pub(super) fn text(format: VersionFormat) -> String {
    let program = env!("CARGO_PKG_VERSION");
    let kubernetes: Vec<String> = Version::all().map(|version| version.to_string()).collect();
    let plugins: Vec<&str> = built_in::names().collect();
    match format {
        VersionFormat::Text => format!(
            "render {program}\nKubernetes {}\nplugins {} ({INTERFACE}{MAJOR})\n",
            kubernetes.join(", "),
            plugins.join(", ")
        ),
        VersionFormat::Json => {
            let interface = format!("{INTERFACE}{MAJOR}");
            let all = json!({"render": program, "kubernetes": kubernetes, "plugins": plugins, "interface": interface});
            format!("{all:#}\n")
        }
    }
}
