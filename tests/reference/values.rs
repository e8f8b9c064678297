//! The reference of the values, from the schemas of the host and of its plugins, and their defaults. A nested map is a
//! few rows of its parent when it is small, and a heading of its own otherwise; what several places share is told once.

use std::collections::BTreeMap;

use render_platform::values;
use render_platform::values::workload::Workload;
use render_plugins::built_in;
use render_plugins::limits::Limits;
use render_plugins::open;
use render_text::source::Sources;
use render_text::yaml;
use serde_json::{Map, Value, json};

use crate::support::anchor;

use super::wording::{about, code, kind, list, meaning, name, words};

/// A nested map with no more keys than this is told in the table of the map that holds it.
const SMALL: usize = 4;
/// LiveKit's own configuration is long enough for a section of its own.
const CONFIG: &str = "livekit.config";

/// The whole page.
pub(super) fn reference() -> String {
    let schema = with_workload(values::schema::generated());
    let defaults = defaults();
    let book = Book { shared: shared(&schema), document: &schema };
    let mut parts = top_level(&book, &defaults);
    let own: Vec<_> = built_in::names().map(|name| (name, plugin(name))).collect();
    let plugins: Vec<(Book, Part)> = own
        .iter()
        .map(|(name, (schema, defaults))| {
            let book = Book { shared: Vec::new(), document: schema };
            (book, Part::top(name, schema, vec![("Default", Some(defaults))]))
        })
        .collect();
    parts.push(workload(&book, &defaults));
    let sections = parts.iter().map(|part| section(&book, part));
    let sections = sections.chain(plugins.iter().map(|(book, part)| section(book, part))).collect::<String>();
    let names: Vec<&str> = parts.iter().chain(plugins.iter().map(|(_, part)| part)).map(|part| &*part.path).collect();
    intro(&names) + &sections + &shapes(&book)
}

/// A schema document, and which of its definitions are told once, under a heading of their own.
pub(super) struct Book<'a> {
    document: &'a Value,
    shared: Vec<&'a str>,
}

/// A map of the values: where it is, what it may hold, and what it holds by default, a column for each default.
#[derive(Clone)]
struct Part<'a> {
    path: String,
    level: usize,
    schema: &'a Value,
    defaults: Vec<(&'a str, Option<&'a Value>)>,
}

impl<'a> Part<'a> {
    fn top(path: &str, schema: &'a Value, defaults: Vec<(&'a str, Option<&'a Value>)>) -> Self {
        Self { path: path.to_owned(), level: 2, schema, defaults }
    }

    /// The map under a key; `rest` is what follows the key in paths: nothing, `[]` for items, `.<name>` for entries.
    fn inside(&self, key: &str, rest: &str, schema: &'a Value) -> Self {
        let at = |default: Option<&'a Value>| default.and_then(|map| map.get(key)).filter(|_| rest.is_empty());
        let defaults = self.defaults.iter().map(|(column, default)| (*column, at(*default))).collect();
        let path = if self.path.is_empty() { format!("{key}{rest}") } else { format!("{}.{key}{rest}", self.path) };
        Self { path, level: 3, schema, defaults }
    }
}

fn intro(names: &[&str]) -> String {
    let contents: Vec<String> = names.iter().map(|name| format!("- [{name}](#{})", anchor(name))).collect();
    format!(
        "# Values\n\n\
        What an environment file may say: a section for each top-level key, then the shapes that several keys share. A \
        key that is not here is an error. `extends` lists the files that a file builds on, relative to it; `null` takes \
        back what an earlier layer says. [Layers](guide/environments.md#layers) describes the order of files.\n\n\
        Keys are relative to the heading: under `livekit.service` the row `port` is `livekit.service.port`. In a path, \
        `[]` is an item of a list and `<name>` a name of your choice. An empty default means that nothing is set: \
        nothing is rendered for the key, LiveKit or Kubernetes decides, or the value follows from others, as its row \
        says. A value marked **secret** is masked wherever it would be printed, except in the Secret it is for.\n\n{}\n\
        - [Shapes](#shapes)\n",
        contents.join("\n")
    )
}

/// The sections of the host's own schema. LiveKit's configuration follows LiveKit.
fn top_level<'a>(book: &Book<'a>, defaults: &'a Value) -> Vec<Part<'a>> {
    let whole =
        Part { path: String::new(), level: 1, schema: book.document, defaults: vec![("Default", Some(defaults))] };
    let mut parts = Vec::new();
    for (key, property) in properties(whole.schema) {
        parts.push(Part { level: 2, ..whole.inside(key, "", property) });
        if let Some(config) = CONFIG.strip_prefix(&format!("{key}.")) {
            let parent = Part { level: 2, ..whole.inside(key, "", book.target(property)) };
            parts.push(Part { level: 2, ..parent.inside(config, "", &parent.schema["properties"][config]) });
        }
    }
    parts
}

