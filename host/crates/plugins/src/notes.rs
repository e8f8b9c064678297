//! What a plugin says that a person has to do outside the cluster: records to set, ports to open,
//! commands to run. `render notes` prints them, and nothing else reads them.

use std::fmt;
use std::path::PathBuf;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// Everything one plugin notes.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Notes {
    /// Records to set in the zone.
    pub dns: Vec<Dns>,
    /// Ports to open in front of the nodes.
    pub firewall: Vec<Firewall>,
    /// Secrets that must exist before the manifests are applied.
    pub secrets: Vec<Secret>,
    /// Roles to bind at the provider.
    pub iam: Vec<Iam>,
    /// Anything else, in order.
    pub steps: Vec<Step>,
    /// Files to write on machines.
    #[serde(deserialize_with = "files")]
    pub files: Vec<File>,
    /// Variables for Terraform, by name.
    pub tfvars: Map<String, Value>,
}

impl Notes {
    /// Puts other notes behind these. A variable that both have is the later one's.
    pub fn extend(&mut self, more: Self) {
        let Self { dns, firewall, secrets, iam, steps, files, tfvars } = more;
        self.dns.extend(dns);
        self.firewall.extend(firewall);
        self.secrets.extend(secrets);
        self.iam.extend(iam);
        self.steps.extend(steps);
        self.files.extend(files);
        self.tfvars.extend(tfvars);
    }
}

/// One record.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Dns {
    /// The full name.
    pub name: Text,
    /// `A`, `CNAME` and so on.
    #[serde(rename = "type")]
    pub kind: Text,
    /// What it points to.
    pub target: Text,
    /// For how many seconds an answer holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u32>,
    /// To whom this target is given, where a name leads to several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing: Option<Text>,
    /// Who needs it.
    pub why: Text,
}

/// One opening.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Firewall {
    /// `TCP` or `UDP`.
    pub protocol: Text,
    /// A port or a range, as in `50000-60000`.
    pub ports: Text,
    /// From where, as a CIDR.
    pub source: Text,
    /// Who needs it.
    pub why: Text,
}

/// One Kubernetes Secret.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// Its namespace.
    pub namespace: Text,
    /// Its name.
    pub name: Text,
    /// The keys it must have.
    pub keys: Vec<Text>,
    /// How to make it.
    pub command: Text,
    /// Who needs it.
    pub why: Text,
}

/// One binding.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Iam {
    /// To whom.
    pub member: Text,
    /// What they may.
    pub role: Text,
    /// On what.
    pub resource: Text,
    /// How to do it.
    pub command: Text,
    /// Who needs it.
    pub why: Text,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What.
    pub title: Text,
    /// What does it; without it this is a fact to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Text>,
    /// What for.
    pub why: Text,
}

/// A file to write on a machine, such as the configuration of a node.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Where.
    pub path: FilePath,
    /// The whole content.
    pub content: Text,
    /// Who needs it.
    pub why: Text,
}

/// An absolute path that leads nowhere else than it says: below a folder of the user's it stays there. No part of it is
/// hidden: the tools that read hidden files, as `.git`, `.github` and `.envrc`, may run what these say.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String")]
pub struct FilePath(String);

impl FilePath {
    /// The path itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same path below a folder.
    #[must_use]
    pub fn relative(&self) -> PathBuf {
        PathBuf::from(self.0.trim_start_matches('/'))
    }
}

impl TryFrom<String> for FilePath {
    type Error = String;

    fn try_from(path: String) -> Result<Self, String> {
        if path.len() > LONGEST_PATH {
            return Err(format!("a path is {} bytes long, and may be {LONGEST_PATH}", path.len()));
        }
        let steps = path.strip_prefix('/').map(|path| path.split('/').collect::<Vec<_>>()).unwrap_or_default();
        let is_name = |step: &&str| !["", ".", ".."].contains(step) && !step.contains(char::is_control);
        if steps.is_empty() || !steps.iter().all(is_name) {
            return Err(format!("`{}` is no absolute path without `.` and `..`", path.escape_default()));
        }
        if let Some(hidden) = steps.iter().find(|step| step.starts_with('.')) {
            return Err(format!("`{path}` has the hidden part `{hidden}`, and no part may begin with a dot"));
        }
        if let Some(long) = steps.iter().find(|step| step.len() > LONGEST_NAME) {
            return Err(format!("a part of a path is {} bytes long, and may be {LONGEST_NAME}", long.len()));
        }
        Ok(Self(path))
    }
}

/// The longest path that Linux takes, and the longest part of one.
const LONGEST_PATH: usize = 4095;
const LONGEST_NAME: usize = 255;

/// Files that can be written into one folder.
fn files<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<File>, D::Error> {
    let files = Vec::<File>::deserialize(deserializer)?;
    match in_the_way(&files) {
        Some((one, other)) if one == other => Err(D::Error::custom(format!("the file `{one}` is noted twice"))),
        Some((file, below)) => Err(D::Error::custom(format!("`{file}` is noted as a file, and `{below}` below it"))),
        None => Ok(files),
    }
}

/// Two paths of which one file cannot be where the other one is: the same twice, or one below the other. The first one
/// is the file, the second one lies at or below it.
#[must_use]
pub fn in_the_way(files: &[File]) -> Option<(&str, &str)> {
    let mut paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    paths.sort_unstable();
    // What lies below a file may be sorted behind others, such as `/a-b` between `/a` and `/a/b`.
    let twice = paths.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| (pair[0], pair[1]));
    twice.or_else(|| {
        paths.iter().find_map(|path| {
            let above = path.rmatch_indices('/').map(|(end, _)| &path[..end]);
            let file = above.into_iter().find(|above| paths.binary_search(above).is_ok())?;
            Some((file, *path))
        })
    })
}

/// The most bytes of a text: a script of a few hundred lines. A reason is kept with each change that it is for.
const LONGEST: usize = 16 << 10;

/// Text from a plugin that is printed. It holds no control characters but tabs and line breaks, so
/// that it cannot write over what the terminal shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String")]
pub struct Text(String);

impl Text {
    /// Text of our own; control characters, which it does not have, would be left out.
    pub fn new(text: impl Into<String>) -> Self {
        let mut text = text.into();
        text.retain(|char| !char.is_control() || matches!(char, '\n' | '\t'));
        Self(text)
    }

    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Text {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("a text is {} bytes long; the limit is {LONGEST}", text.len()));
        }
        match text.chars().find(|char| char.is_control() && !matches!(char, '\n' | '\t')) {
            Some(control) => Err(format!("a text contains the control character {}", control.escape_unicode())),
            None => Ok(Self(text)),
        }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
