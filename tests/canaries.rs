//! Secrets never leak. A canary goes into every field that the schema calls secret, by every way that values
//! come in, through runs that end well and runs that fail at each stage; no output of any command may hold a
//! canary, or the part of one, in any of the usual spellings. Only Secret manifests may.

mod spellings;
mod ways;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use self::spellings::assert_clean;
use self::ways::{PREFIX, Run, WAYS, by_file, canary, fields, quoted, rendered, tree};
use crate::support::{program, root};

/// Every command that reads values, in every form that its messages can take.
const COMMANDS: [&[&str]; 12] = [
    &[],
    &["-o", "json"],
    &["--strict"],
    &["--message-format", "json"],
    &["--message-format", "sarif"],
    &["--message-format", "github"],
    &["notes"],
    &["notes", "-o", "json"],
    &["check"],
    &["check", "--message-format", "json"],
    &["check", "--message-format", "sarif"],
    &["check", "--strict", "--message-format", "github"],
];

/// What goes wrong beside the secrets, as a file of values; each fails another stage.
const MISTAKES: [(&str, &str); 12] = [
    ("broken YAML", "redis:\n  auth: {value: CANARY\n"),
    ("a key twice", "redis:\n  auth:\n    value: CANARY\n    value: CANARY\n"),
    ("an unknown key", "redis: {auth: {value: CANARY, x: 1}}\n"),
    ("a misspelt secret", "redis: {auth: {valeu: CANARY}}\n"),
    ("a list", "redis: {auth: {value: [CANARY]}}\n"),
    ("a map", "redis: {auth: {value: {CANARY: CANARY}}}\n"),
    ("a secret where a map is due", "redis: {auth: CANARY}\nlivekit: {replicas: many}\n"),
    ("a rule", "livekit: {replicas: 9}\ncluster: {nodePool: {totalMaxNodeCount: 3}}\n"),
    (
        "a rule about secrets",
        "livekit: {config: {keys: {APIa: CANARY}, webhook: {urls: [\"https://a.example.com\"], api_key: x}}}\n",
    ),
    (
        "a patch of a Secret",
        "patches:\n  - target: {apiVersion: v1, kind: Secret, name: livekit-redis-auth}\n    reason: none\n    operations: [{op: test, path: /stringData/password, value: other}]\n",
    ),
    (
        "a patch with a secret",
        "patches:\n  - target: {apiVersion: v1, kind: Secret, name: nothing}\n    reason: none\n    operations: [{op: add, path: /stringData/a, value: CANARY}]\n",
    ),
    ("a plugin", "provider: gke\nlivekit: {keys: {value: null, externalSecret: {remoteRef: {key: a}}}}\n"),
];

/// Lines of a template that cannot do what they say.
const TEMPLATES: [&str; 7] = [
    "a: {{ redis.auth.value.nope }}",
    "a: {{ redis.auth.value|int }}",
    "a: {{ redis.auth.value + 1 }}",
    "a: x-{{ redis.auth.value }}",
    "{{ redis.auth.value }}: {{ nope }}",
    "a: {{ redis.auth.value|nope }}",
    "a: {{ redis[redis.auth.value] }}",
];

#[test]
fn no_way_in_is_a_way_out() {
    let folder = Folder::new("ways");
    let secrets = fields();
    assert!(secrets.len() > 5, "the schema calls only {secrets:?} secret");
    let mut seen = 0;
    // The configuration's own secrets are refused, and those that are rendered must be.
    for way in WAYS {
        for (refused, fields) in [(true, &secrets), (false, &rendered(&secrets))] {
            let given = way(fields, &folder);
            for command in COMMANDS {
                let mut run = given.clone();
                run.arguments.splice(0..0, command.iter().map(ToString::to_string));
                let (status, output) = run.output(&folder);
                assert!(refused == (status != 0) || command.contains(&"--strict"), "{:?}: {output}", run.arguments);
                seen += usize::from(output.contains(PREFIX));
                assert_clean(&run.arguments, &without_secrets(&output));
            }
        }
    }
    assert!(seen > 0, "no Secret was rendered, so the test sees nothing");
}

