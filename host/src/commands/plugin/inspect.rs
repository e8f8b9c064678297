//! `render plugin inspect`: everything that a component says of itself, read and never run, so that a plugin can be
//! looked at before it is trusted.

use serde_json::{Value, json};
use wasmparser::Validator;

use render_files::By;
use render_pipeline::emit;
use render_pipeline::load;
use render_plugins::description::{self, Description, Kind};
use render_plugins::limits::Limits;
use render_report::plain::{self, word};
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::hex;
use render_text::yaml;

use super::{described, pack};
use crate::args::plugin::{InspectArgs, InspectFormat};
use crate::terminal;

/// Prints what a component is.
///
/// # Errors
/// A file that cannot be read, or that is no plugin of this version.
pub(super) fn inspect(arguments: &InspectArgs) -> Result<(), Failure> {
    let named = arguments.component.display().to_string();
    let component = load::bytes(&arguments.component, By::Person, Limits::default().component_bytes)?;
    let seen = looked_at(&component)
        .map_err(|error| Diagnostic { message: format!("{named}: {}", error.message), ..error })?;
    match arguments.output {
        InspectFormat::Json => emit::stdout(&plain::json(&format!("{:#}\n", seen.json()))),
        InspectFormat::Text => terminal::say(&seen.text().map_err(Failure::Internal)?),
    }
}

/// What there is to see.
struct Seen<'a> {
    description: Description,
    interface: String,
    exports: Vec<&'a str>,
    component: &'a [u8],
}

fn looked_at(component: &[u8]) -> Result<Seen<'_>, Diagnostic> {
    let (description, interface) = description::read(component, &Limits::default())?;
    Validator::new().validate_all(component).map_err(|error| pack::not_valid(&error))?;
    described::keeps_its_promises(&description)?;
    Ok(Seen { description, interface, exports: description::exports(component)?, component })
}

impl Seen<'_> {
    fn json(&self) -> Value {
        let Description { name, version, about, schema, defaults, permissions } = &self.description;
        json!({
            "name": name,
            "version": version,
            "about": about,
            "interface": self.interface,
            "imports": [],
            "exports": self.exports,
            "size": self.component.len(),
            "sha256": hex::sha256(self.component),
            "permissions": permissions,
            "schema": schema,
            "defaults": defaults,
        })
    }

    fn text(&self) -> Result<String, String> {
        let Description { name, version, about, schema, defaults, .. } = &self.description;
        let facts = [
            ("interface", self.interface.clone()),
            ("imports", "nothing".to_owned()),
            ("exports", self.exports.join(", ")),
            ("size", format!("{} bytes", self.component.len())),
            ("sha256", hex::sha256(self.component)),
        ];
        let facts: Vec<String> = facts.iter().map(|(what, fact)| format!("{what:<12}{}\n", word(fact))).collect();
        let facts = facts.concat();
        let schema = yaml::emit::document(&Value::Object(schema.clone()))?;
        let defaults = yaml::emit::document(&Value::Object(defaults.clone()))?;
        Ok(format!(
            "{name} {}\n{}\n\n{facts}\nIt asks for:\n{}\nThe schema of its section:\n{}\nIts defaults:\n{}",
            word(version.as_str()),
            word(about.as_str()),
            self.permissions(),
            indented(&schema),
            indented(&defaults),
        ))
    }

    fn permissions(&self) -> String {
        let permissions = &self.description.permissions;
        let kinds = |verb: &str, kinds: &[Kind]| -> Vec<String> {
            kinds.iter().map(|kind| format!("{verb:<8}{} {}", kind.api_version, kind.kind)).collect()
        };
        let patches = permissions.patch.iter().flat_map(|grant| {
            grant.paths.iter().map(|path| format!("{:<8}{} {} {path}", "patch", grant.api_version, grant.kind))
        });
        let (read, add) = (kinds("read", &permissions.read), kinds("add", &permissions.add));
        let all = read.into_iter().chain(add).chain(patches).chain(kinds("remove", &permissions.remove));
        let lines: Vec<String> = all.map(|line| format!("  {}\n", word(&line))).collect();
        if lines.is_empty() { "  nothing\n".to_owned() } else { lines.concat() }
    }
}

fn indented(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("  {line}\n")).collect();
    lines.concat()
}
