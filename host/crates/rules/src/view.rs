//! Finished objects as rules read them: a value with the pointer that leads to it, so that a finding
//! says which field it is about, and the pods that an object makes, whatever its kind.

use serde_json::Value;

use render_objects::manifest::{Manifest, ManifestSet};
use render_text::diagnostic::Diagnostic;

/// A value inside an object, and the way to it.
#[derive(Debug, Clone)]
pub(super) struct Field<'a> {
    /// The object.
    pub(super) manifest: &'a Manifest,
    /// The way from the object's root, as a JSON Pointer (RFC 6901).
    pub(super) pointer: String,
    /// The value, which is never null: an absent field and a null one are the same to Kubernetes.
    pub(super) value: &'a Value,
}

/// The pods that an object makes, or is.
#[derive(Debug, Clone)]
pub(super) struct Pod<'a> {
    /// The template: what has the pod's `metadata` and `spec`.
    pub(super) template: Field<'a>,
    /// The pod's `spec`.
    pub(super) spec: Field<'a>,
}

impl<'a> Field<'a> {
    /// A whole object.
    pub(super) fn root(manifest: &'a Manifest) -> Self {
        Self { manifest, pointer: String::new(), value: &manifest.value }
    }

    /// The value under a key of a map.
    pub(super) fn get(&self, key: &str) -> Option<Self> {
        self.value.get(key).filter(|value| !value.is_null()).map(|value| self.child(key, value))
    }

    /// The value under a path of keys.
    pub(super) fn at(&self, path: &[&str]) -> Option<Self> {
        path.iter().try_fold(self.clone(), |field, key| field.get(key))
    }

    /// The text under a key.
    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        self.value.get(key).and_then(Value::as_str)
    }

    /// The number under a key.
    pub(super) fn number(&self, key: &str) -> Option<u64> {
        self.value.get(key).and_then(Value::as_u64)
    }

    /// Whether the value under a key is `true`.
    pub(super) fn is(&self, key: &str) -> bool {
        self.value.get(key) == Some(&Value::Bool(true))
    }

    /// The items of the list under a key; none if there is no list.
    pub(super) fn list(&self, key: &str) -> Vec<Self> {
        self.get(key).map_or_else(Vec::new, |list| list.items())
    }

    /// The items of a list.
    pub(super) fn items(&self) -> Vec<Self> {
        let items = self.value.as_array().into_iter().flatten().enumerate();
        items.filter(|(_, item)| !item.is_null()).map(|(index, item)| self.child(&index.to_string(), item)).collect()
    }

    /// The entries of a map.
    pub(super) fn entries(&self) -> Vec<(&'a str, Self)> {
        let entries = self.value.as_object().into_iter().flatten();
        entries.map(|(key, value)| (key.as_str(), self.child(key, value))).collect()
    }

    /// A finding about this field.
    pub(super) fn wrong(&self, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(message).about(&self.manifest.id, self.pointer.clone())
    }

    /// The namespace of the object that it belongs to, where it is written.
    pub(super) fn namespace(&self) -> Option<&'a str> {
        self.manifest.id.namespace.as_deref()
    }

    fn child(&self, key: &str, value: &'a Value) -> Self {
        let key = key.replace('~', "~0").replace('/', "~1");
        Self { manifest: self.manifest, pointer: format!("{}/{key}", self.pointer), value }
    }
}

impl<'a> Pod<'a> {
    /// The pods of an object: a Pod itself, or what has a template of pods, whoever defined its kind.
    pub(super) fn of(manifest: &'a Manifest) -> Option<Self> {
        let path: &[&str] = match manifest.id.kind.as_str() {
            "Pod" => &[],
            "PodTemplate" => &["template"],
            "CronJob" => &["spec", "jobTemplate", "spec", "template"],
            _ => &["spec", "template"],
        };
        let template = Field::root(manifest).at(path)?;
        let spec = template.get("spec")?;
        spec.value.get("containers").is_some_and(Value::is_array).then_some(Self { template, spec })
    }