#[test]
fn no_mistake_lets_a_secret_out() {
    let folder = Folder::new("mistakes");
    let given = by_file(&rendered(&fields()), &folder);
    let mut files: Vec<(String, String)> = MISTAKES
        .iter()
        .map(|(name, text)| ((*name).to_owned(), text.replace("CANARY", &quoted(&canary(90)))))
        .collect();
    for (index, line) in TEMPLATES.iter().enumerate() {
        let name = format!("template{index}.yaml");
        folder.write(&name, &format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata:\n  {line}\n"));
        files.push((format!("template {line}"), format!("templates: [{name}]\n")));
    }
    folder.write("named.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ redis.auth.value }} }\n");
    files.push(("a name".to_owned(), "templates: [named.yaml]\n".to_owned()));
    for (name, text) in files {
        folder.write("mistake.yaml", &text);
        for command in COMMANDS {
            let mut run = given.clone();
            run.arguments.splice(0..0, command.iter().map(ToString::to_string));
            run.arguments.extend(["-f".to_owned(), "mistake.yaml".to_owned()]);
            let (status, output) = run.output(&folder);
            assert!(status == 1, "{name} {command:?} ends with {status}: {output}");
            assert_clean(&(name.clone(), command), &output);
        }
    }
}

#[test]
fn a_command_line_that_cannot_be_read_is_not_repeated() {
    let folder = Folder::new("lines");
    let (secret, assignment) = (canary(0), format!("redis.auth.value={}", canary(0)));
    for line in [
        vec!["--sett", &assignment],
        vec!["-f", "x.yaml", &format!("--sett={assignment}")],
        vec![&assignment],
        vec!["--set", "redis.auth.value=a", &secret],
        vec!["notes", "--set", "redis.auth.value=a", &secret],
        vec!["--env", "prd", "--set", &format!("redis.auth.value={{{secret}")],
        vec!["--env", "prd", "--set", &format!("redis.auth.value[{secret}")],
        vec!["--env", "prd", "--set-json", &format!("redis.auth.value={{{secret}")],
        vec!["--env", "prd", "--set", &format!("redis.auth.value.x={secret}")],
        vec!["--env", "prd", "--set-file", "redis.auth.value=missing"],
        vec!["--env", "prd", "--set-string", &format!("redis.auth.vlaue={secret}")],
    ] {
        for format in ["human", "json", "sarif", "github"] {
            let arguments: Vec<String> =
                line.iter().map(ToString::to_string).chain([format!("--message-format={format}")]).collect();
            let run = Run { arguments, stdin: String::new(), variables: Vec::new() };
            let (status, output) = run.output(&folder);
            assert_eq!(status, 1, "{:?}: {output}", run.arguments);
            assert_clean(&run.arguments, &output);
        }
    }
}

impl Run {
    /// The status, and both outputs.
    fn output(&self, folder: &Folder) -> (i32, String) {
        let mut child = Command::new(program())
            .args(&self.arguments)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(&folder.0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command line that cannot be read leaves stdin alone.
        let _ = child.stdin.take().unwrap().write_all(self.stdin.as_bytes());
        let output = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout) + "\n---\n" + &text(output.stderr))
    }
}

/// What was printed beside Secrets.
fn without_secrets(output: &str) -> String {
    if let Some((list, rest)) = output.split_once("\n---\n")
        && let Ok(Value::Object(list)) = serde_json::from_str::<Value>(list)
        && let Some(items) = list.get("items").and_then(Value::as_array)
    {
        let others: Vec<&Value> = items.iter().filter(|item| item["kind"] != json!("Secret")).collect();
        return format!("{}\n{rest}", json!(others));
    }
    let documents = output.split("---\n").filter(|document| !document.contains("kind: Secret\n"));
    documents.collect::<Vec<_>>().join("---\n")
}

/// A folder of its own for each test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("canaries-{name}"));
        fs::create_dir_all(&folder).unwrap();
        let folder = Self(folder);
        folder.write("base.yaml", "redis: {mode: embedded, auth: {enabled: true}}\n");
        folder
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.join(name), text).unwrap();
    }
}

#[test]
fn debugging_prints_no_secret() {
    let mut sources = render_text::source::Sources::new(&render_platform::values::schema::VOCABULARY);
    let fields = rendered(&fields());
    let text = format!("{}", tree(&fields));
    let id = sources.add("secrets.yaml", text.clone());
    let node = render_text::yaml::read(id, &text).unwrap().remove(0);
    let request = render_pipeline::load::Request {
        files: vec![root().join("environments/dev.yaml")],
        sets: vec![render_pipeline::load::Set::Typed(format!("redis.auth.value={}", canary(0)))],
        ..Default::default()
    };
    let loaded = render_pipeline::load::load(&request, &mut sources).unwrap();
    let environment = render_pipeline::merge::merge(&loaded, None, &sources).unwrap();
    let all = format!("{node:?} {request:?} {loaded:?} {environment:?} {sources:?}");
    assert_clean(&"Debug", &all);
    assert!(all.contains("redis"), "{all}");
}
