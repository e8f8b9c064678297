//! Any patches of a user's own are applied or refused with a word. No object but their targets differs, and every
//! object is still the one that it was.

use std::sync::LazyLock;

use render_objects::manifest::ManifestSet;
use render_pipeline::Origin;
use render_pipeline::load::{Request, Set};
use render_pipeline::options::Options;
use render_pipeline::patches::apply;
use render_platform::values::{Patch, Values};
use render_plugins::open::Runtime;
use render_text::source::Sources;
use render_text::yaml::read;
use serde_json::{Value, json};

use super::choices::Choices;

/// YAML text is a layer of values with `patches`. What is no text, or has none, is a row of choices.
pub fn check(bytes: &[u8]) {
    let patches = std::str::from_utf8(bytes).ok().and_then(written).unwrap_or_else(|| chosen(Choices::of(bytes)));
    let (before, values, sources) = &*RENDERED;
    let mut values = values.clone();
    values.platform.patches = patches;
    match apply(before.clone(), &values) {
        Ok(after) => {
            assert_eq!(before.len(), after.manifests.len(), "an object more or less");
            for manifest in before.iter() {
                let now = after.manifests.get(&manifest.id).expect("every object is still there");
                if after.changes.iter().any(|change| change.object == manifest.id) {
                    super::yaml::same_again(std::slice::from_ref(&now.value));
                } else {
                    assert!(now.value == manifest.value, "{} is no target", manifest.id);
                }
            }
        }
        Err(found) => super::told(&found, sources),
    }
}

fn written(text: &str) -> Option<Vec<Patch>> {
    let source = Sources::default().add("values", text);
    let layer = read(source, text).ok()?.first()?.to_json();
    serde_json::from_value(layer.get("patches")?.clone()).ok()
}

fn chosen(mut choices: Choices<'_>) -> Vec<Patch> {
    let objects: Vec<Value> = RENDERED.0.iter().map(|manifest| manifest.value.clone()).collect();
    let mut patches = Vec::new();
    while !choices.is_over() && patches.len() < 8 {
        let Some(object) = choices.one_of(&objects) else { break };
        let mut operations = Vec::new();
        for _ in 0..=choices.byte() % 4 {
            operations.push(operation(&mut choices));
        }
        let metadata = &object["metadata"];
        let target = json!({"kind": object["kind"], "name": metadata["name"]});
        let patch = json!({"target": target, "reason": "for tests", "operations": operations});
        patches.extend(serde_json::from_value::<Patch>(patch).ok());
    }
    patches
}

fn operation(choices: &mut Choices<'_>) -> Value {
    let path = choices.one_of(&PATHS).unwrap_or("/metadata/labels").to_owned();
    let path = if choices.byte().is_multiple_of(2) { path } else { path + "/" + &choices.text() };
    match choices.byte() % 4 {
        0 => json!({"op": "remove", "path": path}),
        1 => json!({"op": "replace", "path": path, "value": choices.value(0)}),
        2 => json!({"op": "test", "path": path, "value": choices.value(0)}),
        _ => json!({"op": "add", "path": path, "value": choices.value(0)}),
    }
}

const PATHS: [&str; 12] = [
    "",
    "/",
    "/apiVersion",
    "/kind",
    "/metadata/name",
    "/metadata/labels",
    "/metadata/annotations/a~1b",
    "/spec",
    "/spec/template/spec/containers[name=livekit]/image",
    "/spec/template/spec/containers/0/args/-",
    "/spec/ports/99999999999999999999",
    "/data/config.yaml",
];

/// The objects of an environment, its values, and where those were written.
static RENDERED: LazyLock<(ManifestSet, Values, Sources)> = LazyLock::new(|| {
    let sets = vec![Set::Json("provider=null".to_owned())];
    let request = Request { environment: Some("prd".to_owned()), sets, ..Request::default() };
    let (runtime, mut sources) = (Runtime::default(), Sources::default());
    let rendered = render_pipeline::run(&request, Origin::Templates, Options::default(), &runtime, &mut sources)
        .passed(Options::default());
    let rendered = rendered.expect("the environment is right");
    (rendered.manifests, rendered.values.expect("they were rendered"), sources)
});
