//! Secrets never leak. A canary goes into every field that the schema calls secret, by every way that values
//! come in, through runs that end well and runs that fail at each stage; no output of any command may hold a
//! canary, or the part of one, in any of the usual spellings. Only Secret manifests may.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use render::schema::generate;
use serde_json::{Value, json};

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
        "patches:\n  - target: {apiVersion: v1, kind: Secret, name: redis-auth}\n    reason: none\n    operations: [{op: test, path: /stringData/password, value: no}, {op: test, path: /stringData/redis-password, value: no}]\n",
    ),
    (
        "a patch with a secret",
        "patches:\n  - target: {apiVersion: v1, kind: Secret, name: nothing}\n    reason: none\n    operations: [{op: add, path: /stringData/a, value: CANARY}]\n",
    ),
    ("a plugin", "provider: gke\n"),
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

/// A secret field and its canary.
#[derive(Debug, Clone)]
struct Field {
    path: Vec<String>,
    secret: String,
}

/// How a run is given its values.
#[derive(Debug, Clone)]
struct Run {
    arguments: Vec<String>,
    stdin: String,
    variables: Vec<(String, String)>,
}

type Way = fn(&[Field], &Folder) -> Run;

const WAYS: [Way; 8] = [by_file, by_stdin, by_set, by_set_string, by_set_json, by_set_file, by_set_env, by_terraform];

const PREFIX: &str = "qZ7x";

/// Long enough for LiveKit, and with letters that change where something is encoded.
fn canary(number: usize) -> String {
    format!("{PREFIX}{number:02}Kw/c+a&n<a>ry{number:02}0123456789abcdefghij")
}

/// Every field that the schema calls secret; keys of maps and items of lists are made up.
fn fields() -> Vec<Field> {
    let schema = generate::values();
    let mut paths = Vec::new();
    walk(&schema, &schema, &mut Vec::new(), &mut paths);
    paths.sort();
    paths.dedup();
    paths.into_iter().enumerate().map(|(number, path)| Field { path, secret: canary(number) }).collect()
}

fn walk(schema: &Value, node: &Value, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    if path.len() > 12 {
        return;
    }
    if let Some(reference) = node["$ref"].as_str() {
        walk(schema, schema.pointer(&reference[1..]).unwrap(), path, found);
    }
    if node["writeOnly"] == json!(true) {
        found.push(path.clone());
    }
    for keyword in ["anyOf", "oneOf", "allOf"] {
        for branch in node[keyword].as_array().into_iter().flatten() {
            walk(schema, branch, path, found);
        }
    }
    let named = node["properties"].as_object().into_iter().flatten().map(|(key, below)| (key.as_str(), below));
    for (key, below) in named.chain([("APIkey", &node["additionalProperties"]), ("0", &node["items"])]) {
        if below.is_object() {
            path.push(key.to_owned());
            walk(schema, below, path, found);
            path.pop();
        }
    }
}

/// The fields that may go into a Secret.
fn rendered(fields: &[Field]) -> Vec<Field> {
    let is_config = |field: &&Field| field.path.get(1).is_some_and(|key| key == "config");
    fields.iter().filter(|field| !is_config(field)).cloned().collect()
}

/// The secret as its field wants it: LiveKit's keys are lines of `name: secret`.
fn value(field: &Field) -> String {
    if field.path[0] == "livekit" && field.path[1] == "keys" {
        format!("APIabc: {}", field.secret)
    } else {
        field.secret.clone()
    }
}

fn tree(fields: &[Field]) -> Value {
    let mut tree = json!({});
    for field in fields {
        let mut here = &mut tree;
        for key in &field.path {
            here = if key == "0" {
                if here.is_null() {
                    *here = json!([{}]);
                }
                &mut here[0]
            } else {
                &mut here[key.as_str()]
            };
        }
        *here = json!(value(field));
    }
    tree
}

fn base() -> Run {
    Run { arguments: vec!["-f".to_owned(), "base.yaml".to_owned()], stdin: String::new(), variables: Vec::new() }
}

fn with(arguments: impl IntoIterator<Item = String>) -> Run {
    let mut run = base();
    run.arguments.extend(arguments);
    run
}

fn by_file(fields: &[Field], folder: &Folder) -> Run {
    folder.write("secrets.yaml", &format!("{:#}", tree(fields)));
    with(["-f", "secrets.yaml"].map(str::to_owned))
}

