//! What the unit tests of rules share: a table of inputs, each with the findings of one rule. An expected finding is a part of its
//! message; the fixtures in tests/commands/rules/ hold whole messages with their places.

use render_objects::manifest::ManifestSet;
use render_objects::stream;
use render_platform::facts::{Facts, Need};
use render_platform::resolve;
use render_platform::values::{DEFAULTS, Platform, Values};
use render_schema::api::Api;
use render_schema::api::version::Version;
use render_text::diagnostic::Diagnostic;
use render_text::node::{Node, overlay};
use render_text::source::Sources;
use render_text::yaml;

use super::{Finished, check_manifests, check_values, every};

/// An input, and a part of each message that is due.
pub(crate) type Case<'a> = (&'a str, &'a [&'a str]);

/// Judges objects of another renderer.
#[track_caller]
pub(crate) fn in_objects(code: &str, cases: &[Case]) {
    for (objects, expected) in cases {
        compare(code, objects, expected, &found_in_objects(objects, None, None));
    }
}

/// Judges objects of another renderer where the most nodes are known.
#[track_caller]
pub(crate) fn on_nodes(nodes: u32, code: &str, cases: &[Case]) {
    for (objects, expected) in cases {
        compare(code, objects, expected, &found_in_objects(objects, None, Some(nodes)));
    }
}

/// Judges objects that were made with an environment's values.
#[track_caller]
pub(crate) fn in_environment(values: &str, code: &str, cases: &[Case]) {
    let (values, _) = resolved(values);
    for (objects, expected) in cases {
        compare(code, objects, expected, &found_in_objects(objects, Some(&values), None));
    }
}

/// Judges values that are written over the defaults.
#[track_caller]
pub(crate) fn in_values(code: &str, cases: &[Case]) {
    for (values, expected) in cases {
        let (resolved, earlier) = resolved(values);
        compare(code, values, expected, &check_values(&resolved, earlier));
    }
}

/// A Deployment of LiveKit in the namespace `media`, with the labels `app: lk`. Each field adds to the object in YAML's flow style.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LiveKit<'a> {
    /// LiveKit's configuration, block style; none where it is empty.
    pub(crate) config: &'a str,
    /// Items of the container's variables.
    pub(crate) env: &'a str,
    /// Fields of the container.
    pub(crate) container: &'a str,
    /// Fields of the pod's `spec`.
    pub(crate) pod: &'a str,
    /// Fields of the pod's `metadata`.
    pub(crate) metadata: &'a str,
    /// Fields of the Deployment's `spec`.
    pub(crate) spec: &'a str,
    /// Other objects, each behind a line `---`.
    pub(crate) beside: &'a str,
}

impl LiveKit<'_> {
    /// The objects as a text.
    pub(crate) fn yaml(self) -> String {
        let Self { config, env, container, pod, metadata, spec, beside } = self;
        let config = if config.is_empty() {
            String::new()
        } else {
            format!("{{name: LIVEKIT_CONFIG, value: {}}}", serde_json::to_string(config).unwrap())
        };
        let env = [config.as_str(), env].into_iter().filter(|one| !one.is_empty()).collect::<Vec<_>>().join(", ");
        let container =
            fields(&["name: lk", "image: livekit/livekit-server:v1.13.5", &format!("env: [{env}]"), container]);
        let pod = fields(&[&format!("containers: [{container}]"), pod]);
        let metadata = fields(&["labels: {app: lk}", metadata]);
        let spec = fields(&[
            "selector: {matchLabels: {app: lk}}",
            &format!("template: {{metadata: {metadata}, spec: {pod}}}"),
            spec,
        ]);
        format!(
            "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: lk, namespace: media}}, spec: {spec}}}\n{beside}"
        )
    }
}

/// LiveKit with a configuration, and nothing else.
pub(crate) fn livekit(config: &str) -> String {
    LiveKit { config, ..LiveKit::default() }.yaml()
}

fn fields(fields: &[&str]) -> String {
    let fields: Vec<&str> = fields.iter().copied().filter(|field| !field.is_empty()).collect();
    format!("{{{}}}", fields.join(", "))
}

#[track_caller]
fn compare(code: &str, input: &str, expected: &[&str], found: &[Diagnostic]) {
    assert!(every().any(|rule| rule.code == code), "no rule has the code {code}");
    let found: Vec<&str> =
        found.iter().filter(|finding| finding.code == Some(code)).map(|finding| finding.message.as_str()).collect();
    let fits = found.len() == expected.len() && found.iter().zip(expected).all(|(one, part)| one.contains(part));
    assert!(fits, "{code} finds {found:#?}, and {expected:#?} is due, in:\n{input}");
}

fn found_in_objects(objects: &str, values: Option<&Values>, nodes: Option<u32>) -> Vec<Diagnostic> {
    let manifests = manifests(objects);
    let api = Api::new(Version::DEFAULT, Vec::new(), &manifests);
    check_manifests(&Finished { manifests: &manifests, values, api: &api, nodes }, &[])
}

fn manifests(objects: &str) -> ManifestSet {
    let mut sources = Sources::default();
    let text = sources.add("objects.yaml", objects);
    match stream::read(&[text], &sources) {
        Ok((manifests, _)) => manifests,
        Err(mistakes) => panic!("{:?} in:\n{objects}", mistakes[0].message),
    }
}

fn resolved(values: &str) -> (Values, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let tree = overlay(parsed("defaults.yaml", DEFAULTS, &mut sources), parsed("values.yaml", values, &mut sources));
    let json = tree.to_json();
    let platform: Platform =
        serde_json::from_value(json.clone()).unwrap_or_else(|wrong| panic!("{wrong} in:\n{values}"));
    let values = Values { environment: "test".to_owned(), tree, json, platform };
    resolve::resolve(values, &Facts::default(), Need::Optional).unwrap()
}

fn parsed(name: &str, text: &str, sources: &mut Sources) -> Node {
    let source = sources.add(name, text);
    match yaml::read(source, text) {
        Ok(documents) => documents.into_iter().next().unwrap(),
        Err(mistakes) => panic!("{:?} in:\n{text}", mistakes[0].message),
    }
}
