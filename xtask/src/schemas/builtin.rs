//! Kubernetes' own types, from the `OpenAPI` definitions of each minor: what a check of a manifest needs, and no more. A
//! keyword that is not known here is an error, so that a new one is not overlooked.

#![expect(
    clippy::disallowed_methods,
    reason = "a developer's command is not a stage: files and the environment are its work"
)]

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Map, Value, json};

use super::fetch::{Package, Wheel};
use super::scope::{self, Scopes};
use super::{Api, Kind, MINORS};

/// What Kubernetes itself serves.
#[derive(Debug, Clone, Default)]
pub(super) struct Builtin {
    /// Where the definitions come from.
    pub(super) source: String,
    /// By minor.
    pub(super) minors: BTreeMap<u32, Api>,
}

/// Kinds that are asked or done, or that the server makes: nobody applies them.
const NOT_APPLIED: [&str; 4] = ["Binding", "ComponentStatus", "StorageVersion", "Eviction"];

/// Types whose content is free, or that a user does not write.
const FREE: [&str; 5] = [
    "apiextensions.v1.JSONSchemaProps",
    "meta.v1.FieldsV1",
    "meta.v1.ManagedFieldsEntry",
    "meta.v1.Patch",
    "pkg.runtime.RawExtension",
];

/// Keywords that say nothing about which manifests are good.
const DROPPED: [&str; 7] = [
    "default",
    "description",
    "x-kubernetes-group-version-kind",
    "x-kubernetes-map-type",
    "x-kubernetes-patch-merge-key",
    "x-kubernetes-patch-strategy",
    "x-kubernetes-unions",
];

/// Reads the definitions of every minor.
pub(super) fn read(wheel: &Wheel, packages: &BTreeMap<String, Package>) -> Result<Builtin, String> {
    let types = packages.get("k8s-openapi").ok_or("xtask/packages does not pin k8s-openapi")?;
    let mut minors = BTreeMap::new();
    for minor in MINORS {
        let file = wheel.folder.join(format!("v1.{minor}.0-local-strict/_definitions.json"));
        let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let scopes = scope::read(&types.sources, minor)?;
        minors.insert(minor, minor_of(&text, &scopes).map_err(|error| format!("{}: {error}", file.display()))?);
    }
    let source = format!("{}, crates.io {} {} for the scopes", wheel.source, types.name, types.version);
    Ok(Builtin { source, minors })
}

fn minor_of(text: &str, scopes: &Scopes) -> Result<Api, String> {
    let document: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let all = document["$defs"].as_object().ok_or("no definitions")?;
    let mut api = Api::default();
    for (long, schema) in all {
        let name = short(long);
        if inlined(&name, schema).is_some() {
            continue;
        }
        let named = |error| format!("{name}: {error}");
        let mut simple = simplified(schema, all).map_err(named)?;
        if let Some((api_version, kind)) = applied(schema) {
            let scope = scopes.get(&(api_version.clone(), kind.clone()));
            let scope = scope.ok_or_else(|| format!("{name}: its scope is not known"))?.clone();
            api.kinds.push(Kind { api_version, kind, scope, definition: name.clone() });
            free_status(&mut simple);
        }
        if api.definitions.insert(name.clone(), simple).is_some() {
            return Err(format!("{name}: two definitions have this short name"));
        }
    }
    Ok(api)
}

/// `io.k8s.api.apps.v1.Deployment` is `apps.v1.Deployment`.
fn short(long: &str) -> String {
    let parts: Vec<&str> = long.split('.').collect();
    parts[parts.len().saturating_sub(3)..].join(".")
}

/// The `apiVersion` and the `kind` of an object that a user can apply.
fn applied(schema: &Value) -> Option<(String, String)> {
    let [marked] = schema["x-kubernetes-group-version-kind"].as_array()?.as_slice() else { return None };
    let part = |key: &str| marked[key].as_str();
    let (group, version, kind) = (part("group")?, part("version")?, part("kind")?);
    let metadata = schema["properties"]["metadata"]["$ref"].as_str()?;
    let asked = kind.ends_with("Review") || (group == "authentication.k8s.io" && kind == "TokenRequest");
    let part_of_another = group == "autoscaling" && kind == "Scale";
    if !metadata.ends_with(".ObjectMeta") || asked || part_of_another || NOT_APPLIED.contains(&kind) {
        return None;
    }
    let api_version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    Some((api_version, kind.to_owned()))
}

