//! Each fixture is one plugin that does what none may, and beside it stands the whole message, `<name>.err`:
//! - `<name>.answer` is what the plugin answers, byte for byte;
//! - `<name>.second` is the same for a plugin that comes after another one, whose answer is `first.json`;
//! - `<name>.schema` is the schema of its section, which `section.json` is checked against;
//! - `<name>.wat` is the core code of its `transform`, or a whole component or module;
//! - those that are too large to write down are made in [`generated`].
//!
//! All are given `manifests.json` and granted what `description.json` asks for, or `<name>.json` in its place.
//! `RENDER_BLESS=1 cargo test hostile` writes the messages anew.

/// Components that are too large to write down, and those that are almost right.
mod generated;
/// The table of messages, time and memory.
mod table;

use std::fs;
use std::path::{Path, PathBuf};

use render_objects::manifest::ManifestSet;
use render_platform::values::schema::VOCABULARY;
use render_plugins::Plugin;
use render_plugins::limits::Limits;
use render_plugins::open::{Runtime, open};
use render_plugins::transform::{Input, transform};
use render_schema::Schema;
use render_schema::check::check;
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::node::{Node, Origin, Tree};
use serde_json::{Value, json};

use crate::component;

/// One plugin that misbehaves.
struct Case {
    name: String,
    /// Makes its component.
    plugin: Box<dyn Fn() -> Vec<u8>>,
    limits: Limits,
    /// The answer of the plugin before it, if there is one.
    first: Option<String>,
}

#[test]
fn every_plugin_that_misbehaves_is_refused() {
    let runtime = Runtime::default();
    let good = good(&runtime);
    let mut wrong = Vec::new();
    for case in cases() {
        wrong.extend(difference(&case, &refusal(&case, &runtime)));
        assert_eq!(self::good(&runtime), good, "{} has an effect on a later call", case.name);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A message that belongs to no plugin is a plugin that was lost.
#[test]
fn every_message_belongs_to_a_plugin() {
    let names: Vec<String> = cases().into_iter().map(|case| case.name).collect();
    assert!(names.len() > 100, "only {} were found", names.len());
    let files = files(&["err"]).into_iter().map(|path| stem(&path));
    let lost: Vec<String> = files.filter(|name| !names.contains(name)).collect();
    assert_eq!(lost, Vec::<String>::new());
}

#[test]
fn text_is_not_a_component() {
    let case = Case { plugin: Box::new(|| b"apiVersion: v1".to_vec()), ..case("text") };
    let refused = refusal(&case, &Runtime::default());
    assert!(refused.starts_with("error: plugin ./evil.wasm: not a WebAssembly component: "), "{refused}");
}

/// Wherever a component ends too early, and whichever bit is wrong: it is refused, or does what it does within its
/// limits, and nothing else happens.
#[test]
fn a_damaged_component_is_refused_or_harmless() {
    let runtime = Runtime::default();
    let good = good(&runtime);
    let whole = component::answering(&read("description.json"), "{}");
    let refused = |plugin: Vec<u8>| {
        let limits = Limits { fuel: 1_000_000, ..Limits::default() };
        let said = refusal(&Case { plugin: Box::new(move || plugin.clone()), limits, ..case("damaged") }, &runtime);
        assert!(said.starts_with("error: ") || said.starts_with("it was let through"), "{said}");
        said.starts_with("error")
    };
    // What stands behind the description are names for whoever debugs it.
    let through: Vec<usize> = (0..whole.len()).step_by(5).filter(|end| !refused(whole[..*end].to_vec())).collect();
    assert!(through.len() < 3, "cut at {through:?}");
    for at in (0..whole.len() * 8).step_by(23) {
        let mut plugin = whole.clone();
        plugin[at / 8] ^= 1 << (at % 8);
        refused(plugin);
    }
    assert_eq!(self::good(&runtime), good);
}

fn difference(case: &Case, said: &str) -> Option<String> {
    let file = folder().join(format!("{}.err", case.name));
    if crate::support::blessing() {
        fs::write(&file, said).unwrap();
    }
    let expected = fs::read_to_string(file).unwrap_or_default();
    (said != expected).then(|| format!("{}:\n{said}--- instead of:\n{expected}", case.name))
}

/// What a good plugin answers.
fn good(runtime: &Runtime) -> String {
    let answer = r#"{"changes": [{"op": "add", "reason": "a", "manifest":
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "good"}}}]}"#;
    let plugin = component::answering(&read("description.json"), answer);
    let plugin = open("good", plugin, &Limits::default()).unwrap();
    let done = transform(runtime, &[&plugin], input(&nothing()), manifests()).unwrap();
    done.manifests.iter().map(|manifest| manifest.value.to_string()).collect()
}

