//! Custom resources from Rust types that kopium wrote from their definitions. Their sources are regular: structs of
//! fields with serde's attributes, and enumerations of units. Anything else is an error, so that nothing is lost unseen.

use std::collections::BTreeMap;

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
    status: bool,
}

/// The types of a file, which are all that it refers to.
struct File {
    structs: BTreeMap<String, ItemStruct>,
    enums: BTreeMap<String, ItemEnum>,
}

/// Adds the kinds of a source file, but those that `is_wanted` does not want. A file without one has only a status.
///
/// # Errors
/// A construct that is not known.
pub(super) fn read(text: &str, group: &mut Group, is_wanted: impl Fn(&str) -> bool) -> Result<(), String> {
    let file = file(text)?;
    for item in file.structs.values() {
        if let Some(kube) = kube(item)?.filter(|kube| is_wanted(&kube.kind)) {
            add(&kube, item, &file, group).map_err(|error| format!("{}: {error}", kube.kind))?;
        }
    }
    Ok(())
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
    if kube.status {
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
            ("status", Some(_)) => kube.status = true,
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
