//! Custom resources: what a CustomResourceDefinition says, whether the user gives it or it is one of the manifests.

use std::collections::BTreeMap;

use serde_json::Value;

use render_objects::identity;
use render_objects::manifest::{Manifest, ManifestSet};
use render_objects::secret_places;
use render_objects::stream;
use render_text::diagnostic::Diagnostic;
use render_text::node::Node;
use render_text::source::{Place, SourceId, Sources};
use render_text::yaml;

use super::version::Version;
use super::{Answer, Api, Scope, structural, text};
use crate::check::check_object;

const KIND: &str = "CustomResourceDefinition";

/// A kind that a CustomResourceDefinition defines.
#[derive(Debug)]
pub struct Custom {
    pub(super) group: String,
    pub(super) kind: String,
    pub(super) scope: Scope,
    /// The schema of each version that is served.
    pub(super) versions: BTreeMap<String, Value>,
}

/// Everything that the CustomResourceDefinitions of several texts define; what else stands there is passed over.
///
/// # Errors
/// What is no YAML, a definition that the API server would refuse, and a text that holds none.
pub fn read(texts: &[SourceId], version: Version, sources: &mut Sources) -> Result<Vec<Custom>, Vec<Diagnostic>> {
    let (mut all, mut mistakes) = (Vec::new(), Vec::new());
    let api = Api::new(version, Vec::new(), &ManifestSet::default());
    for text in texts {
        match definitions(*text, sources) {
            Ok(definitions) => {
                for definition in definitions {
                    match read_one(&definition, &api) {
                        Ok(custom) => all.push(custom),
                        Err(found) => mistakes.extend(found),
                    }
                }
            }
            Err(found) => mistakes.extend(found),
        }
    }
    if mistakes.is_empty() { Ok(all) } else { Err(mistakes) }
}

/// Whether an object defines a custom resource.
pub(super) fn is_definition(value: &Value) -> bool {
    text(value, "/kind") == Some(KIND)
}

fn definitions(text: SourceId, sources: &mut Sources) -> Result<Vec<Node>, Vec<Diagnostic>> {
    let documents = yaml::read(text, &sources.get(text).text)?;
    let secret: Vec<Place> = documents.iter().flat_map(|document| secret_places::places(document, sources)).collect();
    sources.mask(secret);
    sources.classified(text);
    let objects = documents.into_iter().flat_map(stream::objects);
    let definitions: Vec<Node> = objects.filter(|object| is_definition(&object.to_json())).collect();
    if definitions.is_empty() {
        let none = Diagnostic::error(format!("`{}` holds no {KIND}", sources.get(text).name));
        return Err(vec![none.at(Place::new(text, 0..0)).hint("`kubectl get crd NAME -o yaml` prints one")]);
    }
    Ok(definitions)
}

/// One definition, checked as the object that it is.
fn read_one(definition: &Node, api: &Api) -> Result<Custom, Vec<Diagnostic>> {
    let value = definition.to_json();
    let id = identity::of(&value).map_err(|mistake| vec![mistake.at(definition.place())])?;
    let manifest = Manifest { id, value, origin: String::new() };
    let at = |pointer: &str| definition.nearest_place(pointer);
    let found = match api.answer(&manifest) {
        Answer::Served(served) => check_object(definition, served.schema, &manifest.id),
        Answer::Refused(refused) | Answer::Unknown(refused) => vec![refused.at(at("/apiVersion"))],
    };
    if !found.is_empty() {
        return Err(found);
    }
    Custom::of(&manifest.value).map_err(|flaw| {
        let hint = "`kubectl get crd NAME -o yaml` prints one that is whole";
        vec![Diagnostic::error(format!("{}: {}", manifest.id, flaw.message)).at(at(&flaw.pointer)).hint(hint)]
    })
}

/// Why a definition cannot be used.
#[derive(Debug)]
pub(super) struct Flaw {
    pub(super) pointer: String,
    pub(super) message: String,
}

impl Custom {
    /// What a CustomResourceDefinition defines.
    pub(super) fn of(definition: &Value) -> Result<Self, Flaw> {
        let lacks = |pointer: &str| Flaw {
            pointer: "/spec".to_owned(),
            message: format!("it has no `{}`", pointer[1..].replace('/', ".")),
        };
        let needed = |pointer: &str| text(definition, pointer).map(str::to_owned).ok_or_else(|| lacks(pointer));
        let mut versions = BTreeMap::new();
        let listed = definition.pointer("/spec/versions").and_then(Value::as_array).into_iter().flatten();
        for (index, version) in
            listed.enumerate().filter(|(_, version)| version.get("served") == Some(&Value::Bool(true)))
        {
            let pointer = format!("/spec/versions/{index}");
            let name = text(version, "/name").unwrap_or_default();
            let Some(schema) = version.pointer("/schema/openAPIV3Schema").and_then(Value::as_object) else {
                let message = format!("its version `{name}` has no `schema.openAPIV3Schema`");
                return Err(Flaw { pointer, message });
            };
            versions.insert(name.to_owned(), structural::root(schema));
        }
        if versions.is_empty() {
            return Err(Flaw { pointer: "/spec/versions".to_owned(), message: "it serves no version".to_owned() });
        }
        let is_namespaced = needed("/spec/scope")? == "Namespaced";
        let scope = if is_namespaced { Scope::Namespaced } else { Scope::Cluster };
        Ok(Self { group: needed("/spec/group")?, kind: needed("/spec/names/kind")?, scope, versions })
    }
}
