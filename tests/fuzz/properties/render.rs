//! Any values on top of an environment are rendered or refused. What is rendered is written so that it reads back as
//! the same objects, as many as there are, and a text stands where it was put, exactly as it was.

use std::sync::LazyLock;

use render_objects::manifest::ManifestSet;
use render_pipeline::Origin;
use render_pipeline::checked::Checked;
use render_pipeline::emit;
use render_pipeline::load::{Request, Set};
use render_pipeline::options::Options;
use render_platform::phase;
use render_plugins::limits::Limits;
use render_plugins::open::Runtime;
use render_text::diagnostic::Failure;
use render_text::source::Sources;
use render_text::yaml::read;
use serde_json::{Value, json};

use super::choices::Choices;
use super::yaml::{same_again, values_of};

/// Bytes that no text can begin with say that choices follow, not YAML; the lowest bits name the environment.
const CHOICES: u8 = 0xf8;

/// YAML text is a layer of values. What is not text is a row of choices: which path of the environment's values gets
/// which value, so that most of them get past the schema.
pub fn check(bytes: &[u8]) {
    match bytes.split_first() {
        Some((first, rest)) if *first >= CHOICES => chosen(first - CHOICES, rest),
        _ => written(&String::from_utf8_lossy(bytes)),
    }
}

/// A layer of values on top of the defaults.
fn written(text: &str) {
    let mut sources = Sources::default();
    let source = sources.add("values", text);
    let Ok(documents) = read(source, text) else { return };
    let Some(layer) = documents.first().map(render_text::node::Node::to_json).filter(Value::is_object) else { return };
    let mut sets = Vec::new();
    assign(&layer, &mut Vec::new(), &mut sets);
    rendered_or_refused(&Request { sets, ..Request::default() });
}

/// Choices on top of an environment, and one text in places of which it is known where they end up.
fn chosen(first: u8, rest: &[u8]) {
    let mut choices = Choices::of(rest);
    let environment = ["dev", "stg", "prd"].get(usize::from(first % 4)).map(|name| (*name).to_owned());
    let mut sets = Vec::new();
    // The plugin of a provider costs more time than all the rest, and has tests of its own.
    if choices.byte() < 250 {
        sets.push(Set::Json("provider=null".to_owned()));
    }
    let text = choices.text();
    let marked = first >= 4;
    for _ in 0..choices.byte() % 6 {
        let Some(path) = choices.one_of(&PATHS).filter(|_| !choices.is_over()) else { break };
        sets.push(Set::Json(format!("{path}={}", choices.value(0))));
    }
    if marked {
        sets.extend(MARKS.iter().map(|mark| Set::Json(format!("{}={}", mark.0, (mark.1)(&text)))));
    }
    if let Some(rendered) = rendered_or_refused(&Request { environment, sets, ..Request::default() })
        && marked
    {
        in_its_place(&rendered.manifests, &text);
    }
}