    /// The object that makes them.
    pub(super) fn owner(&self) -> &'a Manifest {
        self.template.manifest
    }

    /// Their labels.
    pub(super) fn labels(&self) -> Labels<'a> {
        Labels::of(self.template.value)
    }

    /// Their containers, without those that only run before them.
    pub(super) fn containers(&self) -> Vec<Field<'a>> {
        self.spec.list("containers")
    }

    /// Every container: those that run before the others come first.
    pub(super) fn every_container(&self) -> Vec<Field<'a>> {
        let before = self.spec.list("initContainers");
        before.into_iter().chain(self.containers()).collect()
    }

    /// The containers that run as long as the pod: sidecars begin as init containers.
    pub(super) fn lasting_containers(&self) -> Vec<Field<'a>> {
        let before = self.spec.list("initContainers").into_iter();
        before.filter(|one| one.text("restartPolicy") == Some("Always")).chain(self.containers()).collect()
    }

    /// The ports that its lasting containers declare.
    pub(super) fn ports(&self) -> Vec<Field<'a>> {
        self.lasting_containers().iter().flat_map(|container| container.list("ports")).collect()
    }

    /// Whether they use the network of their node.
    pub(super) fn on_host_network(&self) -> bool {
        self.spec.is("hostNetwork")
    }

    /// Whether Kubernetes itself makes them, which checks their templates when it is given them.
    pub(super) fn is_built_in(&self) -> bool {
        matches!(self.owner().id.group.as_str(), "" | "apps" | "batch")
    }

    /// Whether they are there only for a while: nothing needs to select those.
    pub(super) fn is_temporary(&self) -> bool {
        let owner = self.owner();
        owner.is_hook() || matches!(owner.id.kind.as_str(), "Job" | "CronJob" | "PodTemplate")
    }
}

/// The pods of every object.
pub(super) fn pods(manifests: &ManifestSet) -> Vec<Pod<'_>> {
    manifests.iter().filter_map(Pod::of).collect()
}

/// The objects of a kind in an API group, the core group being the empty one.
pub(super) fn of_kind<'a>(
    manifests: &'a ManifestSet,
    group: &'a str,
    kind: &'a str,
) -> impl Iterator<Item = Field<'a>> + 'a {
    manifests.iter().filter(move |one| one.id.kind == kind && one.id.group == group).map(Field::root)
}

/// The objects that a name can mean: more than one where namespaces are not written, or hooks have copies.
pub(super) fn named<'a>(
    manifests: &'a ManifestSet,
    (group, kind): (&'a str, &'a str),
    namespace: Option<&str>,
    name: &str,
) -> Vec<Field<'a>> {
    let fits = |one: &Field| one.manifest.id.name == name && may_be_same(one.namespace(), namespace);
    of_kind(manifests, group, kind).filter(fits).collect()
}

/// Whether two namespaces can be the same one. What is written without a namespace goes to that of the
/// release, which nobody knows here and which other objects may spell out: it can be any.
pub(super) fn may_be_same(one: Option<&str>, other: Option<&str>) -> bool {
    one.zip(other).is_none_or(|(one, other)| one == other)
}

/// Whether two objects are one, as it stands in several hooks or files of a stream.
pub(super) fn is_copy(one: &Manifest, other: &Manifest) -> bool {
    let (one, other) = (&one.id, &other.id);
    let same = one.group == other.group && one.kind == other.kind && one.name == other.name;
    same && one.namespace == other.namespace && one.slot != other.slot
}

/// What comes a second time, with what it has in common with the first.
pub(super) fn repeated<'a, Key: PartialEq>(
    fields: &[Field<'a>],
    key: impl Fn(&Field<'a>) -> Option<Key>,
) -> Vec<(Field<'a>, Key)> {
    let (mut seen, mut again) = (Vec::new(), Vec::new());
    for field in fields {
        match key(field) {
            Some(key) if seen.contains(&key) => again.push((field.clone(), key)),
            Some(key) => seen.push(key),
            None => {}
        }
    }
    again
}

/// The labels of an object or of a pod template.
#[derive(Debug, Clone, Copy)]
pub(super) struct Labels<'a>(Option<&'a Value>);

impl<'a> Labels<'a> {
    /// The labels of what has `metadata`.
    pub(super) fn of(object: &'a Value) -> Self {
        Self(object.pointer("/metadata/labels"))
    }

    /// The value of a label.
    pub(super) fn get(self, key: &str) -> Option<&'a str> {
        self.0?.get(key)?.as_str()
    }
}
