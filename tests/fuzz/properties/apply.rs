//! Any changes, against any permissions, are made or refused with a word; and whatever was made, nothing outside of the
//! permissions differs, and every object is still the one that it was.

use render_objects::manifest::{Manifest, ManifestSet};
use render_objects::masked::Secrets;
use render_objects::patch::{Step, steps};
use render_platform::values::schema::VOCABULARY;
use render_plugins::apply::apply;
use render_plugins::description::{Description, Kind, PatchGrant, Permissions};
use render_plugins::limits::Limits;
use render_plugins::response;
use serde_json::{Map, Value, json};

use super::choices::Choices;

/// Text that is an answer is taken as it is, with all permissions of a test; else the bytes choose both.
pub fn check(bytes: &[u8]) {
    let mut choices = Choices::of(bytes);
    let (permissions, answer) = match std::str::from_utf8(bytes) {
        Ok(text) if text.starts_with('{') => {
            (permissions(&mut Choices::of(b"\x03\x01\x02\x03\x02\x01\x00\x05")), text.to_owned())
        }
        _ => (permissions(&mut choices), answer(&mut choices)),
    };
    let Ok(response) = response::parse(&answer) else { return };
    let description = Description {
        name: "fuzz".to_owned(),
        version: render_plugins::notes::Text::default(),
        about: render_plugins::notes::Text::default(),
        schema: Map::new(),
        defaults: Map::new(),
        permissions,
    };
    let before = manifests();
    let mut after = before.clone();
    let mut log = Vec::new();
    match apply(
        (&description, &Secrets::of(&before, &[], &VOCABULARY)),
        &Limits::default(),
        response.changes,
        &mut after,
        &mut log,
    ) {
        Ok(()) => allowed(&description.permissions, &before, &after),
        Err(refused) => {
            assert!(!refused.is_empty() && refused.iter().all(|error| error.message.starts_with("plugin fuzz: ")));
            let said: Vec<_> = refused.iter().flat_map(|error| [Some(&error.message), error.hint.as_ref()]).collect();
            // A message quotes what the plugin wrote, which may be the text by chance.
            let leaked = said.iter().flatten().any(|text| text.contains(SECRET)) && !answer.contains(SECRET);
            assert!(!leaked, "{said:?}");
        }
    }
}

/// A text that stands in a Secret, and in what other objects hold.
const SECRET: &str = "hunter2-hunter2";

fn allowed(permissions: &Permissions, before: &ManifestSet, after: &ManifestSet) {
    for manifest in before.iter() {
        match after.get(&manifest.id) {
            // Removed, and added with other content.
            Some(_) if may(&permissions.remove, manifest) && may(&permissions.add, manifest) => {}
            Some(now) => {
                assert_eq!(identity(manifest), identity(now), "another object");
                let paths = permissions.patch.iter().filter(|grant| is(manifest, &grant.api_version, &grant.kind));
                let mut granted: Vec<&str> = paths.flat_map(|grant| &grant.paths).map(String::as_str).collect();
                granted.sort_by_key(|path| std::cmp::Reverse(path.len()));
                let [mut was, mut is] = [manifest.value.clone(), now.value.clone()];
                for path in &granted {
                    forget(&mut was, path);
                    forget(&mut is, path);
                }
                assert_eq!(without_empty(was), without_empty(is), "{} was changed outside of {granted:?}", manifest.id);
            }
            None => assert!(may(&permissions.remove, manifest), "{} was removed", manifest.id),
        }
    }
    let added = after.iter().filter(|manifest| before.get(&manifest.id).is_none());
    added.for_each(|manifest| assert!(may(&permissions.add, manifest), "{} was added", manifest.id));
}

fn identity(manifest: &Manifest) -> [Option<&Value>; 4] {
    ["/apiVersion", "/kind", "/metadata/name", "/metadata/namespace"].map(|field| manifest.value.pointer(field))
}

fn is(manifest: &Manifest, api_version: &str, kind: &str) -> bool {
    manifest.api_version() == api_version && manifest.id.kind == kind
}

fn may(kinds: &[Kind], manifest: &Manifest) -> bool {
    kinds.iter().any(|granted| is(manifest, &granted.api_version, &granted.kind))
}

/// Takes out what is at a granted path. An index moves the items behind it, so a list with a step into it goes as a whole
/// where the step is none that names an item.
fn forget(value: &mut Value, path: &str) {
    let Ok(steps) = steps(path) else { return };
    let Some((last, parents)) = steps.split_last() else { return };
    let mut here = value;
    for step in parents {
        let Some(next) = child(here, step) else { return };
        here = next;
    }
    match (here, last) {
        (Value::Object(map), Step::Key(key)) => drop(map.shift_remove(key)),
        (Value::Array(items), Step::Item { field, value }) => items.retain(|item| item[field] != json!(value)),
        (items @ Value::Array(_), Step::Key(_)) => *items = Value::Null,
        _ => {}
    }
}

