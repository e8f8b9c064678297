//! From values to manifests. Values never pass through text: the formatter writes a placeholder, the
//! rendered text is parsed, and a placeholder that is a whole scalar becomes the typed value. So
//! there is no quoting, no indenting and no escaping, and no value can break out of its place.

mod builtins;
mod limits;
mod marks;
mod metered;
mod names;
mod operators;
mod placeholders;
mod shape;
mod tags;
mod trace;
mod written;

use std::path::Path;
use std::sync::OnceLock;

use indexmap::IndexMap;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Rest, ValueOrKwargs};
use minijinja::{Environment, Error, State, UndefinedBehavior, Value};
use serde_json::Value as Json;

use render_objects::manifest::ManifestSet;
use render_text::diagnostic::{Diagnostic, Found};
use render_text::node::{Node, Tree};
use render_text::source::{Place, SourceId, Sources};
use render_text::yaml;

use self::placeholders::{Misplaced, Placeholders, Spread};
use self::shape::Misshapen;

pub use self::written::written;

/// The program's own templates, and what all templates can call beside the engine's own filters.
#[derive(Debug)]
pub struct Library {
    /// Every template: its name, and its text.
    templates: &'static [(&'static str, &'static str)],
    /// Adds functions and filters.
    functions: fn(&mut Environment<'static>),
    /// The environment of all renderings of a run.
    environment: OnceLock<Environment<'static>>,
}

/// The input of a rendering.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The program's own templates.
    pub library: &'static Library,
    /// The values with the places that set them.
    pub tree: &'a Node,
    /// The same values without places.
    pub json: &'a Json,
    /// The names of the user's own templates that the values ask for.
    pub wanted: &'a [String],
    /// The user's own templates by the path that names them.
    pub own: &'a IndexMap<String, SourceId>,
}

impl Library {
    /// A library of templates and of the functions that they call.
    #[must_use]
    pub const fn new(
        templates: &'static [(&'static str, &'static str)],
        functions: fn(&mut Environment<'static>),
    ) -> Self {
        Self { templates, functions, environment: OnceLock::new() }
    }

    fn get(&self, name: &str) -> Option<&'static str> {
        self.templates.iter().find(|(other, _)| *other == name).map(|(_, text)| *text)
    }
}

/// Renders every template of the program, then the user's own.
///
/// # Errors
/// A template that is wrong, reads a value that is not there, puts a value in the middle of text, or
/// makes what is no manifest; the same object made twice.
pub fn render(input: &Input, sources: &mut Sources) -> Found<ManifestSet> {
    rendered(templates(input, sources), input, sources)
}

/// Renders the user's own templates alone, to go beside manifests of another renderer.
///
/// # Errors
/// As [`render`].
pub fn render_own(input: &Input, sources: &mut Sources) -> Found<ManifestSet> {
    rendered(users(input, sources), input, sources)
}

/// A function or filter that a library adds, with its arguments and its result weighed.
pub fn weighed(
    function: Value,
) -> impl Fn(&mut State, Rest<ValueOrKwargs>) -> Result<Value, Error> + Send + Sync + 'static {
    builtins::weighed(function, None)
}

/// Counts work that takes `times` as long as to read a value.
///
/// # Errors
/// The limit of a template is exceeded.
pub fn count(state: &mut State, value: &Value, times: usize) -> Result<(), Error> {
    limits::count(state, limits::weigh(value)?.saturating_mul(times))
}

/// A list whose items go in its place into the list around it.
#[must_use]
pub fn spread(value: Value) -> Value {
    Value::from_object(Spread(value))
}

fn rendered(templates: Vec<Template>, input: &Input, sources: &mut Sources) -> Found<ManifestSet> {
    let context = Value::from(minijinja::value::Serde(input.json));
    let mut set = ManifestSet::default();
    let mut mistakes = unread(input);
    let environment = input.library.environment.get_or_init(|| environment(input.library));
    for template in templates {
        match manifests(&template, environment, (&context, input), sources) {
            Ok(made) => mistakes.extend(add(&mut set, made, &template)),
            Err(found) => mistakes.extend(found),
        }
    }
    if mistakes.is_empty() { Ok(set) } else { Err(mistakes) }
}

/// Adds what a template made, and returns what is wrong with it.
fn add(set: &mut ManifestSet, made: Vec<Json>, template: &Template) -> Vec<Diagnostic> {
    let wrong = |mistake: Diagnostic| {
        let message = format!("template {}: {}", template.name, mistake.message);
        Diagnostic { message, ..mistake }.at(template.named_at)
    };
    made.into_iter().filter_map(|manifest| set.push(manifest, &template.name).err().map(wrong)).collect()
}

/// Templates that are named where no file is: a path is relative to the file that names it.
fn unread(input: &Input) -> Vec<Diagnostic> {
    let wanted = input.wanted.iter().filter(|name| !input.own.contains_key(*name));
    let finding = |name: &String| {
        Diagnostic::error(format!("the template `{name}` is not named in a file"))
            .at(named_at(input, name))
            .hint("name it under `templates` in a file of values, relative to that file")
    };
    wanted.map(finding).collect()
}

