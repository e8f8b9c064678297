//! What manifests cannot do and somebody has to: DNS, firewalls, secrets, permissions, and the rest as steps.
//! `render notes` prints them.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// What is left to do outside the cluster. Commands are complete lines of a shell; what the values do not say is a
/// word in capitals.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Notes {
    /// DNS records.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dns: Vec<DnsRecord>,
    /// What a firewall must let in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub firewall: Vec<FirewallRule>,
    /// Secrets that must be in the cluster.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<SecretToCreate>,
    /// Permissions at the provider.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub iam: Vec<IamBinding>,
    /// Everything else, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// Files to write on machines, such as the configuration of a node.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<File>,
    /// Variables for Terraform, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tfvars: BTreeMap<String, Value>,
}

impl Notes {
    /// Whether nothing is left to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Appends other notes.
    pub fn extend(&mut self, other: Self) {
        self.dns.extend(other.dns);
        self.firewall.extend(other.firewall);
        self.secrets.extend(other.secrets);
        self.iam.extend(other.iam);
        self.steps.extend(other.steps);
        self.files.extend(other.files);
        self.tfvars.extend(other.tfvars);
    }
}

/// A DNS record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DnsRecord {
    /// The name.
    pub name: String,
    /// The record's type, as in `A`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it leads to: an address, or the provider's name of one.
    pub target: String,
    /// For how many seconds an answer holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u32>,
    /// To whom this target is given, where a name leads to several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routing: Option<String>,
    /// Why.
    pub why: String,
}

impl DnsRecord {
    /// An A record, with what it leads to and why.
    #[must_use]
    pub fn address(name: impl Into<String>, target: impl Into<String>, why: impl Into<String>) -> Self {
        let (name, target, why) = (name.into(), target.into(), why.into());
        Self { name, kind: "A".to_owned(), target, ttl: None, routing: None, why }
    }
}

/// What a firewall must let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FirewallRule {
    /// `TCP` or `UDP`.
    pub protocol: String,
    /// A port or a range: `7880`, `50000-60000`.
    pub ports: String,
    /// Where it comes from, as CIDR.
    pub source: String,
    /// Why.
    pub why: String,
}

/// A Secret that must be in the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SecretToCreate {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The keys of its data.
    pub keys: Vec<String>,
    /// What creates it. Secret material is read from a pipe, never written in the command.
    pub command: String,
    /// Why.
    pub why: String,
}

/// A permission at the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IamBinding {
    /// Who gets it.
    pub member: String,
    /// Which.
    pub role: String,
    /// On what.
    pub resource: String,
    /// What grants it.
    pub command: String,
    /// Why.
    pub why: String,
}

impl Step {
    /// Something to do by a command.
    #[must_use]
    pub fn command(title: impl Into<String>, command: impl Into<String>, why: impl Into<String>) -> Self {
        Self { title: title.into(), command: Some(command.into()), why: why.into() }
    }

    /// Something to know.
    #[must_use]
    pub fn fact(title: impl Into<String>, why: impl Into<String>) -> Self {
        Self { title: title.into(), command: None, why: why.into() }
    }
}

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What to do, as an imperative.
    pub title: String,
    /// What does it; `None` for a fact to know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Why.
    pub why: String,
}

/// A file to write on a machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct File {
    /// Where: an absolute path of 4095 bytes at most. None of its parts begins with a dot or has more than 255 bytes. No
    /// other file of the notes, of other plugins either, has the same path or one below it. `render` rejects the notes
    /// otherwise.
    pub path: String,
    /// The whole content. Secret material is in no file of the notes.
    pub content: String,
    /// Why.
    pub why: String,
}
