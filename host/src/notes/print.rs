//! Notes as text for people, as JSON, and as variables for Terraform.

use std::fmt::Write;

use super::Notes;
use crate::plugins::notes::{Step, Text};

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
    section(&mut text, "In the cluster and at the provider", &notes.steps.iter().map(step).collect::<Vec<_>>());
    let records = notes
        .dns
        .iter()
        .map(|record| format!("{} {} -> {}\n  {}", record.name, record.kind, record.target, record.why));
    section(&mut text, "DNS records", &records.collect::<Vec<_>>());
    let rules = notes
        .firewall
        .iter()
        .map(|rule| format!("{} {} from {}\n  {}", rule.protocol, rule.ports, rule.source, rule.why));
    section(&mut text, "Firewall", &rules.collect::<Vec<_>>());
    let secrets = notes.secrets.iter().map(|secret| {
        let keys: Vec<&str> = secret.keys.iter().map(Text::as_str).collect();
        let place = if secret.namespace.as_str().is_empty() {
            String::new()
        } else {
            format!(" in namespace {}", secret.namespace)
        };
        format!("{}{place} with {}\n  {}\n  $ {}", secret.name, keys.join(", "), secret.why, secret.command)
    });
    section(&mut text, "Secrets to create", &secrets.collect::<Vec<_>>());
    let bindings = notes.iam.iter().map(|binding| {
        format!(
            "{} for {} on {}\n  {}\n  $ {}",
            binding.role, binding.member, binding.resource, binding.why, binding.command
        )
    });
    section(&mut text, "Permissions to grant", &bindings.collect::<Vec<_>>());
    if let Some(rollout) = &notes.rollout {
        let hours = rollout.worst_case_seconds.div_ceil(3600);
        section(&mut text, "How long a rollout can take", &[format!("up to {hours} h\n  {}", rollout.why)]);
    }
    section(&mut text, "Whether it works", &notes.verify.iter().map(step).collect::<Vec<_>>());
    text
}

fn step(step: &Step) -> String {
    match &step.command {
        Some(command) => format!("{}\n  {}\n  $ {command}", step.title, step.why),
        None => format!("{}\n  {}", step.title, step.why),
    }
}

fn section(text: &mut String, title: &str, entries: &[String]) {
    if entries.is_empty() {
        return;
    }
    // Writing to a String cannot fail.
    let _ = write!(text, "\n{title}\n");
    for entry in entries {
        let _ = writeln!(text, "\n- {}", entry.replace('\n', "\n  "));
    }
}
