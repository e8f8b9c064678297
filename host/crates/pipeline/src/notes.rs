//! What is left to do outside the cluster, from the same values as the manifests: DNS records,
//! firewall rules, secrets, bindings, commands. The provider's plugin adds what it knows.

mod collect;
mod dns;
mod firewall;
mod order;
mod print;
mod secrets;
mod steps;
mod tfvars;

use serde::Serialize;
use serde_json::{Map, Value};

use render_plugins::notes::{Dns, File, Firewall, Iam, Secret, Step};

pub use self::collect::collect;
pub use self::print::{NotesFormat, files, print};

/// What is left to do outside the cluster.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Notes {
    /// What to install and to reserve, in order.
    pub steps: Vec<Step>,
    /// Files to write on machines.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<File>,
    /// DNS records to make.
    pub dns: Vec<Dns>,
    /// What the firewall must let through.
    pub firewall: Vec<Firewall>,
    /// Secrets to create.
    pub secrets: Vec<Secret>,
    /// Permissions to grant at the provider.
    pub iam: Vec<Iam>,
    /// How long a rollout can take.
    pub rollout: Option<Rollout>,
    /// In which order to do all this, and when to apply what.
    pub order: Vec<Step>,
    /// Commands that show whether it works.
    pub verify: Vec<Step>,
    /// Variables for Terraform: the values that the manifests were made with.
    pub tfvars: Map<String, Value>,
}

/// How long a rollout can take.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rollout {
    /// At worst, in seconds: every pod drains to the end of its grace period.
    pub worst_case_seconds: u64,
    /// How that is computed.
    pub why: String,
}
