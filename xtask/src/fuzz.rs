//! The fuzzer of `tests/fuzz`: its seeds, which are the fixtures of the ordinary tests, and a run of it. The tests read
//! the same seeds from here, so that none is committed twice.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The targets, each a property in `tests/fuzz/properties`.
pub const TARGETS: [&str; 6] = ["yaml", "set", "merge", "render", "apply", "component"];

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
        _ => texts(root)?.into_iter().chain(scalars(&root.join("tests/yaml/read.tsv"))?).collect(),
    };
    let named = |(number, seed)| (format!("seed-{number:04}"), seed);
    Ok(found.into_iter().enumerate().map(named).collect())
}

/// The YAML files of the fixtures, of the environments, and of the defaults.
fn texts(root: &Path) -> Result<Vec<Vec<u8>>, String> {
    let mut paths = vec![root.join("host/defaults.yaml")];
    for folder in ["environments", "tests/commands"] {
        collect(&root.join(folder), &mut paths)?;
    }
    paths.sort();
    paths.iter().map(|path| bytes(path)).collect()
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
fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), String> {
    for entry in fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))? {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.is_dir() {
            collect(&path, paths)?;
        } else if path.extension().is_some_and(|ending| ending == "yaml") {
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

/// Rows of bytes of a small generator, behind their first bytes.
fn rows_of(first: impl Iterator<Item = u8>, length: usize) -> Vec<Vec<u8>> {
    let mut state = 0x5eed_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0]
    };
    let row = |first: u8| {
        let rest: Vec<u8> = (0..length).map(|_| next()).collect();
        [&[first][..], &rest].concat()
    };
    first.map(row).collect()
}