fn child<'v>(here: &'v mut Value, step: &Step) -> Option<&'v mut Value> {
    match (here, step) {
        (Value::Object(map), Step::Key(key)) => map.get_mut(key),
        (Value::Array(items), Step::Item { field, value }) => items.iter_mut().find(|item| item[field] == json!(value)),
        _ => None,
    }
}

/// An `add` makes the parents of what it adds.
fn without_empty(mut value: Value) -> Value {
    if let Value::Object(map) = &mut value {
        *map = std::mem::take(map).into_iter().map(|(key, member)| (key, without_empty(member))).collect();
        map.retain(|_, member| !matches!(member, Value::Object(map) if map.is_empty()) && !member.is_null());
    }
    if let Value::Array(items) = &mut value {
        *items = std::mem::take(items).into_iter().map(without_empty).collect();
    }
    value
}

fn permissions(choices: &mut Choices<'_>) -> Permissions {
    let kinds = |choices: &mut Choices<'_>| -> Vec<Kind> {
        (0..choices.byte() % 4)
            .filter_map(|_| choices.one_of(&KINDS))
            .map(|(api_version, kind)| Kind { api_version: api_version.to_owned(), kind: kind.to_owned() })
            .collect()
    };
    let (read, add, remove) = (kinds(choices), kinds(choices), kinds(choices));
    let patch = kinds(choices).into_iter().map(|Kind { api_version, kind }| {
        let paths = (0..=choices.byte() % 3).filter_map(|_| choices.one_of(&PATHS)).map(str::to_owned).collect();
        PatchGrant { api_version, kind, paths }
    });
    let patch = patch.collect();
    Permissions { read, add, patch, remove }
}

fn answer(choices: &mut Choices<'_>) -> String {
    let changes: Vec<Value> = (0..=choices.byte() % 4).map(|_| change(choices)).collect();
    json!({ "changes": changes }).to_string()
}

fn change(choices: &mut Choices<'_>) -> Value {
    let (api_version, kind) = choices.one_of(&KINDS).unwrap_or(KINDS[0]);
    let name = choices.one_of(&NAMES).unwrap_or("server");
    let target = json!({"apiVersion": api_version, "kind": kind, "name": name});
    match choices.byte() % 8 {
        0 => json!({"op": "add", "reason": "r", "manifest":
            {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, "data": choices.value(0)}}),
        1 => json!({"op": "remove", "reason": "r", "target": target}),
        _ => {
            let operations: Vec<Value> = (0..=choices.byte() % 4).map(|_| operation(choices)).collect();
            json!({"op": "patch", "reason": "r", "target": target, "patch": operations})
        }
    }
}

fn operation(choices: &mut Choices<'_>) -> Value {
    let mut path = choices.one_of(&PATHS).unwrap_or_default().to_owned();
    for _ in 0..choices.byte() % 3 {
        path.push_str(choices.one_of(&STEPS).unwrap_or_default());
    }
    match choices.byte() % 4 {
        0 => json!({"op": "add", "path": path, "value": choices.value(0)}),
        1 => json!({"op": "remove", "path": path}),
        2 => json!({"op": "replace", "path": path, "value": choices.value(0)}),
        _ => json!({"op": "test", "path": path, "value": choices.value(0)}),
    }
}

const KINDS: [(&str, &str); 5] =
    [("apps/v1", "Deployment"), ("v1", "Secret"), ("v1", "Service"), ("v1", "ConfigMap"), ("v1", "List")];
const NAMES: [&str; 4] = ["server", "keys", "new", "x/y"];
const PATHS: [&str; 14] = [
    "",
    "/metadata",
    "/metadata/annotations",
    "/metadata/annotations/a",
    "/metadata/name",
    "/spec",
    "/spec/replicas",
    "/spec/containers",
    "/spec/containers[name=livekit]",
    "/spec/containers[name=livekit]/env",
    "/spec/containers/0",
    "/stringData",
    "/stringData/key",
    "/kind",
];
const STEPS: [&str; 12] = [
    "/a",
    "/-",
    "/0",
    "/1",
    "/name",
    "/env",
    "[name=livekit]",
    "[value=hunter2-hunter2]",
    "/~1",
    "/annotations",
    "x",
    "[a",
];

fn manifests() -> ManifestSet {
    let mut set = ManifestSet::default();
    let all = [
        json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "server", "namespace": "livekit", "annotations": {"a": SECRET}},
            "spec": {"replicas": 3, "containers": [{"name": "exporter"},
                {"name": "livekit", "image": "livekit", "env": [{"name": "A", "value": SECRET}, {"name": "B", "value": "b"}]}]}}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "server"}, "spec": {"ports": [{"port": 1}]}}),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "server"}, "data": {"a": SECRET}}),
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"}, "stringData": {"key": SECRET}}),
    ];
    for value in all {
        set.push(value, "test").unwrap();
    }
    set
}
