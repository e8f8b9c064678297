//! Custom resources from Rust types that kopium wrote from their definitions. Their sources are regular: structs of
//! fields with serde's attributes, and enumerations of units. Anything else is an error, so that nothing is lost unseen.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use syn::punctuated::Punctuated;
use syn::{Attribute, Field, Fields, GenericArgument, Item, ItemEnum, ItemStruct, LitStr, PathArguments, Token, Type};

use super::{Api, Kind};

/// The definitions of a group. Structs that say the same, which a custom resource repeats for every place, are one, under
/// the name that came first.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) api: Api,
    /// The name of each text of a definition.
    names: BTreeMap<String, String>,
}

/// What the attributes of a struct say of its kind.
#[derive(Debug, Default, PartialEq)]
struct Kube {
    group: String,
    version: String,
    kind: String,
    namespaced: bool,
    /// The type of its status.
    status: Option<String>,
}

/// The types of a file, which are all that it refers to.
struct File {
    structs: BTreeMap<String, ItemStruct>,
    enums: BTreeMap<String, ItemEnum>,
}

/// Adds the kinds of a source file. Kopium writes the types of all properties, but fields only for those of `spec` and of
/// `status`: a type that nothing leads to is a property that was lost, so it must be among those that `is_lost` knows.
///
/// # Errors
/// A construct that is not known.
pub(super) fn read(text: &str, group: &mut Group, is_lost: impl Fn(&str) -> bool) -> Result<(), String> {
    let file = file(text)?;
    let mut reached = BTreeSet::new();
    for item in file.structs.values() {
        item.fields.iter().for_each(|field| mentioned(&field.ty, &mut reached));
        if let Some(kube) = kube(item)? {
            add(&kube, item, &file, group).map_err(|error| format!("{}: {error}", kube.kind))?;
            reached.insert(item.ident.to_string());
            reached.extend(kube.status);
        }
    }
    let lost = file.structs.keys().chain(file.enums.keys()).filter(|name| !reached.contains(*name));
    match lost.filter(|name| !is_lost(name)).min() {
        Some(name) => Err(format!("nothing leads to the type {name}")),
        None => Ok(()),
    }
}

/// The last names of the paths in a type.
fn mentioned(kind: &Type, found: &mut BTreeSet<String>) {
    let Type::Path(kind) = kind else { return };
    for segment in &kind.path.segments {
        found.insert(segment.ident.to_string());
        if let PathArguments::AngleBracketed(arguments) = &segment.arguments {
            for argument in &arguments.args {
                if let GenericArgument::Type(inner) = argument {
                    mentioned(inner, found);
                }
            }
        }
    }
}

/// Adds a kind, and what it leads to.
fn add(kube: &Kube, spec: &ItemStruct, file: &File, group: &mut Group) -> Result<(), String> {
    let prefix = format!("{}.{}", kube.group, kube.version);
    let spec_schema = object(spec, &prefix, file, group)?;
    // Whether `spec` itself is required was lost; where it requires something, an object without it says nothing.
    let required = spec_schema.get("required").is_some();
    let spec_name = define(format!("{prefix}.{}", spec.ident), spec_schema, group)?;
    let mut properties = Map::new();
    properties.insert("apiVersion".to_owned(), json!({"type": "string"}));
    properties.insert("kind".to_owned(), json!({"type": "string"}));
    properties.insert("metadata".to_owned(), json!({"$ref": "#/$defs/meta.v1.ObjectMeta"}));
    properties.insert("spec".to_owned(), json!({"$ref": format!("#/$defs/{spec_name}")}));
    if kube.status.is_some() {
        properties.insert("status".to_owned(), Value::Bool(true));
    }
    let definition = format!("{prefix}.{}", kube.kind);
    let schema = closed(properties, if required { vec!["spec".to_owned()] } else { Vec::new() });
    if group.api.definitions.insert(definition.clone(), schema).is_some() {
        return Err(format!("{definition} is there twice"));
    }
    let scope = if kube.namespaced { "Namespaced" } else { "Cluster" }.to_owned();
    let api_version = format!("{}/{}", kube.group, kube.version);
    group.api.kinds.push(Kind { api_version, kind: kube.kind.clone(), scope, definition });
    Ok(())
}

/// The name under which a definition is kept.
fn define(name: String, schema: Value, group: &mut Group) -> Result<String, String> {
    let text = schema.to_string();
    if let Some(known) = group.names.get(&text) {
        return Ok(known.clone());
    }
    if group.api.definitions.insert(name.clone(), schema).is_some() {
        return Err(format!("{name} is there twice"));
    }
    group.names.insert(text, name.clone());
    Ok(name)
}