/// The knobs of all workloads, with a column of defaults for each of them.
fn workload<'a>(book: &Book<'a>, defaults: &'a Value) -> Part<'a> {
    let of = |path| defaults.pointer(path);
    let columns = vec![("`livekit`", of("/livekit")), ("`redis.embedded`", of("/redis/embedded"))];
    Part::top("Workload", &book.document["$defs"]["Workload"], columns)
}

/// What is told once, under its own name, because several places refer to it.
fn shapes(book: &Book) -> String {
    let shape = |name: &&str| {
        let schema = &book.document["$defs"][*name];
        section(book, &Part { level: 3, ..Part::top(name, schema, Vec::new()) })
    };
    let sections: String = book.shared.iter().map(shape).collect();
    format!("\n## Shapes\n\nWhat several keys share.\n{sections}")
}

/// A heading, what it is, a table of its keys, and the sections of the maps inside.
fn section(book: &Book, part: &Part) -> String {
    // As code, because a page would take `<name>` for a tag.
    let heading = if part.path.contains('.') { format!("`{}`", part.path) } else { part.path.clone() };
    let text = format!("\n{} {heading}\n\n{}\n", "#".repeat(part.level), about(book, part.schema));
    match group(book, part.schema) {
        None => text + &alone(book, part, book.target(part.schema)),
        Some(("", map)) => text + &keys(book, &Part { schema: map, ..part.clone() }),
        Some((rest, map)) => {
            let each = if rest == "[]" { "item" } else { "entry" };
            let inner = Part { path: format!("{}{rest}", part.path), schema: map, defaults: Vec::new(), ..*part };
            text + &format!("\nEach {each}, `{}`: {}\n", inner.path, about(book, map)) + &keys(book, &inner)
        }
    }
}

/// A table of the keys of a map, and the sections of the maps inside.
fn keys(book: &Book, part: &Part) -> String {
    let mut inner = Vec::new();
    let rows = rows(book, part, "", &mut inner);
    let workload = part.schema.get("x-workload").map(|_| "\nIt also has the keys of every [Workload](#workload).\n");
    let sections: String = inner.iter().map(|part| section(book, part)).collect();
    workload.unwrap_or_default().to_owned() + &table(part, &rows) + &sections
}

/// What a section says about a value that is no map with known keys: its forms, its words, or its type.
fn alone(book: &Book, part: &Part, schema: &Value) -> String {
    let forms = list(&schema["anyOf"]).iter().map(|form| (kind(book, form), form["description"].as_str()));
    let words = words(schema).into_iter().map(|(word, meaning)| (code(&word), meaning));
    let choices = forms.chain(words).map(|(choice, meaning)| format!("\n- {choice}: {}", meaning.unwrap_or_default()));
    let choices: String = choices.collect();
    if !choices.is_empty() {
        return choices + "\n";
    }
    let default = part.defaults.iter().find_map(|(_, default)| *default);
    let default = default.map_or_else(String::new, |default| format!("; by default {}", code(default)));
    format!("\nType: {}{default}.\n", kind(book, schema))
}

fn table(part: &Part, rows: &[Vec<String>]) -> String {
    let columns = part.defaults.iter().map(|(column, _)| *column);
    let head: Vec<&str> = ["Key", "Type"].into_iter().chain(columns).chain(["Meaning"]).collect();
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let escaped = |row: &Vec<String>| line(&row.iter().map(|cell| cell.replace('|', "\\|")).collect::<Vec<_>>());
    let rule = format!("|{}\n", " --- |".repeat(head.len()));
    format!("\n| {} |\n{rule}{}", head.join(" | "), rows.iter().map(escaped).collect::<String>())
}

/// A row for each key: the key, its type, its defaults and its meaning. Maps that are too large go to `inner`.
fn rows<'a>(book: &Book<'a>, part: &Part<'a>, prefix: &str, inner: &mut Vec<Part<'a>>) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for (key, property) in properties(part.schema) {
        let name = format!("{prefix}{key}");
        let nested = group(book, property).map(|(rest, map)| (rest, part.inside(key, rest, map)));
        match nested {
            Some((_, nested)) if nested.path == CONFIG => {
                rows.push(row(book, part, key, &name, Some("[its own section](#livekitconfig)")));
            }
            Some(("", nested)) if is_small(book, nested.schema) => {
                rows.push(row(book, part, key, &name, Some("map")));
                rows.extend(self::rows(book, &nested, &format!("{name}."), inner));
            }
            Some((rest, nested)) => {
                let what = [("[]", "list of maps"), (".<name>", "maps by name")];
                let what = what.iter().find(|(other, _)| *other == rest).map_or("map", |(_, what)| what);
                let link = format!("[{what}](#{})", anchor(&nested.path));
                rows.push(row(book, part, key, &name, Some(&link)));
                inner.push(nested);
            }
            None => rows.push(row(book, part, key, &name, None)),
        }
    }
    rows
}

