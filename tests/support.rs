//! What every test needs: the program under test, the folder of the project, and fixture folders.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The program under test.
pub(crate) fn program() -> &'static str {
    env!("CARGO_BIN_EXE_render")
}

/// The project's folder.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Whether expectations are rewritten instead of compared: `cargo xtask bless` asks for it.
pub(crate) fn blessing() -> bool {
    std::env::var_os("RENDER_BLESS").is_some()
}

/// Every folder under `base` that holds a file of this name, in order. There must be one.
pub(crate) fn folders(base: &Path, file: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![base.to_owned()];
    while let Some(next) = open.pop() {
        let entries = fs::read_dir(&next).unwrap_or_else(|error| panic!("{}: {error}", next.display()));
        open.extend(entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()));
        if next.join(file).exists() {
            found.push(next);
        }
    }
    found.sort();
    assert!(!found.is_empty(), "no folder under {} has a file `{file}`", base.display());
    found
}

/// Where programs are looked for, the one under test first.
pub(crate) fn path() -> OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let first = Path::new(program()).parent().unwrap().to_owned();
    std::env::join_paths(std::iter::once(first).chain(std::env::split_paths(&path))).unwrap()
}

/// Runs the program in the project's folder.
pub(crate) fn render(arguments: &[&str]) -> Output {
    Command::new(program()).args(arguments).current_dir(root()).env_remove("RUST_BACKTRACE").output().unwrap()
}

/// What the program prints when it succeeds.
pub(crate) fn printed(arguments: &[&str]) -> String {
    let output = render(arguments);
    assert!(output.status.success(), "render {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The environment files that no other one extends.
pub(crate) fn environments() -> Vec<String> {
    let folder = root().join("environments");
    let files: Vec<(String, String)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(&path).unwrap()))
        .collect();
    let extended = |file: &str| {
        files.iter().any(|(_, text)| text.lines().any(|line| line.starts_with("extends:") && line.contains(file)))
    };
    let mut names: Vec<String> = files
        .iter()
        .filter(|(file, _)| !extended(file))
        .map(|(file, _)| file.trim_end_matches(".yaml").to_owned())
        .collect();
    names.sort();
    assert!(!names.is_empty(), "there is no environment");
    names
}

/// As GitHub makes the name of a heading: letters, digits, `-` and `_` stay, in lower case; blanks become `-`.
pub(crate) fn anchor(heading: &str) -> String {
    let heading = heading.to_lowercase().replace(' ', "-");
    heading.chars().filter(|letter| letter.is_alphanumeric() || ['-', '_'].contains(letter)).collect()
}