fn object(item: &ItemStruct, prefix: &str, file: &File, group: &mut Group) -> Result<Value, String> {
    let Fields::Named(fields) = &item.fields else { return Err(format!("{}: fields without names", item.ident)) };
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for field in &fields.named {
        let name = name_of(field)?;
        let option = argument(&field.ty, "Option", 0);
        if option.is_none() {
            required.push(name.clone());
        }
        let schema = schema_of(option.unwrap_or(&field.ty), prefix, file, group);
        properties.insert(name.clone(), schema.map_err(|error| format!("{}: {name}: {error}", item.ident))?);
    }
    Ok(closed(properties, required))
}

fn closed(properties: Map<String, Value>, required: Vec<String>) -> Value {
    let mut schema = Map::new();
    schema.insert("type".to_owned(), "object".into());
    schema.insert("properties".to_owned(), Value::Object(properties));
    if !required.is_empty() {
        schema.insert("required".to_owned(), required.into());
    }
    schema.insert("additionalProperties".to_owned(), Value::Bool(false));
    Value::Object(schema)
}

fn schema_of(kind: &Type, prefix: &str, file: &File, group: &mut Group) -> Result<Value, String> {
    if let Some(items) = argument(kind, "Vec", 0) {
        return Ok(json!({"type": "array", "items": schema_of(items, prefix, file, group)?}));
    }
    if let Some(values) = argument(kind, "BTreeMap", 1) {
        if argument(kind, "BTreeMap", 0).and_then(path_of).as_deref() != Some("String") {
            return Err("a map by something other than text".to_owned());
        }
        return Ok(json!({"type": "object", "additionalProperties": schema_of(values, prefix, file, group)?}));
    }
    let path = path_of(kind).ok_or("a type that is not known")?;
    let schema = match path.as_str() {
        "String" => json!({"type": "string"}),
        "bool" => json!({"type": "boolean"}),
        "i32" => json!({"type": "integer", "format": "int32"}),
        "i64" => json!({"type": "integer", "format": "int64"}),
        "f64" => json!({"type": "number"}),
        "IntOrString" => json!({"x-kubernetes-int-or-string": true}),
        "serde_json::Value" => json!({"x-kubernetes-preserve-unknown-fields": true}),
        "Condition" => json!({"$ref": "#/$defs/meta.v1.Condition"}),
        own => return declared(own, prefix, file, group),
    };
    Ok(schema)
}

fn declared(name: &str, prefix: &str, file: &File, group: &mut Group) -> Result<Value, String> {
    if let Some(item) = file.enums.get(name) {
        return enumeration(item);
    }
    let item = file.structs.get(name).ok_or_else(|| format!("the type {name} is not known"))?;
    let schema = object(item, prefix, file, group)?;
    let name = define(format!("{prefix}.{name}"), schema, group)?;
    Ok(json!({"$ref": format!("#/$defs/{name}")}))
}

fn enumeration(item: &ItemEnum) -> Result<Value, String> {
    let mut values = Vec::new();
    for variant in &item.variants {
        if variant.fields != Fields::Unit {
            return Err(format!("{}: a variant with fields", item.ident));
        }
        values.push(renamed(&variant.attrs)?.unwrap_or_else(|| variant.ident.to_string()));
    }
    Ok(json!({"type": "string", "enum": values}))
}

fn name_of(field: &Field) -> Result<String, String> {
    let own = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
    Ok(renamed(&field.attrs)?.unwrap_or_else(|| own.trim_start_matches("r#").to_owned()))
}

/// What `rename` says. `default` and `skip_serializing_if` go with an `Option`, and say nothing more.
fn renamed(attributes: &[Attribute]) -> Result<Option<String>, String> {
    let mut found = None;
    for attribute in attributes.iter().filter(|attribute| !attribute.path().is_ident("doc")) {
        if !attribute.path().is_ident("serde") {
            return Err("an attribute that is not known".to_owned());
        }
        let read = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("rename") {
                found = Some(meta.value()?.parse::<LitStr>()?.value());
            } else if meta.path.is_ident("skip_serializing_if") {
                meta.value()?.parse::<LitStr>()?;
            } else if !meta.path.is_ident("default") {
                return Err(meta.error("an attribute of serde that is not known"));
            }
            Ok(())
        });
        read.map_err(|error| error.to_string())?;
    }
    Ok(found)
}

