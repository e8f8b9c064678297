//! What a plugin says of itself: JSON in a custom section of the component, read without running or
//! compiling anything, so that a plugin can be looked at before it is trusted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use wasmparser::{ComponentExport, ComponentImport, Encoding, Parser, Payload};

use render_objects::manifest::list;
use render_objects::patch;
use render_schema as schema;
use render_text::diagnostic::Diagnostic;

use super::limits::{Limits, bytes, raise};
use super::notes::Text;
use super::reserved;
use super::shape::Shape;

/// The name of the custom section.
pub const SECTION: &str = "render:description";
/// The interface every plugin exports; what follows is the version.
pub const INTERFACE: &str = "render:plugin/provider@";
/// What a plugin may be called, beside the length.
pub(crate) const NAME_PATTERN: &str = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$";
/// What the version of a plugin may be, beside the length.
pub(crate) const VERSION_PATTERN: &str = r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9A-Za-z.-]+)?$";
/// The most bytes of a version.
const LONGEST_VERSION: usize = 64;
/// The major version of the interface that this program speaks.
pub const MAJOR: &str = "1";

/// A plugin's own description.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// Its name, which is the key of its section in the values too.
    pub name: String,
    /// Its version.
    pub version: Text,
    /// What it does, in one line.
    pub about: Text,
    /// The JSON Schema of its section.
    pub schema: Map<String, Value>,
    /// What its section holds unless a file says otherwise.
    #[serde(default)]
    pub defaults: Map<String, Value>,
    /// What it asks to be granted.
    pub permissions: Permissions,
}

/// What a plugin may do, by kind. What is not listed is refused.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Permissions {
    /// Kinds it is shown.
    pub read: Vec<Kind>,
    /// Kinds it may add.
    pub add: Vec<Kind>,
    /// Kinds it may patch, and where.
    pub patch: Vec<PatchGrant>,
    /// Kinds it may take out.
    pub remove: Vec<Kind>,
}

/// A kind of object.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Kind {
    /// The whole `apiVersion`.
    pub api_version: String,
    /// `kind`.
    pub kind: String,
}

/// A kind of object and the parts of it that may be patched.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PatchGrant {
    /// The whole `apiVersion`.
    pub api_version: String,
    /// `kind`.
    pub kind: String,
    /// Everything at and below these paths, selectors included.
    pub paths: Vec<String>,
}

/// What was found in a component.
#[derive(Debug, Default)]
struct Findings<'a> {
    sections: Vec<&'a [u8]>,
    imports: Vec<&'a str>,
    exports: Vec<&'a str>,
    shape: Shape,
}

/// Reads the description and the name of the exported interface.
///
/// # Errors
/// When the bytes are no component, import anything, export no interface of this major version, or
/// hold no description, two of them, or one that is too large or of another shape.
pub fn read(component: &[u8], limits: &Limits) -> Result<(Description, String), Diagnostic> {
    if component.len() > limits.component_bytes {
        let (size, limit) = (bytes(component.len()), bytes(limits.component_bytes));
        return Err(Diagnostic::error(format!("the component is {size}; the limit is {limit}")).hint(raise(
            limits,
            "component-size",
            component.len(),
            "build it without debug information",
        )));
    }
    let findings = walk(component)?;
    no_imports(&findings.imports)?;
    findings.shape.check()?;
    let export = interface(&findings.exports)?;
    let description = parse(one_section(&findings.sections, limits)?)?;
    Ok((description, export))
}

/// Looks through the schema for what validation would pass over or stop at.
///
/// # Errors
/// The first thing that is found, and how many more there are.
pub(crate) fn supported(description: &Description) -> Result<(), Diagnostic> {
    let found = schema::subset::outside(&Value::Object(description.schema.clone()));
    let rest = found.len().saturating_sub(1);
    let Some(first) = found.into_iter().next() else { return Ok(()) };
    let more = if rest == 0 { String::new() } else { format!(", and {rest} more like this") };
    Err(Diagnostic::error(format!("in its description {}{more}", first.message))
        .hint("schemas/plugin-description.json lists the keywords that a schema may use"))
}

/// Everything that a component exports, by name.
///
/// # Errors
/// When the bytes are no component.
pub fn exports(component: &[u8]) -> Result<Vec<&str>, Diagnostic> {
    walk(component).map(|findings| findings.exports)
}

/// Collects what is asked for from the component and, for the section, from everything nested in it.
fn walk(component: &[u8]) -> Result<Findings<'_>, Diagnostic> {
    let mut findings = Findings::default();
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(component) {
        let payload = payload.map_err(|error| not_a_component(error.message()))?;
        findings.shape.count(&payload);
        match payload {
            Payload::Version { encoding: Encoding::Module, .. } if depth == 0 => return Err(core_module()),
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(imports) if depth == 0 => {
                let imports = imports.into_iter().collect::<Result<Vec<ComponentImport<'_>>, _>>();
                let imports = imports.map_err(|error| not_a_component(error.message()))?;
                findings.imports.extend(imports.iter().map(|import| import.name.name));
            }
            Payload::ComponentExportSection(exports) if depth == 0 => {
                let exports = exports.into_iter().collect::<Result<Vec<ComponentExport<'_>>, _>>();
                let exports = exports.map_err(|error| not_a_component(error.message()))?;
                findings.exports.extend(exports.iter().map(|export| export.name.name));
            }
            Payload::CustomSection(section) if section.name() == SECTION => findings.sections.push(section.data()),
            _ => {}
        }
    }
    Ok(findings)
}