fn by_stdin(fields: &[Field], _: &Folder) -> Run {
    Run { stdin: format!("{:#}", tree(fields)), ..with(["-f", "-"].map(str::to_owned)) }
}

fn by_set(fields: &[Field], _: &Folder) -> Run {
    with(fields.iter().flat_map(|field| ["--set".to_owned(), format!("{}={}", dotted(field), value(field))]))
}

fn by_set_string(fields: &[Field], _: &Folder) -> Run {
    with(fields.iter().flat_map(|field| ["--set-string".to_owned(), format!("{}={}", dotted(field), value(field))]))
}

fn by_set_json(fields: &[Field], _: &Folder) -> Run {
    with(
        fields.iter().flat_map(|field| ["--set-json".to_owned(), format!("{}={}", dotted(field), json!(value(field)))]),
    )
}

fn by_set_file(fields: &[Field], folder: &Folder) -> Run {
    with(fields.iter().enumerate().flat_map(|(number, field)| {
        folder.write(&format!("secret{number}"), &value(field));
        ["--set-file".to_owned(), format!("{}=secret{number}", dotted(field))]
    }))
}

fn by_set_env(fields: &[Field], _: &Folder) -> Run {
    let name = |number: usize| format!("CANARY{number}");
    let variables = fields.iter().enumerate().map(|(number, field)| (name(number), value(field))).collect();
    let argument =
        |(number, field): (usize, &Field)| ["--set-env".to_owned(), format!("{}={}", dotted(field), name(number))];
    Run { variables, ..with(fields.iter().enumerate().flat_map(argument)) }
}

/// Outputs go by paths of keys; what is in a list comes by a file.
fn by_terraform(fields: &[Field], folder: &Folder) -> Run {
    let (listed, plain): (Vec<Field>, Vec<Field>) =
        fields.iter().cloned().partition(|field| field.path.contains(&"0".to_owned()));
    let names =
        plain.iter().enumerate().map(|(number, field)| (format!("secret{number}"), json!(field.path.join("."))));
    let outputs = plain.iter().enumerate().map(|(number, field)| {
        (format!("secret{number}"), json!({"sensitive": true, "type": "string", "value": value(field)}))
    });
    let mut values = tree(&listed);
    values["terraform"] = json!({"outputs": Value::Object(names.collect())});
    folder.write("wanted.yaml", &format!("{values:#}"));
    folder.write("outputs.json", &format!("{:#}", Value::Object(outputs.collect())));
    with(["-f", "wanted.yaml", "--terraform-output", "outputs.json"].map(str::to_owned))
}

fn dotted(field: &Field) -> String {
    field.path.join(".").replace(".0.", "[0].")
}

fn quoted(text: &str) -> String {
    json!(text).to_string()
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

fn assert_clean(run: &impl std::fmt::Debug, output: &str) {
    for number in (0..fields().len()).chain([90]) {
        let secret = canary(number);
        let first = &secret[..8];
        for spelling in [vec![first.to_owned(), percent(&secret)], base64(&secret)].concat() {
            assert!(!output.contains(&spelling), "{run:?} shows {spelling}:\n{output}");
        }
    }
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// The middle of the text in base64, at each of the three places where it can begin.
fn base64(text: &str) -> Vec<String> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let encode = |bytes: &[u8]| -> String {
        let groups =
            bytes.chunks_exact(3).map(|group| group.iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte)));
        groups
            .flat_map(|group| [18, 12, 6, 0].map(|shift| char::from(LETTERS[(group >> shift & 63) as usize])))
            .collect()
    };
    (0..3).map(|skipped| encode(&text.as_bytes()[skipped..])).collect()
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
    let mut sources = render::source::Sources::default();
    let fields = rendered(&fields());
    let text = format!("{}", tree(&fields));
    let id = sources.add("secrets.yaml", text.clone());
    let node = render::yaml::read(id, &text).unwrap().remove(0);
    let request = render::load::Request {
        files: vec![root().join("environments/dev.yaml")],
        sets: vec![render::load::Set::Typed(format!("redis.auth.value={}", canary(0)))],
        ..Default::default()
    };
    let loaded = render::load::load(&request, &mut sources).unwrap();
    let environment = render::merge::merge(&loaded, None, &sources).unwrap();
    let all = format!("{node:?} {request:?} {loaded:?} {environment:?} {sources:?}");
    assert_clean(&"Debug", &all);
    assert!(all.contains("redis"), "{all}");
}
