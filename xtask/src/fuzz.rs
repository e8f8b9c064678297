//! The fuzzer of `tests/fuzz`: its seeds, which are the fixtures of the ordinary tests, and a run of it. The tests read
//! the same seeds from here, so that none is committed twice.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The targets, each a property in `tests/fuzz/properties`.
pub const TARGETS: [&str; 10] =
    ["yaml", "set", "merge", "render", "apply", "component", "template", "patches", "registry", "lock"];

/// Longer inputs find nothing that shorter ones do not, later.
const MAX_LENGTH: usize = 4096;

/// How much memory a run may take, in MiB.
const MAX_MEMORY: usize = 2048;

/// Fuzzes the targets that are named, or all of them in turn, each for so many seconds.
///
/// # Errors
/// A target that does not exist, an input that breaks a property, or no cargo-fuzz to run.
pub fn fuzz(root: &Path, arguments: &[&str]) -> Result<String, String> {
    let number = |argument: &&&str| argument.parse::<u32>().is_ok();
    let seconds = arguments.iter().find(number).copied().unwrap_or("60");
    let named: Vec<&str> = arguments.iter().filter(|argument| !number(argument)).copied().collect();
    for target in if named.is_empty() { TARGETS.to_vec() } else { named } {
        if !TARGETS.contains(&target) {
            return Err(format!("there is no target `{target}`, only {}", TARGETS.join(", ")));
        }
        run(root, target, seconds)?;
    }
    Ok("no input broke a property".to_owned())
}

#[expect(clippy::disallowed_methods, reason = "the fuzzer reads its seeds from files")]
fn run(root: &Path, target: &str, seconds: &str) -> Result<(), String> {
    let folder = root.join("tests/fuzz");
    let corpus = folder.join("corpus").join(target);
    fs::create_dir_all(&corpus).map_err(|error| format!("{}: {error}", corpus.display()))?;
    for (name, seed) in seeds(root, target)? {
        fs::write(corpus.join(name), seed).map_err(|error| error.to_string())?;
    }
    let limits = [
        format!("-max_total_time={seconds}"),
        format!("-max_len={MAX_LENGTH}"),
        format!("-rss_limit_mb={MAX_MEMORY}"),
        "-timeout=20".to_owned(),
        "-print_final_stats=1".to_owned(),
    ];
    let mut command = Command::new("cargo");
    // Only the flags that count what was reached need the switch; the code stays that of the stable compiler.
    command.env("RUSTC_BOOTSTRAP", "1").current_dir(root);
    command.args(["fuzz", "run", "--fuzz-dir", "tests/fuzz", "--sanitizer", "none", target]);
    let regressions = folder.join("regressions").join(target);
    command.arg(&corpus).args(regressions.is_dir().then_some(regressions)).arg("--").args(limits);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(format!("{target}: the input stands in tests/fuzz/artifacts/{target}; keep it as a regression")),
        Err(error) => Err(format!("cargo fuzz: {error}; `cargo install cargo-fuzz --locked` installs it")),
    }
}

/// Inputs that a target starts from, each with the name of its file.
///
/// # Errors
/// A fixture that cannot be read.
pub fn seeds(root: &Path, target: &str) -> Result<Vec<(String, Vec<u8>)>, String> {
    let found = match target {
        "set" => arguments(&root.join("tests/set.tsv"))?,
        "merge" => layers(root)?,
        "render" => texts(root)?.into_iter().chain(choices()).collect(),
        "apply" => answers(root)?.into_iter().chain(choices()).collect(),
        "component" => components(root)?.into_iter().chain(changes()).collect(),
        "template" => templates(root)?.into_iter().chain(chains()).collect(),
        "patches" => patches(root)?.into_iter().chain(choices()).collect(),
        "registry" => ANSWERS.iter().map(|answer| answer.as_bytes().to_vec()).chain(nested()).collect(),
        "lock" => locks(root)?,
        _ => texts(root)?.into_iter().chain(scalars(&root.join("tests/yaml/read.tsv"))?).collect(),
    };
    let named = |(number, seed)| (format!("seed-{number:04}"), seed);
    Ok(found.into_iter().enumerate().map(named).collect())
}

/// The YAML files of the fixtures, of the environments, and of the defaults.
fn texts(root: &Path) -> Result<Vec<Vec<u8>>, String> {
    let mut paths = vec![root.join("host/defaults.yaml")];
    for folder in ["environments", "tests/commands"] {
        collect(&root.join(folder), "yaml", &mut paths)?;
    }
    paths.sort();
    paths.iter().map(|path| bytes(path)).collect()
}

/// Templates: those of the program, and those of the fixtures.
fn templates(root: &Path) -> Result<Vec<Vec<u8>>, String> {
    let mut paths = Vec::new();
    for folder in ["host/templates", "tests/commands"] {
        collect(&root.join(folder), "yaml", &mut paths)?;
    }
    paths.sort();
    let texts: Vec<Vec<u8>> = paths.iter().map(|path| bytes(path)).collect::<Result<_, _>>()?;
    Ok(texts.into_iter().filter(|text| has(text, "{{") || has(text, "{%")).collect())
}