/// Where a text goes, as an assignment of `--set-json`.
type Mark = (&'static str, fn(&str) -> Value);

const MARKS: [Mark; 5] = [
    ("livekit.enabled", |_| json!(true)),
    ("livekit.annotations", |text| json!({"mark": text, "marked": "after"})),
    ("livekit.podAnnotations", |text| json!({"mark": text, "marked": "after"})),
    ("livekit.env", |text| json!([{"name": "BEFORE", "value": text}, {"name": "MARK", "value": text}])),
    ("livekit.config.region", |text| json!(text)),
];

fn in_its_place(set: &ManifestSet, text: &str) {
    let object = |kind: &str| {
        let livekit = |value: &&Value| value["metadata"]["labels"]["app.kubernetes.io/component"] == "livekit";
        set.iter().map(|manifest| &manifest.value).filter(|value| value["kind"] == kind).find(livekit)
    };
    // A patch may have taken them away.
    let (Some(deployment), Some(config)) = (object("Deployment"), object("ConfigMap")) else { return };
    let annotations = &deployment["spec"]["template"]["metadata"]["annotations"];
    assert_eq!([&annotations["mark"], &annotations["marked"]], [&json!(text), &json!("after")]);
    assert_eq!(deployment["metadata"]["annotations"]["mark"], json!(text));
    let env = deployment["spec"]["template"]["spec"]["containers"][0]["env"].as_array().unwrap();
    let before = json!({"name": "BEFORE", "value": text});
    let at = env.iter().position(|variable| *variable == before).expect("the variable is there");
    assert_eq!(env[at + 1], json!({"name": "MARK", "value": text}));
    let inner = values_of(config["data"]["config.yaml"].as_str().unwrap());
    assert_eq!(inner.len(), 1);
    assert_eq!(inner[0]["region"], json!(text));
}

/// The rendered environment, held to what must be true of each; `None` when it was refused, with a word.
fn rendered_or_refused(request: &Request) -> Option<Checked> {
    let mut sources = Sources::default();
    match render_pipeline::run(request, Origin::Templates, Options::default(), &RUNTIME, &mut sources)
        .passed(Options::default())
    {
        Ok(rendered) => {
            holds(&rendered);
            if !rendered.findings.is_empty() {
                super::told(&rendered.findings, &sources);
            }
            Some(rendered)
        }
        Err(Failure::Input(found)) => {
            super::told(&found, &sources);
            None
        }
        Err(Failure::Internal(message)) => panic!("input may be wrong, the program may not: {message}"),
    }
}

fn holds(rendered: &Checked) {
    let Ok(ordered) = emit::ordered(&rendered.manifests, None) else {
        assert!(rendered.manifests.is_empty(), "manifests that are never written");
        return;
    };
    assert_eq!(ordered.len(), rendered.manifests.len());
    let values: Vec<Value> = ordered.iter().map(|manifest| manifest.value.clone()).collect();
    assert_eq!(values_of(&emit::text(&ordered, emit::Format::Yaml).unwrap()), values);
    let json: Value = serde_json::from_str(&emit::text(&ordered, emit::Format::Json).unwrap()).unwrap();
    assert_eq!(json["items"], json!(values));
    same_again(&values);
    let phases = [phase::Phase::Bootstrap, phase::Phase::Platform, phase::Phase::App];
    let parts = phases.map(|phase| emit::ordered(&rendered.manifests, Some(phase)).map_or(0, |part| part.len()));
    assert_eq!(parts.iter().sum::<usize>(), values.len(), "each object has one phase");
}

/// A layer as assignments of its leaves, so that maps merge.
fn assign(value: &Value, path: &mut Vec<String>, sets: &mut Vec<Set>) {
    match value.as_object() {
        Some(members) if !members.is_empty() => {
            for (key, value) in members.iter().filter(|(key, _)| !key.is_empty()) {
                path.push(key.chars().flat_map(|char| ['\\', char]).collect());
                assign(value, path, sets);
                path.pop();
            }
        }
        _ if path.is_empty() => {}
        _ => sets.push(Set::Json(format!("{}={value}", path.join(".")))),
    }
}

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Runtime::new(Limits::default(), Some(std::env::temp_dir().join("render-fuzz-cache"))));

/// Every path of the values of every environment.
static PATHS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut paths: Vec<String> = EXTRA.iter().map(|path| (*path).to_owned()).collect();
    for environment in [None, Some("dev"), Some("stg"), Some("prd")] {
        let environment = environment.map(str::to_owned);
        let sets = vec![Set::Json("provider=null".to_owned()), Set::Json("redis.mode=\"external\"".to_owned())];
        let request = Request { environment, sets, ..Request::default() };
        if let Ok(rendered) =
            render_pipeline::run(&request, Origin::Templates, Options::default(), &RUNTIME, &mut Sources::default())
                .passed(Options::default())
        {
            collect(&rendered.values.expect("they were rendered").json, &mut Vec::new(), &mut paths);
        }
    }
    assert!(paths.len() > 100, "{paths:?}");
    paths.sort();
    paths.dedup();
    paths
});

/// Places of values that no environment has: those that a text goes to, and those that change what is rendered.
const EXTRA: [&str; 16] = [
    "custom.a",
    "patches",
    "templates",
    "livekit.config.rtc.udp_port",
    "livekit.config.rtc.node_ip",
    "livekit.config.webhook.urls",
    "livekit.config.keys",
    "livekit.env",
    "livekit.extraContainers",
    "livekit.keys.value",
    "livekit.labels",
    "livekit.podLabels",
    "livekit.resources.limits.memory",
    "redis.auth.value",
    "redis.embedded.config.maxmemory",
    "terraform.outputs.a",
];

fn collect(value: &Value, path: &mut Vec<String>, paths: &mut Vec<String>) {
    if !path.is_empty() {
        paths.push(path.join("."));
    }
    for (key, value) in value.as_object().into_iter().flatten() {
        path.push(key.replace('.', "\\."));
        collect(value, path, paths);
        path.pop();
    }
}