fn not_a_component(reason: &str) -> Diagnostic {
    // What follows are the bytes that it found instead, each on a line.
    let reason = reason.split(" - expected").next().unwrap_or_default();
    Diagnostic::error(format!("not a WebAssembly component: {reason}"))
        .hint("name the `.wasm` file that the build of the plugin wrote")
}

fn core_module() -> Diagnostic {
    Diagnostic::error("a WebAssembly core module, not a component")
        .hint("build it for wasm32-unknown-unknown with `linker = \"wasm-component-ld\"`")
}

fn no_imports(imports: &[&str]) -> Result<(), Diagnostic> {
    if imports.is_empty() {
        return Ok(());
    }
    let names = list(imports.iter().map(|name| format!("`{name}`")));
    Err(Diagnostic::error(format!("it imports {names}, and a plugin may import nothing")).hint(
        "build it for wasm32-unknown-unknown; with another toolchain, turn its standard input, clock and randomness off",
    ))
}

/// The exported interface, whose minor version may be any: the JSON that crosses it grows by optional members.
fn interface(exports: &[&str]) -> Result<String, Diagnostic> {
    let versions: Vec<&str> = exports.iter().filter_map(|name| name.strip_prefix(INTERFACE)).collect();
    let major = |version: &str| version.split('.').next().unwrap_or_default().to_owned();
    if let Some(version) = versions.iter().find(|version| major(version) == MAJOR) {
        return Ok(format!("{INTERFACE}{version}"));
    }
    let Some(other) = versions.first() else {
        let found = if exports.is_empty() {
            "nothing".to_owned()
        } else {
            list(exports.iter().map(|name| format!("`{name}`")))
        };
        return Err(Diagnostic::error(format!("it exports {found}, not the interface `{INTERFACE}{MAJOR}.0.0`"))
            .hint("build it with the sdk, or from schemas/plugin.wit"));
    };
    let hint = match (major(other).parse::<u64>(), MAJOR.parse::<u64>()) {
        (Ok(theirs), Ok(ours)) if theirs > ours => "update render, or take an older version of the plugin",
        _ => "take a newer version of the plugin, or build it again with this version's sdk",
    };
    Err(Diagnostic::error(format!("it speaks version {other} of the plugin interface, and this render speaks {MAJOR}"))
        .hint(hint))
}

fn one_section<'a>(sections: &[&'a [u8]], limits: &Limits) -> Result<&'a [u8], Diagnostic> {
    match sections {
        [section] if section.len() > limits.description_bytes => {
            let (size, limit) = (bytes(section.len()), bytes(limits.description_bytes));
            Err(Diagnostic::error(format!("its description is {size}; the limit is {limit}")).hint(raise(
                limits,
                "description-size",
                section.len(),
                "leave descriptions and examples out of the schema",
            )))
        }
        [section] => Ok(section),
        [] => Err(Diagnostic::error(format!("it has no description: no custom section `{SECTION}`"))
            .hint("the sdk's macro writes it; in another language, add the section once the component is built")),
        several => {
            Err(Diagnostic::error(format!("it has {} custom sections `{SECTION}`, and needs one", several.len()))
                .hint("link one plugin into a component"))
        }
    }
}

fn parse(section: &[u8]) -> Result<Description, Diagnostic> {
    let description: Description = serde_json::from_slice(section).map_err(|error| {
        Diagnostic::error(format!("its description is not what the contract allows: {error}"))
            .hint("the line and column are of the JSON in the custom section")
    })?;
    checked_paths(&description.permissions)?;
    checked_name(&description.name)?;
    checked_version(description.version.as_str())?;
    Ok(description)
}

/// A path that cannot be read grants nothing, and an empty one everything: neither is what it looks like.
fn checked_paths(permissions: &Permissions) -> Result<(), Diagnostic> {
    for path in permissions.patch.iter().flat_map(|grant| &grant.paths) {
        let why = match patch::steps(path) {
            Ok(steps) if steps.is_empty() => "it is empty".to_owned(),
            Ok(_) => continue,
            Err(problem) => problem.to_string(),
        };
        return Err(Diagnostic::error(format!("its description asks to patch `{path}`, which is no path: {why}"))
            .hint("a path is written as in `/metadata/annotations`"));
    }
    Ok(())
}

/// Locks and lists have it in a line of theirs.
fn checked_version(version: &str) -> Result<(), Diagnostic> {
    let is_one = regex_lite::Regex::new(VERSION_PATTERN).is_ok_and(|pattern| pattern.is_match(version));
    if is_one && version.len() <= LONGEST_VERSION {
        return Ok(());
    }
    Err(Diagnostic::error("its version is none as in 1.2.3 or 1.2.3-rc.1")
        .hint("the plugin's author has to give it one by the rules of semver.org"))
}

/// Its section is named as it is, so it cannot have the name of one of the program's own.
fn checked_name(name: &str) -> Result<(), Diagnostic> {
    if reserved::is_own(name) {
        return Err(Diagnostic::error(format!("its name `{name}` is a key of render's own values"))
            .hint("the plugin's author has to rename it"));
    }
    let plain = |word: &str| !word.is_empty() && word.chars().all(|char| matches!(char, 'a'..='z' | '0'..='9'));
    if name.len() <= 63 && name.starts_with(|char: char| char.is_ascii_lowercase()) && name.split('-').all(plain) {
        return Ok(());
    }
    Err(Diagnostic::error(format!("its name {name:?} cannot be a key of the values"))
        .hint("use words of a-z and 0-9 with `-` between them, a letter first"))
}