/// One row; `told` is the type of a map that is told in rows or a section of its own, whose defaults stand there.
fn row(book: &Book, part: &Part, key: &str, name: &str, told: Option<&str>) -> Vec<String> {
    let property = &part.schema["properties"][key];
    let default = |map: Option<&Value>| map.and_then(|map| map.get(key)).cloned();
    let defaults: Vec<Option<Value>> = part.defaults.iter().map(|(_, map)| default(*map)).collect();
    let mut kind = told.map_or_else(|| kind(book, property), str::to_owned);
    if list(&part.schema["required"]).contains(&json!(key)) && defaults.iter().all(Option::is_none) {
        kind += ", required";
    }
    let hidden = |default: &&Value| told.is_some() && default.is_object();
    let shown =
        |default: &Option<Value>| default.as_ref().filter(|default| !hidden(default)).map_or_else(String::new, code);
    let mut cells = vec![format!("`{name}`"), kind];
    cells.extend(defaults.iter().map(shown));
    cells.push(meaning(book, property));
    cells
}

/// The map with known keys that a value is (rest is empty), or holds many of: in a list (`[]`), or by name (`.<name>`).
fn group<'a>(book: &Book<'a>, property: &'a Value) -> Option<(&'static str, &'a Value)> {
    let known = |schema: &'a Value| Some(book.target(schema)).filter(|map| map.get("properties").is_some());
    let unshared = |schema: &&Value| !book.is_shared(schema);
    if let Some(map) = Some(property).filter(unshared).and_then(known) {
        return Some(("", map));
    }
    let schema = Some(property).filter(unshared).map(|schema| book.target(schema))?;
    let items = schema.get("items").filter(unshared).and_then(known).map(|map| ("[]", map));
    items.or_else(|| Some((".<name>", schema.get("additionalProperties").filter(unshared).and_then(known)?)))
}

fn is_small(book: &Book, map: &Value) -> bool {
    let mut properties = properties(map);
    map["properties"].as_object().is_some_and(|all| all.len() <= SMALL)
        && properties.all(|(_, property)| group(book, property).is_none())
        && map.get("x-workload").is_none()
}

impl<'a> Book<'a> {
    /// The definition that a `$ref` leads to, or the schema itself.
    pub(super) fn target<'b>(&self, schema: &'b Value) -> &'b Value
    where
        'a: 'b,
    {
        name(schema).map_or(schema, |name| &self.document["$defs"][name])
    }

    pub(super) fn is_shared(&self, schema: &Value) -> bool {
        name(schema).is_some_and(|name| self.shared.contains(&name))
    }
}

fn properties(schema: &Value) -> impl Iterator<Item = (&str, &Value)> {
    schema["properties"].as_object().into_iter().flatten().map(|(key, property)| (key.as_str(), property))
}

/// Moves what all workloads share out of each of them, into one definition.
fn with_workload(mut schema: Value) -> Value {
    let shape = schemars::schema_for!(Workload).to_value();
    let mut shared = Map::new();
    for workload in ["LiveKit", "EmbeddedRedis"] {
        let definition = &mut schema["$defs"][workload];
        definition["x-workload"] = json!(true);
        let own = definition["properties"].as_object_mut().unwrap();
        for (key, _) in properties(&shape) {
            shared.insert(key.to_owned(), own.shift_remove(key).unwrap());
        }
    }
    schema["$defs"]["Workload"] = json!({
        "description": "What `livekit` and `redis.embedded` have in common. Both hold these keys beside their own.",
        "type": "object",
        "properties": shared,
        "required": shape["required"],
    });
    schema
}

/// The definitions that more than one place refers to, in their order.
fn shared(schema: &Value) -> Vec<&str> {
    let mut counts = BTreeMap::new();
    count(schema, &mut counts);
    let names = schema["$defs"].as_object().unwrap().keys().map(String::as_str);
    names.filter(|name| counts.get(name).is_some_and(|count| *count > 1)).collect()
}

fn count<'a>(schema: &'a Value, counts: &mut BTreeMap<&'a str, usize>) {
    if let Some(name) = name(schema) {
        *counts.entry(name).or_default() += 1;
    }
    match schema {
        Value::Object(map) => map.values().for_each(|value| count(value, counts)),
        Value::Array(items) => items.iter().for_each(|value| count(value, counts)),
        _ => {}
    }
}

/// Layer 0.
fn defaults() -> Value {
    let source = Sources::default().add("defaults.yaml", values::DEFAULTS);
    yaml::read(source, values::DEFAULTS).unwrap()[0].to_json()
}

/// The schema and the defaults of a plugin's section.
fn plugin(name: &str) -> (Value, Value) {
    let plugin = open::built_in(built_in::plugin(name).unwrap(), &Limits::default()).unwrap();
    let mut schema = Value::Object(plugin.description.schema);
    schema["description"] = json!(format!("{}.", plugin.description.about));
    (schema, json!(plugin.description.defaults))
}