/// What the controllers write is not looked at.
fn free_status(schema: &mut Value) {
    if let Some(status) = schema.pointer_mut("/properties/status") {
        *status = Value::Bool(true);
    }
}

/// What stands for a definition wherever it is used, for those that are one scalar or free.
fn inlined(name: &str, schema: &Value) -> Option<Value> {
    match name {
        "api.resource.Quantity" => return Some(json!({"format": "quantity"})),
        "util.intstr.IntOrString" => return Some(json!({"x-kubernetes-int-or-string": true})),
        name if FREE.contains(&name) => {
            return Some(json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true}));
        }
        _ => {}
    }
    match type_of(schema.get("type")) {
        Ok(None) if schema.get("properties").is_none() => Some(json!({"x-kubernetes-preserve-unknown-fields": true})),
        Ok(Some(one)) if one != "object" => Some(json!({"type": one})),
        _ => None,
    }
}

fn simplified(schema: &Value, all: &Map<String, Value>) -> Result<Value, String> {
    let schema = schema.as_object().ok_or("a schema that is no object")?;
    if let Some(reference) = schema.get("$ref") {
        return referred(reference, all);
    }
    let mut simple = Map::new();
    for (keyword, value) in schema {
        if let Some(value) = kept(keyword, value, all).map_err(|error| format!("{keyword}: {error}"))? {
            simple.insert(keyword.clone(), value);
        }
    }
    if simple.get("x-kubernetes-list-type").is_none_or(|found| found != "set") {
        simple.remove("x-kubernetes-list-type");
    }
    // Nothing is said of the properties of an object that has none.
    if simple.get("type").is_some_and(|found| found == "object") && !simple.contains_key("additionalProperties") {
        simple.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
    Ok(Value::Object(simple))
}

fn kept(keyword: &str, value: &Value, all: &Map<String, Value>) -> Result<Option<Value>, String> {
    let kept = match keyword {
        keyword if DROPPED.contains(&keyword) => return Ok(None),
        "type" => type_of(Some(value))?.map(Value::from),
        "properties" => Some(properties(value, all)?),
        "additionalProperties" if value.is_boolean() => Some(value.clone()),
        "additionalProperties" | "items" => Some(simplified(value, all)?),
        "format" => match value.as_str() {
            Some("int32" | "int64" | "byte") => Some(value.clone()),
            Some("double" | "date-time") => return Ok(None),
            _ => return Err(format!("{value} is not known")),
        },
        "required" | "x-kubernetes-list-type" | "x-kubernetes-list-map-keys" => Some(value.clone()),
        _ => return Err("the keyword is not known".to_owned()),
    };
    Ok(kept)
}

fn properties(value: &Value, all: &Map<String, Value>) -> Result<Value, String> {
    let mut simple = Map::new();
    for (name, schema) in value.as_object().ok_or("not an object")? {
        // Their enumerations only repeat the name of the definition.
        let schema = match name.as_str() {
            "apiVersion" | "kind" => Ok(json!({"type": "string"})),
            _ => simplified(schema, all).map_err(|error| format!("{name}: {error}")),
        };
        simple.insert(name.clone(), schema?);
    }
    Ok(Value::Object(simple))
}

fn referred(reference: &Value, all: &Map<String, Value>) -> Result<Value, String> {
    let long = reference.as_str().and_then(|reference| reference.strip_prefix("#/$defs/"));
    let long = long.ok_or_else(|| format!("{reference} is not a reference to a definition"))?;
    let schema = all.get(long).ok_or_else(|| format!("{long} is not defined"))?;
    let name = short(long);
    Ok(inlined(&name, schema).unwrap_or_else(|| json!({"$ref": format!("#/$defs/{name}")})))
}

/// The type beside null, which the server drops.
fn type_of(value: Option<&Value>) -> Result<Option<&str>, String> {
    let Some(value) = value else { return Ok(None) };
    let all = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    let mut types = all.iter().filter_map(Value::as_str).filter(|found| *found != "null");
    match (types.next(), types.next()) {
        (Some(one), None) => Ok(Some(one)),
        _ => Err(format!("{value} is not one type")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Scopes, minor_of};
    use crate::schemas::Api;

    const SPEC: &str = "io.k8s.api.apps.v1.Spec";

    fn api(definitions: &Value) -> Result<Api, String> {
        let name = |kind: &str| ("apps/v1".to_owned(), kind.to_owned());
        let scopes = Scopes::from([(name("Deployment"), "Namespaced".to_owned())]);
        minor_of(&json!({"$defs": definitions}).to_string(), &scopes)
    }

    /// What becomes of a property.
    fn property(schema: &Value) -> Result<Value, String> {
        let mut definitions = json!({
            "io.k8s.apimachinery.pkg.api.resource.Quantity": {"oneOf": [{"type": "string"}, {"type": "number"}]},
            "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
            "io.k8s.apimachinery.pkg.apis.meta.v1.Time": {"type": ["string", "null"], "format": "date-time"},
            "io.k8s.apimachinery.pkg.runtime.RawExtension": {"type": ["object", "null"]},
            "io.k8s.api.core.v1.JSON": {"description": "Anything."},
            "io.k8s.api.core.v1.Empty": {"type": ["object", "null"]},
        });
        definitions[SPEC] = json!({"type": "object", "properties": {"a": schema}, "additionalProperties": false});
        Ok(api(&definitions)?.definitions["apps.v1.Spec"]["properties"]["a"].clone())
    }

    #[test]
    fn only_what_decides_stays() {
        let list = json!({"description": "…", "type": ["array", "null"], "items": {"type": ["integer", "null"],
            "format": "int32", "default": 1}, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
            "x-kubernetes-patch-merge-key": "name"});
        let expected = json!({"type": "array", "items": {"type": "integer", "format": "int32"},
            "x-kubernetes-list-map-keys": ["name"]});
        assert_eq!(property(&list).unwrap(), expected);
        let set = json!({"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"});
        assert_eq!(property(&set).unwrap(), set);
    }

    #[test]
    fn scalars_and_free_objects_stand_where_they_are_used() {
        let at = |name: &str| property(&json!({"$ref": format!("#/$defs/io.k8s.{name}"), "description": "…"})).unwrap();
        assert_eq!(at("apimachinery.pkg.api.resource.Quantity"), json!({"format": "quantity"}));
        assert_eq!(at("apimachinery.pkg.util.intstr.IntOrString"), json!({"x-kubernetes-int-or-string": true}));
        assert_eq!(at("apimachinery.pkg.apis.meta.v1.Time"), json!({"type": "string"}));
        let free = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
        assert_eq!(at("apimachinery.pkg.runtime.RawExtension"), free);
        assert_eq!(at("api.core.v1.JSON"), json!({"x-kubernetes-preserve-unknown-fields": true}));
        assert_eq!(at("api.core.v1.Empty"), json!({"$ref": "#/$defs/core.v1.Empty"}));
    }

    #[test]
    fn what_is_not_known_is_an_error() {
        let error = |schema: Value| property(&schema).unwrap_err();
        assert!(error(json!({"type": "string", "maxLength": 3})).ends_with("maxLength: the keyword is not known"));
        assert!(error(json!({"type": "string", "format": "email"})).ends_with("format: \"email\" is not known"));
        assert!(error(json!({"type": ["string", "integer"]})).ends_with("is not one type"));
        assert!(error(json!({"$ref": "#/$defs/io.k8s.none"})).ends_with("io.k8s.none is not defined"));
    }

    #[test]
    fn a_kind_is_what_a_user_applies() {
        let metadata = |name: &str| json!({"$ref": format!("#/$defs/io.k8s.apimachinery.pkg.apis.meta.v1.{name}")});
        let of = |kind: &str, meta: &str| {
            json!({"type": "object", "properties": {"metadata": metadata(meta), "status": {"type": "string"}},
                "x-kubernetes-group-version-kind": [{"group": "apps", "version": "v1", "kind": kind}]})
        };
        let object = json!({"type": "object", "properties": {}});
        let mut definitions = json!({"io.k8s.api.apps.v1.Deployment": of("Deployment", "ObjectMeta"),
            "io.k8s.api.apps.v1.DeploymentList": of("DeploymentList", "ListMeta"),
            "io.k8s.api.apps.v1.AccessReview": of("AccessReview", "ObjectMeta"),
            "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta": object,
            "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta": object});
        let found = api(&definitions).unwrap();
        let kinds: Vec<&str> = found.kinds.iter().map(|kind| kind.definition.as_str()).collect();
        assert_eq!(kinds, ["apps.v1.Deployment"]);
        assert_eq!(found.definitions["apps.v1.Deployment"]["properties"]["status"], Value::Bool(true));
        definitions["io.k8s.api.apps.v1.Unscoped"] = of("Unscoped", "ObjectMeta");
        assert_eq!(api(&definitions).unwrap_err(), "apps.v1.Unscoped: its scope is not known");
    }
}
