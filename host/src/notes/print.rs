//! Notes as text for people, as JSON, and as variables for Terraform.

use std::fmt::Write;

use super::{Notes, Rollout};
use crate::plugins::notes::{Dns, Firewall, Iam, Secret, Step, Text};

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

fn people(environment: &str, notes: &Notes) -> String {
    let mut text = format!("What is left to do for {environment}, outside of what is rendered.\n");
    section(&mut text, "In the cluster and at the provider", notes.steps.iter().map(step));
    section(&mut text, "DNS records", notes.dns.iter().map(record));
    section(&mut text, "Firewall", notes.firewall.iter().map(opening));
    section(&mut text, "Secrets to create", notes.secrets.iter().map(secret));
    section(&mut text, "Permissions to grant", notes.iam.iter().map(binding));
    section(&mut text, "How long a rollout can take", notes.rollout.iter().map(rollout));
    section(&mut text, "Whether it works", notes.verify.iter().map(step));
    text
}

fn record(record: &Dns) -> String {
    format!("{} {} -> {}\n  {}", record.name, record.kind, record.target, record.why)
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