/// Where the values name one of the user's own templates.
fn named_at(input: &Input, name: &str) -> Option<Place> {
    let Tree::List(items) = &input.tree.get("templates")?.tree else { return None };
    items.iter().find(|item| item.tree == Tree::String(name.to_owned()))?.place()
}

/// One template: its name for messages, and where its text is.
struct Template {
    name: String,
    source: Option<SourceId>,
    /// Those that it can include.
    library: &'static Library,
    /// Where the values name it; nothing names those of the program.
    named_at: Option<Place>,
    text: String,
}

fn templates(input: &Input, sources: &Sources) -> Vec<Template> {
    let built_in = input.library.templates.iter().filter(|(name, _)| is_manifest(name)).map(|(name, text)| Template {
        name: (*name).to_owned(),
        source: None,
        library: input.library,
        named_at: None,
        text: (*text).to_owned(),
    });
    built_in.chain(users(input, sources)).collect()
}

fn users(input: &Input, sources: &Sources) -> Vec<Template> {
    let wanted = input.own.iter().filter(|(name, _)| input.wanted.contains(name));
    let template = |(name, source): (&String, &SourceId)| Template {
        name: name.clone(),
        source: Some(*source),
        library: input.library,
        named_at: named_at(input, name),
        text: sources.get(*source).text.clone(),
    };
    wanted.map(template).collect()
}

/// Parts that other templates include make no manifest of their own.
fn is_manifest(name: &str) -> bool {
    let path = Path::new(name);
    path.extension().is_some_and(|ending| ending == "yaml")
        && !path.starts_with("workload")
        && !path.ends_with("pod.yaml")
}

fn manifests(
    template: &Template,
    environment: &Environment,
    (context, input): (&Value, &Input),
    sources: &mut Sources,
) -> Found<Vec<Json>> {
    match render_once(template, environment, context, sources) {
        Ok(manifests) => Ok(manifests),
        Err(Wrong::Template(error)) => Err(vec![trace::template_error(template, &error, input.tree, sources)]),
        Err(Wrong::Yaml(found)) => Err(trace::yaml_errors(template, found)),
        Err(Wrong::Place(wrong)) => Err(vec![trace::misplaced(template, context, &wrong, sources)]),
        Err(Wrong::Shape(wrong)) => Err(vec![trace::misshapen(template, wrong, sources)]),
    }
}

/// Why a template made no manifests.
enum Wrong {
    Template(minijinja::Error),
    Yaml(Vec<Diagnostic>),
    Place(Misplaced),
    Shape(Misshapen),
}

fn render_once(
    template: &Template,
    environment: &Environment,
    context: &Value,
    sources: &mut Sources,
) -> Result<Vec<Json>, Wrong> {
    let metered;
    let parsed = if template.source.is_some() {
        shape::check(&template.text, &syntax()).map_err(Wrong::Shape)?;
        metered = metered::metered(&template.text, &syntax());
        environment.template_from_named_str(&template.name, &metered.text)
    } else {
        // Those of the program are compiled once, however many environments there are.
        environment.get_template(&template.name)
    };
    let parsed = parsed.map_err(Wrong::Template)?;
    let captured = parsed.render_captured(context.clone()).map_err(Wrong::Template)?;
    let output = captured.output();
    let empty = Placeholders::default();
    let state = captured.state();
    let values = state.get_extension::<Placeholders>().unwrap_or(&empty);
    values.all_in(output).map_err(Wrong::Place)?;
    if output.trim().is_empty() {
        return Ok(Vec::new());
    }
    let shown = sources.add_unread(format!("{} (rendered)", template.name), placeholders::shown(output));
    let documents = yaml::read(shown, output).map_err(Wrong::Yaml)?;
    let documents = documents.iter().filter_map(|document| values.fill(document).transpose());
    documents.map(|filled| filled.map_err(Wrong::Place)).collect()
}

fn environment(library: &'static Library) -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(syntax());
    environment.set_fuel(Some(limits::MAX_STEPS));
    environment.set_recursion_limit(limits::MAX_RECURSION);
    environment.set_debug(true);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.set_formatter(placeholders::format);
    environment.set_loader(|name| Ok(library.get(name).map(str::to_owned)));
    builtins::add(&mut environment);
    operators::add(&mut environment);
    (library.functions)(&mut environment);
    debug_assert!(library.templates.iter().all(|(_, text)| is_within_limits(text)));
    environment
}

/// Whether a template of the program keeps the limits of users' templates. A release build does not check them.
fn is_within_limits(text: &str) -> bool {
    text.len() <= metered::INCLUDED && shape::check(text, &syntax()).is_ok()
}

fn syntax() -> SyntaxConfig {
    let lines = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build();
    lines.unwrap_or_default()
}