/// The kind of a struct that derives `CustomResource`.
fn kube(item: &ItemStruct) -> Result<Option<Kube>, String> {
    let mut kube = Kube::default();
    for attribute in &item.attrs {
        let known = ["allow", "derive", "doc", "kube"].iter().any(|name| attribute.path().is_ident(name));
        if !known {
            return Err(format!("{}: an attribute that is not known", item.ident));
        }
        if attribute.path().is_ident("kube") {
            read_kube(attribute, &mut kube).map_err(|error| format!("{}: {error}", item.ident))?;
        }
    }
    Ok(if kube.kind.is_empty() { None } else { Some(kube) })
}

fn read_kube(attribute: &Attribute, kube: &mut Kube) -> Result<(), syn::Error> {
    attribute.parse_nested_meta(|meta| {
        let name = meta.path.require_ident()?.to_string();
        let text = if meta.input.peek(Token![=]) { Some(meta.value()?.parse::<LitStr>()?.value()) } else { None };
        match (name.as_str(), text) {
            ("group", Some(text)) => kube.group = text,
            ("version", Some(text)) => kube.version = text,
            ("kind", Some(text)) => kube.kind = text,
            ("namespaced", None) => kube.namespaced = true,
            ("status", status @ Some(_)) => kube.status = status,
            ("root" | "plural" | "schema" | "derive" | "selectable", Some(_)) => {}
            _ => return Err(meta.error("an attribute of kube that is not known")),
        }
        Ok(())
    })
}

fn file(text: &str) -> Result<File, String> {
    let mut file = File { structs: BTreeMap::new(), enums: BTreeMap::new() };
    for item in syn::parse_file(text).map_err(|error| error.to_string())?.items {
        match item {
            Item::Struct(item) => drop(file.structs.insert(item.ident.to_string(), item)),
            Item::Enum(item) => drop(file.enums.insert(item.ident.to_string(), item)),
            Item::Mod(_) | Item::Use(_) => {}
            _ => return Err("an item that is neither a struct nor an enumeration".to_owned()),
        }
    }
    Ok(file)
}

/// `serde_json::Value` as it is written, for a path without arguments.
fn path_of(kind: &Type) -> Option<String> {
    let Type::Path(kind) = kind else { return None };
    let plain = kind.path.segments.iter().all(|segment| segment.arguments == PathArguments::None);
    let names = kind.path.segments.iter().map(|segment| segment.ident.to_string());
    plain.then(|| names.collect::<Vec<_>>().join("::"))
}

