//! Configuration that a program takes from an environment variable, with secrets in it that only the
//! kubelet puts in their places: `$(NAME)` in a variable's value is another variable of the container,
//! and that one comes from a Secret. So the text in the manifest holds no secret, and needs no shell.

use minijinja::value::Serde;
use minijinja::{Error, ErrorKind, Value};
use serde_json::Value as Json;

use render_text::yaml;

/// What stands for a reference until the text is written; it needs no quotes in YAML.
const OPEN: &str = "render-reference-";
const CLOSE: &str = "-end";

/// A value that becomes the content of an environment variable of the container, which has to stand
/// before the one that is expanded.
pub(super) fn reference(variable: &str) -> String {
    format!("{OPEN}{variable}{CLOSE}")
}

/// LiveKit's configuration with the credentials of STUNner at each of its TURN servers.
#[expect(clippy::needless_pass_by_value, reason = "minijinja hands arguments over")]
pub(super) fn with_turn_credentials(config: Value) -> Result<Value, Error> {
    let wrong = |error: serde_json::Error| Error::new(ErrorKind::BadSerialization, error.to_string());
    let mut config = serde_json::to_value(&config).map_err(wrong)?;
    let servers = config.pointer_mut("/rtc/turn_servers").and_then(Json::as_array_mut);
    for server in servers.into_iter().flatten() {
        server["username"] = Json::String(reference("STUNNER_USERNAME"));
        server["credential"] = Json::String(reference("STUNNER_PASSWORD"));
    }
    Ok(Value::from(Serde(&config)))
}

/// A value as the text of a YAML file in which the kubelet puts every reference in its place. A
/// reference is a block of its own, so that no character of a secret means anything to YAML.
#[expect(clippy::needless_pass_by_value, reason = "minijinja hands arguments over")]
pub(super) fn expanding(value: Value) -> Result<String, Error> {
    let text = text_of(&value)?;
    let lines = text.lines().map(|line| match referring(line) {
        Some((before, variable)) => block(before, variable),
        // Two of them are one to the kubelet, and never the beginning of a reference.
        None => line.replace('$', "$$"),
    });
    Ok(lines.map(|line| line + "\n").collect())
}

/// A value as the text of a YAML file, for what is a file in a `ConfigMap`.
pub(super) fn text_of(value: &Value) -> Result<String, Error> {
    let wrong = |error: String| Error::new(ErrorKind::BadSerialization, error);
    let json = serde_json::to_value(value).map_err(|error| wrong(error.to_string()))?;
    yaml::emit::document(&json).map_err(wrong)
}

/// What stands before the reference of a line, and the variable that it names.
fn referring(line: &str) -> Option<(&str, &str)> {
    let (before, rest) = line.split_once(OPEN)?;
    Some((before, rest.strip_suffix(CLOSE)?))
}

/// A literal block: its indentation is said, in case the secret begins with a space, and a newline at
/// the end of the secret is not part of it.
fn block(before: &str, variable: &str) -> String {
    let key = before.len() - before.trim_start_matches([' ', '-']).len();
    format!("{before}|1-\n{}$({variable})", " ".repeat(key + 1))
}
