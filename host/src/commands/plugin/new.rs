//! `render plugin new`: a crate that builds and passes its tests as it is. It is the project's own example under another
//! name, with the sdk's sources beside it: the sdk of this very program, which no registry has to offer.

use std::path::{Path, PathBuf};

use render_pipeline::emit;
use render_platform::values;
use render_plugins::built_in;
use render_text::diagnostic::{Diagnostic, Failure};

use crate::args::plugin::{Language, NewArgs};
use crate::terminal;

// `SDK`, every file of the sdk's sources, and `EXAMPLE_FIXTURES`, those of the example's fixtures: made by build.rs.
include!(concat!(env!("OUT_DIR"), "/plugin_new.rs"));

/// The name of the example, which becomes that of the new plugin wherever it stands.
const EXAMPLE: &str = "acme";
/// Where the sdk finds the interface in the repository.
const INTERFACE: &str = "../../schemas/plugin.wit";

/// The words of Rust that a crate cannot have for a name, and the crates that are always there.
const TAKEN: [&str; 43] = [
    "abstract", "alloc", "as", "async", "await", "become", "box", "break", "const", "continue", "core", "crate", "do",
    "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "pub", "ref", "return", "self", "static", "std", "struct", "test", "true", "try",
    "type",
];

/// Writes the crate into a folder of its name.
///
/// # Errors
/// A name that cannot be a plugin's, a folder that is there already, or a file that cannot be written.
pub(super) fn new(arguments: &NewArgs) -> Result<(), Failure> {
    let NewArgs { name, lang: Language::Rust, .. } = arguments;
    usable(name)?;
    let folder = Path::new(name);
    if folder.symlink_metadata().is_ok() {
        let there = Diagnostic::error(format!("`{name}` is there already, and nothing is overwritten"));
        return Err(there.hint("choose another name, or another folder to be in").into());
    }
    for (path, text) in files(name) {
        emit::file(&folder.join(path), text)?;
    }
    terminal::say(&format!(
        "{name}/ is a plugin. Next:\n  cd {name}\n  cargo test\n  cargo build --release --target wasm32-unknown-unknown\n  render plugin test\n"
    ))
}

/// A plugin's name is a key of the values, a folder, and a crate.
fn usable(name: &str) -> Result<(), Failure> {
    let plain = |word: &str| !word.is_empty() && word.chars().all(|char| matches!(char, 'a'..='z' | '0'..='9'));
    let begins = name.starts_with(|char: char| char.is_ascii_lowercase());
    if name.len() > 63 || !begins || !name.split('-').all(plain) {
        return Err(Diagnostic::error(format!("{name:?} cannot be the name of a plugin"))
            .hint("use words of a-z and 0-9 with `-` between them, a letter first, 63 characters at most")
            .into());
    }
    let taken = if TAKEN.contains(&name) || name == "sdk" {
        "a word of Rust's"
    } else if built_in::plugin(name).is_some() {
        "a plugin that render has"
    } else if values::schema::described()?["properties"].get(name).is_some() {
        "a key of the values"
    } else {
        return Ok(());
    };
    Err(Diagnostic::error(format!("a plugin cannot be named `{name}`, which is {taken}"))
        .hint("choose another name")
        .into())
}

/// Every file of the crate.
fn files(name: &str) -> Vec<(PathBuf, String)> {
    let renamed = |text: &str| text.replace(EXAMPLE, name);
    let workspace = include_str!("../../../../plugins/Cargo.toml");
    let manifest = standing_alone(include_str!("../../../../plugins/examples/rust/Cargo.toml"), workspace)
        .replace(&format!("name = \"{EXAMPLE}\"\ndescription = \"An example of a plugin of `render`, and what `render plugin new` writes\""), &format!("name = \"{name}\""));
    let rest = include_str!("new/Cargo.toml");
    let own = [
        ("Cargo.toml", format!("{}\n{rest}", manifest.trim_end())),
        ("Cargo.lock", include_str!("../../../../plugins/Cargo.lock").to_owned()),
        (".cargo/config.toml", include_str!("../../../../plugins/.cargo/config.toml").to_owned()),
        (".gitignore", "/target\n".to_owned()),
        ("README.md", renamed(include_str!("new/README.md"))),
        ("description.json", renamed(include_str!("../../../../plugins/examples/rust/description.json"))),
        ("src/lib.rs", renamed(include_str!("../../../../plugins/examples/rust/src/lib.rs"))),
        ("sdk/plugin.wit", include_str!("../../../../schemas/plugin.wit").to_owned()),
        ("sdk/Cargo.toml", standing_alone(include_str!("../../../../plugins/sdk/Cargo.toml"), workspace)),
    ];
    let own = own.into_iter().map(|(path, text)| (PathBuf::from(path), text));
    let sdk = SDK.iter().map(|(path, text)| (Path::new("sdk/src").join(path), text.replace(INTERFACE, "plugin.wit")));
    let fixtures = EXAMPLE_FIXTURES.iter().map(|(path, text)| (Path::new("tests/fixtures").join(path), renamed(text)));
    own.chain(sdk).chain(fixtures).collect()
}

/// A crate's manifest without the workspace that it is a member of: what that says stands in the manifest itself.
fn standing_alone(manifest: &str, workspace: &str) -> String {
    let said =
        |key: &str| workspace.lines().find_map(|line| Some(line.strip_prefix(key)?.strip_prefix(" = ")?.to_owned()));
    let line = |line: &str| match line.strip_suffix(".workspace = true") {
        Some(key) => said(key).map(|said| format!("{key} = {said}\n")).unwrap_or_default(),
        None => format!("{line}\n"),
    };
    manifest.replace("\n[lints]\nworkspace = true\n", "").lines().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_repository_is_left_in_the_crate() {
        for (path, text) in files("my-cloud") {
            for word in ["workspace = true", "../..", EXAMPLE] {
                let sdk = path.starts_with("sdk") && word == EXAMPLE;
                assert!(sdk || !text.contains(word) || path.ends_with("Cargo.lock"), "{word} in {}", path.display());
            }
        }
    }
}
