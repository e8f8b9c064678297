//! description.json, which the host reads instead of running anything, says what the code says. `RENDER_BLESS=1`
//! writes the schema in it anew from the types. `plugin` is everywhere the folder of the plugin's crate.

use std::fs;
use std::path::Path;

use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use crate::{blessing, errors, json};

/// A crate of a plugin, as cargo names it.
#[derive(Debug, Clone, Copy)]
pub struct Crate<'a> {
    /// Its folder.
    pub folder: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its version.
    pub version: &'a str,
}

/// Everything that is asked of a description. `levels` are the maps of the section, as the defaults have them, each
/// of which refuses an unknown key.
pub fn is_right<Section: JsonSchema>(plugin: Crate<'_>, levels: &[&str]) {
    schema_is_that_of::<Section>(plugin.folder);
    is_named(plugin.folder, plugin.name, plugin.version);
    defaults_are_a_whole_section(plugin.folder);
    keeps_the_contract(plugin.folder);
    refuses_unknown_keys(plugin.folder, levels);
    every_pointer_leads_to_a_value(plugin.folder);
}

/// The schema is that of the type of the section.
fn schema_is_that_of<Section: JsonSchema>(plugin: &str) {
    let mut wanted = description(plugin);
    wanted["schema"] = generated::<Section>();
    let text = format!("{}\n", serde_json::to_string_pretty(&wanted).unwrap());
    let file = Path::new(plugin).join("description.json");
    // Other tests read the file meanwhile, so it is written only when there is something to write.
    if blessing() && fs::read_to_string(&file).unwrap() != text {
        fs::write(&file, &text).unwrap();
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), text, "RENDER_BLESS=1 cargo test writes it anew");
}

/// The name and the version are those of the crate.
fn is_named(plugin: &str, name: &str, version: &str) {
    assert_eq!(description(plugin)["name"], name);
    assert_eq!(description(plugin)["version"], version);
}

/// The defaults are a whole section.
fn defaults_are_a_whole_section(plugin: &str) {
    let schema = jsonschema::validator_for(&description(plugin)["schema"]).unwrap();
    schema.validate(&description(plugin)["defaults"]).unwrap();
}

/// The contract takes it.
fn keeps_the_contract(plugin: &str) {
    assert_eq!(errors("plugin-description.json", &description(plugin)), Vec::<String>::new());
}

/// An unknown key is refused in each of these maps, which the defaults have.
fn refuses_unknown_keys(plugin: &str, places: &[&str]) {
    let schema = jsonschema::validator_for(&description(plugin)["schema"]).unwrap();
    for place in places {
        let mut section = description(plugin)["defaults"].clone();
        section.pointer_mut(place).unwrap()["unknown"] = json!(1);
        assert!(!schema.is_valid(&section), "{place}");
    }
}

/// Code reads its section by pointers, and one that leads nowhere would read nothing without a word.
fn every_pointer_leads_to_a_value(plugin: &str) {
    let description = description(plugin);
    let section = format!("/{}/", description["name"].as_str().unwrap());
    let mut pointers = 0;
    for text in sources(&Path::new(plugin).join("src")) {
        let literals = text.split('"').filter_map(|part| part.strip_prefix(&section));
        for pointer in literals.filter(|literal| !literal.is_empty() && !literal.contains('{')) {
            let schema = &description["schema"];
            let end = pointer.split('/').try_fold(schema, |place, key| property(schema, place, key));
            assert!(end.is_some(), "{section}{pointer}");
            pointers += 1;
        }
    }
    assert!(pointers > 0);
}

/// The description of a plugin.
pub(crate) fn description(plugin: &str) -> Value {
    json(&Path::new(plugin).join("description.json"))
}

/// What a schema says about a member of what it describes.
fn property<'a>(schema: &'a Value, place: &'a Value, key: &str) -> Option<&'a Value> {
    let place = match place.get("$ref").and_then(Value::as_str) {
        Some(reference) => schema.pointer(reference.trim_start_matches('#'))?,
        None => place,
    };
    place.get("properties")?.get(key)
}

/// The code of the plugin.
fn sources(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![fs::read_to_string(path).unwrap()] })
        .collect()
}

/// The schema of the types, in the subset of JSON Schema that the contract allows.
fn generated<Section: JsonSchema>() -> Value {
    let mut schema = schemars::schema_for!(Section).to_value();
    narrow(&mut schema);
    schema
}

fn narrow(schema: &mut Value) {
    if let Value::Object(map) = schema {
        map.remove("$schema");
        map.remove("format");
        if let Some(Value::String(text)) = map.get_mut("description") {
            *text = text.replace('\n', " ");
        }
        without_null(map);
        as_enum(map);
    }
    match schema {
        Value::Object(map) => map.values_mut().for_each(narrow),
        Value::Array(list) => list.iter_mut().for_each(narrow),
        _ => {}
    }
}

/// `null` in a layer deletes, so no section that was merged holds one.
fn without_null(map: &mut Map<String, Value>) {
    if let Some([kind, Value::String(null)]) = map.get("type").and_then(Value::as_array).map(Vec::as_slice)
        && null == "null"
    {
        let kind = kind.clone();
        map.insert("type".to_owned(), kind);
    }
    if let Some([inner, null]) = map.get("anyOf").and_then(Value::as_array).map(Vec::as_slice)
        && *null == json!({ "type": "null" })
    {
        let inner = inner.as_object().unwrap().clone();
        map.remove("anyOf");
        map.extend(inner);
    }
}

/// schemars gives each documented variant a schema of its own; the contract has `enum`.
fn as_enum(map: &mut Map<String, Value>) {
    let Some(variants) = map.get("oneOf").and_then(Value::as_array) else { return };
    let constants: Vec<Value> = variants.iter().map(|variant| variant["const"].clone()).collect();
    assert!(constants.iter().all(Value::is_string), "only a choice of words is an enum");
    map.remove("oneOf");
    map.insert("type".to_owned(), json!("string"));
    map.insert("enum".to_owned(), constants.into());
}