/// Chains of each kind, each as long as an input of the fuzzer.
fn chains() -> Vec<Vec<u8>> {
    let chain = |(before, link, behind): &(&str, &str, &str)| {
        let links = link.repeat((MAX_LENGTH - before.len() - behind.len()) / link.len());
        [before, links.as_str(), behind].concat().into_bytes()
    };
    CHAINS.iter().map(chain).collect()
}

const CHAINS: [(&str, &str, &str); 16] = [
    ("a: {{ ", "not ", "1 }}"),
    ("a: {{ ", "-", "1 }}"),
    ("a: {{ 1", "|string", " }}"),
    ("a: {{ custom", ".a", " }}"),
    ("a: {{ custom", "[0]", " }}"),
    ("a: {{ 1", " ~ 1", " }}"),
    ("a: {{ 2", " * 9", " }}"),
    ("a: {{ 1", " if 1 else 1", " }}"),
    ("a: {{ 1", " == 1", " }}"),
    ("a: {{ ", "(", " }}"),
    ("a: {{ ", "[", " }}"),
    ("{% if 0 %}", "{% elif 0 %}", "{% endif %}"),
    ("", "{% if 1 %}", ""),
    ("", "{% for i in range(99999) %}", "a"),
    ("{% set a = 'a' %}", "{% set a = a ~ a %}", "a: {{ a }}"),
    ("{% set a = [] %}", "{% set a = [a, a] %}", "a: {{ a|string }}"),
];

/// Values with patches.
fn patches(root: &Path) -> Result<Vec<Vec<u8>>, String> {
    Ok(texts(root)?.into_iter().filter(|text| has(text, "patches:")).collect())
}

/// Lock files of the fixtures, and files of values, which are none.
fn locks(root: &Path) -> Result<Vec<Vec<u8>>, String> {
    let mut paths = Vec::new();
    collect(&root.join("tests"), "lock", &mut paths)?;
    paths.retain(|path| path.ends_with("render.lock"));
    paths.sort();
    let locks: Result<Vec<Vec<u8>>, String> = paths.iter().map(|path| bytes(path)).collect();
    Ok(LOCKS
        .iter()
        .map(|lock| lock.as_bytes().to_vec())
        .chain(locks?)
        .chain(texts(root)?.into_iter().take(60))
        .collect())
}

const LOCKS: [&str; 3] = [
    "version: 1\nplugins:\n  acme:\n    source: oci://127.0.0.1:5000/acme/plugin:1\n    digest: sha256:\
     0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a\n    sha256: \
     0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a\n    version: 1.0.0\n    permissions:\n      \
     read: [{apiVersion: v1, kind: Service}]\n      patch: [{apiVersion: v1, kind: Service, paths: [/metadata]}]\n    \
     signature: {key: acme.pub}\n    limits: {memory: 128MiB, changes: 2000}\n",
    "version: 1\nplugins: {}\n",
    "version: 2\n",
];

/// What registries answer, right and wrong.
const ANSWERS: [&str; 15] = [
    r#"{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": {"mediaType": "application/vnd.wasm.config.v0+json", "digest": "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", "size": 2}, "layers": [{"mediaType": "application/wasm", "digest": "sha256:0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a", "size": 1000, "annotations": {"dev.cosignproject.cosign/signature": "MEUC"}}]}"#,
    r#"{"layers": [{"mediaType": "application/wasm", "digest": "sha256:../../../../manifests/latest", "size": 1}]}"#,
    r#"{"layers": [{"mediaType": "application/wasm", "digest": "", "size": -1}]}"#,
    r#"{"layers": [{"mediaType": "\u001b[31m", "digest": "md5:00", "size": 1e308}]}"#,
    r#"{"layers": [], "manifests": []}"#,
    r#"{"schemaVersion": 2, "manifests": [{"digest": "sha256:00", "size": 1}]}"#,
    r#"{"token": "a", "access_token": "b", "expires_in": 300}"#,
    r#"{"access_token": "a\r\nhost: b"}"#,
    r#"{"token": {"token": []}}"#,
    r#"{"errors": [{"code": "DENIED", "message": "\u001b]0;x\u0007", "detail": null}]}"#,
    r#"Bearer realm="https://auth.example.com/token",service="registry.example.com",scope="repository:a/b:pull""#,
    r#"Basic realm="a", Bearer realm="\"b\\", service=, error="invalid_token""#,
    "Bearer ,,,=,=\"",
    "<html><body>404</body></html>",
    "",
];