/// What is said of a plugin that must not get through.
fn refusal(case: &Case, runtime: &Runtime) -> String {
    let plugin = match open("./evil.wasm", (case.plugin)(), &case.limits) {
        Ok(plugin) => plugin,
        Err(error) => return said(&[error]),
    };
    let wrong = section(&plugin);
    if !wrong.is_empty() {
        return said(&wrong);
    }
    let first = case.first.as_ref().map(|answer| {
        let description = read("description.json").replace("\"evil\"", "\"first\"");
        open("first", component::answering(&description, answer), &Limits::default()).unwrap()
    });
    let plugins: Vec<&Plugin> = first.iter().chain([&plugin]).collect();
    match transform(runtime, &plugins, input(&nothing()), manifests()) {
        Ok(done) => format!("it was let through, with {} changes\n", done.applied.len()),
        Err(Failure::Input(errors)) => said(&errors),
        Err(Failure::Internal(error)) => error,
    }
}

/// What the schema of the plugin says of its section, which is valid unless the schema is not.
fn section(plugin: &Plugin) -> Vec<Diagnostic> {
    let schema = Value::Object(plugin.description.schema.clone());
    if schema == json!({"type": "object", "additionalProperties": false}) {
        return Vec::new();
    }
    let section: Value = serde_json::from_str(&read("section.json")).unwrap();
    let origin = Origin::Derived { reason: String::new(), inputs: Vec::new() };
    check(&Node::derived(&section, &origin), Schema::of(&schema))
}

fn said(errors: &[Diagnostic]) -> String {
    let line = |error: &Diagnostic| {
        let hint = error.hint.as_ref().map(|hint| format!("  hint: {hint}\n"));
        format!("error: {}\n{}", error.message, hint.unwrap_or_default())
    };
    errors.iter().map(line).collect()
}

fn input(origins: &Node) -> Input<'_> {
    static NOTHING: Value = Value::Null;
    Input { environment: "prd", values: &NOTHING, origins, vocabulary: &VOCABULARY }
}

fn nothing() -> Node {
    Node { tree: Tree::Map(render_text::node::Map::new()), origins: Vec::new() }
}

fn manifests() -> ManifestSet {
    let values: Vec<Value> = serde_json::from_str(&read("manifests.json")).unwrap();
    let mut set = ManifestSet::default();
    for value in values {
        set.push(value, "test").unwrap();
    }
    set
}

fn cases() -> Vec<Case> {
    let written = files(&["answer", "second", "schema", "wat"]).into_iter().map(|path| written(&path));
    written.chain(generated::cases()).collect()
}

/// The plugin that a file describes.
fn written(path: &Path) -> Case {
    let first = path.extension().is_some_and(|ending| ending == "second").then(|| read("first.json"));
    let path = path.to_owned();
    // One that loops uses up the default; a tenth of it shows the same for all others.
    let default = Limits::default();
    let fuel = if stem(&path) == "loops-forever" { default.fuel } else { default.fuel / 10 };
    let limits = Limits { fuel, ..default };
    Case { limits, first, ..case(&stem(&path)) }.with(move || made(&path))
}

fn made(path: &Path) -> Vec<u8> {
    let text = fs::read_to_string(path).unwrap();
    let description = fs::read_to_string(path.with_extension("json")).unwrap_or_else(|_| read("description.json"));
    match path.extension().unwrap().to_str().unwrap() {
        "schema" => {
            let schema = "{\"type\": \"object\", \"additionalProperties\": false}";
            component::answering(&description.replace(schema, &text), "{}")
        }
        "wat" if is_whole(&text) => wat::parse_str(&text).expect("the fixture is valid WebAssembly text"),
        "wat" => component::running(&description, &text),
        _ => component::answering(&description, text.trim_end()),
    }
}

impl Case {
    fn with(self, plugin: impl Fn() -> Vec<u8> + 'static) -> Self {
        Self { plugin: Box::new(plugin), ..self }
    }
}

fn is_whole(text: &str) -> bool {
    let code = text.lines().find(|line| !line.starts_with(";;")).unwrap_or_default();
    code.starts_with("(component") || code.starts_with("(module")
}

/// A case that is nothing yet but a name.
fn case(name: &str) -> Case {
    Case { name: name.to_owned(), plugin: Box::new(Vec::new), limits: Limits::default(), first: None }
}

fn files(extensions: &[&str]) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| extensions.contains(&ending.to_str().unwrap())));
    files.sort();
    files
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_str().unwrap().to_owned()
}

fn read(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/hostile")
}
