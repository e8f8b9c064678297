//! Notes as text for people, as JSON, and as variables for Terraform.

use std::fmt::Write;
use std::path::PathBuf;

use super::{Notes, Rollout};
use crate::diagnostic::Diagnostic;
use crate::plugins::notes::{Dns, File, Firewall, Iam, Secret, Step, Text};

/// How notes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum NotesFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// A terraform.tfvars.json.
    Tfvars,
}

/// The notes of an environment as text.
#[must_use]
pub fn print(environment: &str, notes: &Notes, format: NotesFormat) -> String {
    match format {
        NotesFormat::Text => people(environment, notes),
        NotesFormat::Json => serde_json::to_string_pretty(notes).unwrap_or_default() + "\n",
        NotesFormat::Tfvars => serde_json::to_string_pretty(&notes.tfvars).unwrap_or_default() + "\n",
    }
}

/// The files of the notes, each under its path without the first slash.
///
/// # Errors
/// The environment needs none, so nobody should believe that they were written.
pub fn files(notes: &Notes) -> Result<Vec<(PathBuf, String)>, Diagnostic> {
    if notes.files.is_empty() {
        let none = Diagnostic::error("the notes of the environment have no files to write");
        return Err(none.hint("leave --output-dir out"));
    }
    Ok(notes.files.iter().map(|file| (file.path.relative(), file.content.as_str().to_owned())).collect())
}

fn people(environment: &str, notes: &Notes) -> String {
    let mut text = format!("What is left to do for {environment}, outside of what is rendered.\n");
    numbered(
        &mut text,
        "Run in this order. Repeat any other options that you used, such as -f, in each command",
        &notes.order,
    );
    section(&mut text, "In the cluster and at the provider", notes.steps.iter().map(step));
    written(&mut text, &notes.files);
    section(&mut text, "DNS records", notes.dns.iter().map(record));
    section(&mut text, "Firewall", notes.firewall.iter().map(opening));
    section(&mut text, "Secrets to create", notes.secrets.iter().map(secret));
    section(&mut text, "Permissions to grant", notes.iam.iter().map(binding));
    section(&mut text, "How long a rollout can take", notes.rollout.iter().map(rollout));
    section(&mut text, "Whether it works", notes.verify.iter().map(step));
    text
}

fn record(record: &Dns) -> String {
    let routing = record.routing.as_ref().map(|to| format!(", for {to}")).unwrap_or_default();
    let ttl = record.ttl.map(|seconds| format!(", with a TTL of {seconds} s")).unwrap_or_default();
    format!("{} {} -> {}{routing}{ttl}\n  {}", record.name, record.kind, record.target, record.why)
}

fn opening(opening: &Firewall) -> String {
    format!("{} {} from {}\n  {}", opening.protocol, opening.ports, opening.source, opening.why)
}

fn secret(secret: &Secret) -> String {
    let keys: Vec<&str> = secret.keys.iter().map(Text::as_str).collect();
    let place = match secret.namespace.as_str() {
        "" => String::new(),
        namespace => format!(" in namespace {namespace}"),
    };
    format!("{}{place} with {}\n  {}\n  $ {}", secret.name, keys.join(", "), secret.why, secret.command)
}

fn binding(binding: &Iam) -> String {
    let Iam { member, role, resource, command, why } = binding;
    format!("{role} for {member} on {resource}\n  {why}\n  $ {command}")
}

fn rollout(rollout: &Rollout) -> String {
    format!("up to {}\n  {}", duration(rollout.worst_case_seconds), rollout.why)
}

/// A time in the unit that says it best, rounded up.
fn duration(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3600)),
    }
}

fn step(step: &Step) -> String {
    match &step.command {
        Some(command) => format!("{}\n  {}\n  $ {command}", step.title, step.why),
        None => format!("{}\n  {}", step.title, step.why),
    }
}

/// Files as commands that write them. A here-document ends with a line of its own, so nothing here is indented.
fn written(text: &mut String, files: &[File]) {
    if !files.is_empty() {
        text.push_str("\nFiles to write on the nodes; `--output-dir DIR` writes them below a folder\n");
    }
    for File { path, content, why } in files {
        let (path, content) = (path.as_str(), content.as_str());
        let mut end = "END".to_owned();
        while content.lines().any(|line| line == end) {
            end.push('_');
        }
        let line = if content.ends_with('\n') { "" } else { "\n" };
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "\n- {path}\n  {why}\n\nsudo install -D -m 600 /dev/stdin {} <<'{end}'\n{content}{line}{end}\n",
            quoted(path)
        );
    }
}

/// A text as one word of a shell.
pub(super) fn quoted(path: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '/' | '.' | '_' | '-');
    if path.chars().all(is_plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

fn section(text: &mut String, title: &str, entries: impl Iterator<Item = String>) {
    let mut entries = entries.peekable();
    if entries.peek().is_none() {
        return;
    }
    // Writing to a String cannot fail.
    let _ = write!(text, "\n{title}\n");
    for entry in entries {
        let _ = writeln!(text, "\n- {}", entry.replace('\n', "\n  "));
    }
}

/// Steps of which each needs those before it.
fn numbered(text: &mut String, title: &str, steps: &[Step]) {
    // Writing to a String cannot fail.
    let _ = write!(text, "\n{title}\n");
    for (index, one) in steps.iter().enumerate() {
        let _ = writeln!(text, "\n{}. {}", index + 1, step(one).replace('\n', "\n   "));
    }
}