/// Brackets of each kind, from a few to many.
fn nested() -> Vec<Vec<u8>> {
    let deep =
        |open: &str| (1..13).map(|level| open.repeat((1 << level).min(MAX_LENGTH / open.len())).into_bytes()).collect();
    ["[", r#"{"layers": ["#, r#"{"token": "#, "Bearer a="]
        .into_iter()
        .flat_map(|open| -> Vec<Vec<u8>> { deep(open) })
        .collect()
}

fn has(text: &[u8], part: &str) -> bool {
    text.windows(part.len()).any(|window| window == part.as_bytes())
}

/// What plugins answer that misbehave.
fn answers(root: &Path) -> Result<Vec<Vec<u8>>, String> {
    found(&root.join("tests/hostile"), "answer")
}

/// Components as they are.
fn components(root: &Path) -> Result<Vec<Vec<u8>>, String> {
    found(&root.join("tests/fuzz/components"), "wasm")
}

/// The files of a folder with one ending, in order.
#[expect(clippy::disallowed_methods, reason = "the seeds are files of the project")]
fn found(folder: &Path, ending: &str) -> Result<Vec<Vec<u8>>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|found| found == ending));
    paths.sort();
    paths.iter().map(|path| bytes(path)).collect()
}

#[expect(clippy::disallowed_methods, reason = "the seeds are files of the project")]
fn collect(folder: &Path, ending: &str, paths: &mut Vec<PathBuf>) -> Result<(), String> {
    for entry in fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))? {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.is_dir() {
            collect(&path, ending, paths)?;
        } else if path.extension().is_some_and(|found| found == ending) {
            paths.push(path);
        }
    }
    Ok(())
}

/// Each text as a layer over the one before it.
fn layers(root: &Path) -> Result<Vec<Vec<u8>>, String> {
    let texts = texts(root)?;
    Ok(texts.windows(2).map(|pair| pair.join(&b"\n---\n"[..])).collect())
}

/// The scalars of the table that kubectl has answered, each as a value.
fn scalars(table: &Path) -> Result<Vec<Vec<u8>>, String> {
    Ok(rows(table)?.iter().map(|row| format!("v: {}\n", row[0]).into_bytes()).collect())
}

/// The arguments of the table that Helm has answered, behind the number of their flag.
fn arguments(table: &Path) -> Result<Vec<Vec<u8>>, String> {
    let flag = |name: &str| match name {
        "--set-string" => 1,
        "--set-json" => 2,
        _ => 0,
    };
    let argument = |row: &Vec<String>| [&[flag(&row[0])], row[1].as_bytes()].concat();
    Ok(rows(table)?.iter().filter(|row| row.len() > 1).map(argument).collect())
}

fn rows(table: &Path) -> Result<Vec<Vec<String>>, String> {
    let text = String::from_utf8(bytes(table)?).map_err(|error| error.to_string())?;
    let rows = text.lines().filter(|line| !line.starts_with("//"));
    Ok(rows.map(|row| row.split('\t').map(str::to_owned).collect()).collect())
}

#[expect(clippy::disallowed_methods, reason = "the seeds are files of the project")]
fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Rows of choices, eight for each environment with and without marked texts.
fn choices() -> Vec<Vec<u8>> {
    rows_of((0..64).map(|number| 0xf8 + number % 8), 48)
}

/// Changes to components, of each kind, from one byte to four.
fn changes() -> Vec<Vec<u8>> {
    (1..=4).flat_map(|bytes| rows_of((1..32).map(|number| number * 8 + number % 2), 3 * bytes)).collect()
}

/// Rows of bytes of the generator, behind their first bytes.
fn rows_of(first: impl Iterator<Item = u8>, length: usize) -> Vec<Vec<u8>> {
    let mut mutator = Mutator::new();
    let row = |first: u8| {
        let rest: Vec<u8> = (0..length).map(|_| mutator.next().to_le_bytes()[0]).collect();
        [&[first][..], &rest].concat()
    };
    first.map(row).collect()
}

/// Changes to seeds, the same in every run.
#[derive(Debug)]
pub struct Mutator(u64);

impl Mutator {
    /// The one that every run has.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "there is nothing to choose, and nothing to leave to a default")]
    pub fn new() -> Self {
        Self(0x5eed)
    }

    /// A seed with up to eight changes: bytes are set, taken out, said again, or taken from another seed.
    pub fn changed(&mut self, seeds: &[(String, Vec<u8>)]) -> Vec<u8> {
        let mut input = self.one_of(seeds).1.clone();
        for _ in 0..=self.below(8) {
            let part = self.part(input.len());
            match self.below(5) {
                0 => input.iter_mut().skip(part.start).take(1).for_each(|byte| *byte = self.next().to_le_bytes()[0]),
                1 => drop(input.drain(part)),
                2 => {
                    let again = input[part.clone()].repeat(1 + self.below(64));
                    input.splice(part, again);
                }
                3 => {
                    let other = &self.one_of(seeds).1;
                    let from = self.part(other.len());
                    input.splice(part, other[from].iter().copied());
                }
                _ => input.rotate_left(part.start),
            }
            input.truncate(MAX_LENGTH);
        }
        input
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() >> 16).unwrap_or(0) % most.max(1)
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// A range of up to 64 bytes.
    fn part(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length + 1);
        start..length.min(start + self.below(64))
    }
}