/// An argument of `Option<…>`, say.
fn argument<'a>(kind: &'a Type, name: &str, index: usize) -> Option<&'a Type> {
    let Type::Path(kind) = kind else { return None };
    let segment = kind.path.segments.last().filter(|segment| segment.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    let arguments: &Punctuated<GenericArgument, Token![,]> = &arguments.args;
    match arguments.get(index)? {
        GenericArgument::Type(argument) => Some(argument),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Group, read};

    const KUBE: &str = r#"
        /// What is wanted.
        #[derive(CustomResource, Serialize)]
        #[kube(group = "example.org", version = "v1", kind = "HTTPThing", root = "HttpThing", plural = "httpthings")]
        #[kube(namespaced)]
        #[kube(status = "HttpThingStatus")]
        #[kube(schema = "disabled")]
        #[kube(derive="Default")]
    "#;

    /// A file of a kind with these fields, and these types beside it.
    fn group(fields: &str, types: &str) -> Result<Group, String> {
        let status = "pub struct HttpThingStatus {}";
        let text = format!("mod prelude {{}} use self::prelude::*; {KUBE} pub struct HttpThingSpec {{ {fields} }}");
        let mut group = Group::default();
        read(&format!("{text} {status} {types}"), &mut group, |name| name == "Lost").map(|()| group)
    }

    /// The properties that these fields make.
    fn properties(fields: &str) -> Result<Value, String> {
        let mut group = group(fields, "")?;
        Ok(group.api.definitions.remove("example.org.v1.HttpThingSpec").unwrap()["properties"].take())
    }

    #[test]
    fn a_kind_has_its_parts() {
        let group = group("pub name: String", "").unwrap();
        let kind = &group.api.kinds[0];
        assert_eq!((kind.api_version.as_str(), kind.kind.as_str()), ("example.org/v1", "HTTPThing"));
        assert_eq!(kind.scope, "Namespaced");
        let text = json!({"type": "string"});
        let expected = json!({
            "type": "object",
            "properties": {
                "apiVersion": text,
                "kind": text,
                "metadata": {"$ref": "#/$defs/meta.v1.ObjectMeta"},
                "spec": {"$ref": "#/$defs/example.org.v1.HttpThingSpec"},
                "status": true,
            },
            "required": ["spec"],
            "additionalProperties": false,
        });
        assert_eq!(group.api.definitions[&kind.definition], expected);
    }

    #[test]
    fn what_is_an_option_is_not_required() {
        let fields = r#"
            #[serde(default, skip_serializing_if = "Option::is_none", rename = "maxAge")]
            pub max_age: Option<i64>,
            pub r#type: String,
        "#;
        let expected = json!({
            "type": "object",
            "properties": {"maxAge": {"type": "integer", "format": "int64"}, "type": {"type": "string"}},
            "required": ["type"],
            "additionalProperties": false,
        });
        assert_eq!(group(fields, "").unwrap().api.definitions["example.org.v1.HttpThingSpec"], expected);
    }

    #[test]
    fn types_are_what_they_hold() {
        let fields = "pub a: Vec<bool>, pub b: Option<BTreeMap<String, IntOrString>>, pub c: serde_json::Value,
            pub d: Option<Vec<Condition>>, pub e: Option<f64>, pub f: Option<i32>";
        let expected = json!({
            "a": {"type": "array", "items": {"type": "boolean"}},
            "b": {"type": "object", "additionalProperties": {"x-kubernetes-int-or-string": true}},
            "c": {"x-kubernetes-preserve-unknown-fields": true},
            "d": {"type": "array", "items": {"$ref": "#/$defs/meta.v1.Condition"}},
            "e": {"type": "number"},
            "f": {"type": "integer", "format": "int32"},
        });
        assert_eq!(properties(fields).unwrap(), expected);
    }

    #[test]
    fn an_enumeration_is_the_names_of_its_units() {
        let types = r#"pub enum Mode { A, #[serde(rename = "b-c")] BC, #[serde(rename = "")] KopiumEmpty }"#;
        let group = group("pub mode: Mode", types).unwrap();
        let mode = &group.api.definitions["example.org.v1.HttpThingSpec"]["properties"]["mode"];
        assert_eq!(*mode, json!({"type": "string", "enum": ["A", "b-c", ""]}));
    }

    #[test]
    fn structs_that_say_the_same_are_one() {
        let types = "pub struct From { pub name: String } pub struct To { pub name: String } pub struct Empty {}";
        let group = group("pub from: From, pub to: To, pub empty: Empty", types).unwrap();
        let definitions = &group.api.definitions;
        let from = json!({"$ref": "#/$defs/example.org.v1.From"});
        assert_eq!(definitions["example.org.v1.HttpThingSpec"]["properties"]["from"], from);
        assert_eq!(definitions["example.org.v1.HttpThingSpec"]["properties"]["to"], from);
        let empty = json!({"type": "object", "properties": {}, "additionalProperties": false});
        assert_eq!(definitions["example.org.v1.Empty"], empty);
        assert!(!definitions.contains_key("example.org.v1.To"));
    }

    #[test]
    fn a_construct_that_is_not_known_is_an_error() {
        let error = |fields: &str| properties(fields).unwrap_err();
        assert!(error("#[serde(flatten)] pub a: String").ends_with("an attribute of serde that is not known"));
        assert!(error("#[other] pub a: String").ends_with("an attribute that is not known"));
        assert!(error("pub a: u128").ends_with("HttpThingSpec: a: the type u128 is not known"));
        assert!(error("pub a: BTreeMap<i64, String>").ends_with("a map by something other than text"));
        assert!(error("pub a: (String, String)").ends_with("a type that is not known"));
        let refused = |fields: &str, types: &str| group(fields, types).unwrap_err();
        assert!(refused("pub a: A", "pub enum A { B(String) }").ends_with("A: a variant with fields"));
        assert!(refused("pub a: A", "pub struct A(String);").ends_with("A: fields without names"));
        assert!(refused("", "#[serde(untagged)] pub struct A {}").ends_with("A: an attribute that is not known"));
        assert!(refused("", "pub type A = String;").ends_with("neither a struct nor an enumeration"));
    }

    #[test]
    fn a_type_that_nothing_leads_to_is_a_property_that_was_lost() {
        assert_eq!(group("", "pub enum More { A }").unwrap_err(), "nothing leads to the type More");
        assert!(group("", "pub struct Lost {}").is_ok());
    }
}
