//! Notes as text for people, as JSON, and as variables for Terraform.

use std::fmt::Write;
use std::path::PathBuf;

use serde_json::Value;

use render_plugins::notes::{Dns, File, Firewall, Iam, Secret, Step, Text};
use render_report::plain;
use render_text::diagnostic::Diagnostic;
use render_text::source::Sources;

use super::{Notes, Rollout};

/// How notes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NotesFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// A terraform.tfvars.json.
    Tfvars,
}

/// The notes of an environment as text. No text of a plugin chooses where a line starts: further lines of one are marked.
#[must_use]
pub fn print(environment: &str, notes: &Notes, format: NotesFormat, sources: &Sources) -> String {
    match format {
        NotesFormat::Text => shown(&people(environment, notes, sources), sources),
        NotesFormat::Json => {
            plain::json(&serde_json::to_string_pretty(&masked(notes, sources)).unwrap_or_default()) + "\n"
        }
        NotesFormat::Tfvars => serde_json::to_string_pretty(&notes.tfvars).unwrap_or_default() + "\n",
    }
}

/// Text as a person is shown it.
fn shown(text: &str, sources: &Sources) -> String {
    plain::lines(&sources.secrets().masked(text))
}

/// The notes without secrets: a plugin is shown none, and may hear of one by another way.
fn masked(notes: &Notes, sources: &Sources) -> Value {
    fn mask(value: &mut Value, sources: &Sources) {
        match value {
            Value::String(text) => *text = sources.secrets().masked(text),
            Value::Array(items) => items.iter_mut().for_each(|item| mask(item, sources)),
            Value::Object(map) => map.values_mut().for_each(|member| mask(member, sources)),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(notes).unwrap_or_default();
    // Variables for Terraform are data, as manifests are.
    let variables = value.as_object_mut().and_then(|notes| notes.remove("tfvars"));
    mask(&mut value, sources);
    if let Some(variables) = variables {
        value["tfvars"] = variables;
    }
    value
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

fn people(environment: &str, notes: &Notes, sources: &Sources) -> String {
    let mut text = format!("What is left to do for {environment}, outside of what is rendered.\n");
    numbered(
        &mut text,
        "Run in this order. Repeat any other options that you used, such as -f, in each command",
        &notes.order,
    );
    section(&mut text, "In the cluster and at the provider", notes.steps.iter().map(step));
    written(&mut text, &notes.files, sources);
    section(&mut text, "DNS records", notes.dns.iter().map(record));
    section(&mut text, "Firewall", notes.firewall.iter().map(opening));
    section(&mut text, "Secrets to create", notes.secrets.iter().map(secret));
    section(&mut text, "Permissions to grant", notes.iam.iter().map(binding));
    section(&mut text, "How long a rollout can take", notes.rollout.iter().map(rollout));
    section(&mut text, "Whether it works", notes.verify.iter().map(step));
    text
}

/// An entry: its lines, each a text by itself.
fn entry(lines: impl IntoIterator<Item = String>) -> Vec<String> {
    lines.into_iter().map(|line| plain::marked(&line, "    ")).collect()
}

fn record(record: &Dns) -> Vec<String> {
    let routing = record.routing.as_ref().map(|to| format!(", for {to}")).unwrap_or_default();
    let ttl = record.ttl.map(|seconds| format!(", with a TTL of {seconds} s")).unwrap_or_default();
    entry([format!("{} {} -> {}{routing}{ttl}", record.name, record.kind, record.target), record.why.to_string()])
}

fn opening(opening: &Firewall) -> Vec<String> {
    entry([format!("{} {} from {}", opening.protocol, opening.ports, opening.source), opening.why.to_string()])
}

fn secret(secret: &Secret) -> Vec<String> {
    let keys: Vec<&str> = secret.keys.iter().map(Text::as_str).collect();
    let place = match secret.namespace.as_str() {
        "" => String::new(),
        namespace => format!(" in namespace {namespace}"),
    };
    let first = format!("{}{place} with {}", secret.name, keys.join(", "));
    entry([first, secret.why.to_string(), format!("$ {}", secret.command)])
}

fn binding(binding: &Iam) -> Vec<String> {
    let Iam { member, role, resource, command, why } = binding;
    entry([format!("{role} for {member} on {resource}"), why.to_string(), format!("$ {command}")])
}

fn rollout(rollout: &Rollout) -> Vec<String> {
    entry([format!("up to {}", duration(rollout.worst_case_seconds)), rollout.why.clone()])
}

/// A time in the unit that says it best, rounded up.
fn duration(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3600)),
    }
}

fn step(step: &Step) -> Vec<String> {
    let command = step.command.as_ref().map(|command| format!("$ {command}"));
    entry([step.title.to_string(), step.why.to_string()].into_iter().chain(command))
}

/// Files as commands that write them. A here-document ends with a line of its own, so nothing here is indented; a mark at
/// each line of a file, which the command takes away, keeps it from being anything else.
fn written(text: &mut String, files: &[File], sources: &Sources) {
    if !files.is_empty() {
        text.push_str("\nFiles to write on the nodes; `--output-dir DIR` writes them below a folder\n");
    }
    for File { path, content, why } in files {
        let (path, why) = (path.as_str(), plain::marked(why.as_str(), "  "));
        let lines = content.as_str().lines().fold(String::new(), |lines, line| lines + "| " + line + "\n");
        let is_exact = shown(&lines, sources) == lines;
        let (command, end) = if is_exact {
            (format!("sed 's/^| //' <<'END' | sudo install -D -m 600 /dev/stdin {}\n", quoted(path)), "END\n")
        } else {
            // What is pasted would not be the file.
            ("It has characters that are not printed: write it with `--output-dir DIR`\n".to_owned(), "")
        };
        // Writing to a String cannot fail.
        let _ = write!(text, "\n- {path}\n  {why}\n\n{command}{lines}{end}");
    }
}

/// A text as one word of a shell.
pub(super) fn quoted(path: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '/' | '.' | '_' | '-');
    if path.chars().all(is_plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

fn section(text: &mut String, title: &str, entries: impl Iterator<Item = Vec<String>>) {
    let mut entries = entries.peekable();
    if entries.peek().is_none() {
        return;
    }
    // Writing to a String cannot fail.
    let _ = write!(text, "\n{title}\n");
    for entry in entries {
        let _ = writeln!(text, "\n- {}", entry.join("\n    "));
    }
}

/// Steps of which each needs those before it.
fn numbered(text: &mut String, title: &str, steps: &[Step]) {
    // Writing to a String cannot fail.
    let _ = write!(text, "\n{title}\n");
    for (index, one) in steps.iter().enumerate() {
        let _ = writeln!(text, "\n{}. {}", index + 1, step(one).join("\n     "));
    }
}
