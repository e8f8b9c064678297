//! What the walker says: the wording of each mistake in one place, so that all of them sound alike. Nothing
//! here decides whether something is a mistake, and nothing here sees a secret value: callers pass `Shown::Nothing`.

use serde_json::Value;

use render_text::diagnostic::{Diagnostic, Kind};
use render_text::node::Tree;
use render_text::resource::ResourceId;
use render_text::suggest::closest;

use super::Schema;
use super::path::Path;

/// Lists longer than this are cut, or left to `render schema`.
const MOST_LISTED: usize = 12;
/// What to do with text that YAML took for something else.
pub const QUOTE: &str = "put quotes around it";
/// A value longer than this is cut when it is quoted.
const MOST_QUOTED: usize = 60;

/// What a message may say of a value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shown<'a> {
    /// The value itself.
    Value(&'a Tree),
    /// Only which variable or file it is the text of.
    Given(&'a str),
    /// Nothing: it is a secret.
    Nothing,
}

impl<'a> Shown<'a> {
    /// The value, if it may be shown.
    pub(super) fn value(self) -> Option<&'a Tree> {
        if let Self::Value(tree) = self { Some(tree) } else { None }
    }
}

/// A value of a kind that the schema does not allow.
pub(super) fn wrong_type(path: &Path<'_>, types: &[&str], tree: &Tree, shown: Shown<'_>) -> Diagnostic {
    let kind = match (tree, shown) {
        (Tree::Number(number), Shown::Value(_)) if types.contains(&"integer") => number.to_string(),
        _ => tree.kind().to_owned(),
    };
    let mistake = Diagnostic::error(format!("{} must be {}, not {kind}", path.subject(), kinds(types)));
    match type_hint(types, tree, shown) {
        Some(hint) => mistake.hint(hint),
        None => mistake,
    }
}

/// A key that the schema does not know, and the one that it may stand for.
pub(super) fn unknown_key(
    map: &Path<'_>,
    (key, near): (&str, Option<&str>),
    known: &[&str],
    object: Option<&ResourceId>,
) -> Diagnostic {
    let lister = || match object {
        Some(object) => format!("kubectl explain {}{}", object.kind.to_lowercase(), map.fields()),
        None => "render schema".to_owned(),
    };
    let hint = match near {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if known.is_empty() => "remove it: no key is known here".to_owned(),
        None if known.len() <= MOST_LISTED => format!("known keys: {}", known.join(", ")),
        None => format!("`{}` lists the {} keys known here", lister(), known.len()),
    };
    Diagnostic::error(format!("unknown key `{key}` {}", map.inside())).kind(Kind::UnknownKey).hint(hint)
}

/// A key that must be there and is not. `schema` is what the missing value has to satisfy.
pub(super) fn missing(map: &Path<'_>, key: &str, schema: Option<Schema<'_>>) -> Diagnostic {
    let subject = Path::Key(map, key).subject();
    let about = schema.and_then(description).map_or_else(String::new, |text| format!(": {}", uncapitalised(&text)));
    let kind = schema.and_then(what_to_write).map_or_else(String::new, |kind| format!(" ({kind})"));
    Diagnostic::error(format!("{subject} is required")).hint(format!("add `{key}`{kind}{about}"))
}

/// A value that is none of those allowed.
pub(super) fn not_allowed(path: &Path<'_>, allowed: &[&Value], shown: Shown<'_>) -> Diagnostic {
    let must = match allowed {
        [one] => format!("`{}`", bare(one)),
        several => format!("one of {}", listed(several)),
    };
    let mistake = Diagnostic::error(format!("{} must be {must}{}", path.subject(), instead(shown)));
    match shown.value().and_then(|tree| value_hint(allowed, tree)) {
        Some(hint) => mistake.hint(hint),
        None => mistake,
    }
}

/// A number on the wrong side of a bound; `side` reads as in `at least`.
pub(super) fn out_of_bounds(path: &Path<'_>, side: &str, bound: &Value, shown: Shown<'_>) -> Diagnostic {
    Diagnostic::error(format!("{} must be {side} {bound}{}", path.subject(), instead(shown)))
}

/// Too many or too few characters, items or keys. `unit` is the singular of what is counted.
pub(super) fn wrong_size(path: &Path<'_>, limit: &str, bound: u64, unit: &str, size: Option<u64>) -> Diagnostic {
    if bound == 1 && size == Some(0) {
        return Diagnostic::error(format!("{} must not be empty", path.subject()));
    }
    let unit = if bound == 1 { unit.to_owned() } else { format!("{unit}s") };
    let instead = size.map_or_else(String::new, |size| format!(", not {size}"));
    Diagnostic::error(format!("{} must have {limit} {bound} {unit}{instead}", path.subject()))
}

/// A text that a pattern does not occur in. The schema's `patternHint` says in words what the pattern means;
/// without one, its description has to do.
pub(super) fn mismatch(path: &Path<'_>, pattern: &str, schema: Schema<'_>, shown: Shown<'_>) -> Diagnostic {
    let (subject, instead) = (path.subject(), instead(shown));
    if let Some(words) = schema.text("patternHint") {
        return Diagnostic::error(format!("{subject} must be {words}{instead}"))
            .hint(format!("it must match `{pattern}`"));
    }
    let mistake = Diagnostic::error(format!("{subject} must match `{pattern}`{instead}"));
    match description(schema) {
        Some(hint) => mistake.hint(uncapitalised(&hint)),
        None => mistake,
    }
}

/// An item that stands in a list twice.
pub(super) fn repeated(path: &Path<'_>, earlier: usize, list: &Path<'_>) -> Diagnostic {
    let earlier = Path::Item(list, earlier);
    Diagnostic::error(format!("{} repeats `{earlier}`", path.subject()))
}

/// A value that is no quantity of Kubernetes.
pub(super) fn no_quantity(path: &Path<'_>, tree: &Tree, shown: Shown<'_>) -> Diagnostic {
    let instead = if matches!(shown, Shown::Nothing) { format!(", not {}", tree.kind()) } else { instead(shown) };
    Diagnostic::error(format!("{} must be a quantity{instead}", path.subject()))
        .hint("write a number with a unit or none, as in 500m, 0.5, 2G, 512Mi")
}

/// Bytes that are not written in base64.
pub(super) fn no_base64(path: &Path<'_>, object: Option<&ResourceId>) -> Diagnostic {
    let mistake = Diagnostic::error(format!("{} must be base64", path.subject()));
    match object {
        Some(object) if object.kind == "Secret" => mistake.hint("write plain text under `stringData` instead"),
        _ => mistake.hint("`base64 -w0 FILE` prints a file that way"),
    }
}

/// A value that the schema forbids whatever it is.
pub(super) fn forbidden(path: &Path<'_>) -> Diagnostic {
    Diagnostic::error(format!("{} must not be set", path.subject())).hint("remove it")
}

/// Keys that exclude each other.
pub(super) fn together(map: &Path<'_>, keys: &[&str]) -> Diagnostic {
    let keys: Vec<_> = keys.iter().map(|key| Path::Key(map, key).subject()).collect();
    Diagnostic::error(format!("{} cannot be set together", keys.join(" and "))).hint("remove one of them")
}

/// A value that fits several forms of which it may take one.
pub(super) fn ambiguous(path: &Path<'_>, forms: &[Schema<'_>]) -> Diagnostic {
    let mistake =
        Diagnostic::error(format!("{} fits {} forms at once, and may take only one", path.subject(), forms.len()));
    let names: Option<Vec<_>> = forms.iter().map(|form| form_name(*form)).collect();
    match names {
        Some(names) => mistake.hint(format!("keep one of: {}", names.join("; "))),
        None => mistake,
    }
}

/// What to call a form: its title, or the keys that make it.
fn form_name(form: Schema<'_>) -> Option<String> {
    let form = form.resolved();
    let keys: Vec<_> = super::list(form.get("required")).iter().map(|key| format!("`{}`", bare(key))).collect();
    let keys = (!keys.is_empty()).then(|| keys.join(" with "));
    form.text("title").map(str::to_owned).or(keys)
}

fn type_hint(types: &[&str], tree: &Tree, shown: Shown<'_>) -> Option<String> {
    let wants = |wanted: &[&str]| types.iter().any(|one| wanted.contains(one));
    let hint = match (tree, shown.value()) {
        (Tree::String(_), Some(Tree::String(text))) => return unquoted_hint(text, types),
        (Tree::Null, _) => "give it a value, or remove the key".to_owned(),
        (Tree::Bool(_) | Tree::Number(_), _) if wants(&["string"]) => QUOTE.to_owned(),
        (Tree::List(_), _) if wants(&["object"]) => "write `key: value` lines without `- `".to_owned(),
        (Tree::List(_), _) => "remove the `- `, or the brackets".to_owned(),
        (_, _) if wants(&["array"]) => "begin each item with `- `, or put brackets around the list".to_owned(),
        _ => return None,
    };
    Some(hint)
}

/// For a string where a number, a boolean or something structured is due.
fn unquoted_hint(text: &str, types: &[&str]) -> Option<String> {
    let wants = |wanted: &[&str]| types.iter().any(|one| wanted.contains(one));
    let text = text.trim();
    let integer = text.parse::<i64>().is_ok() && wants(&["integer", "number"]);
    let number = text.parse::<f64>().is_ok_and(f64::is_finite) && wants(&["number"]);
    if integer || number || (matches!(text, "true" | "false") && wants(&["boolean"])) {
        return Some(format!("write {text} without quotes"));
    }
    let no_space = text.split_once(':').is_some_and(|(key, _)| !key.is_empty() && !key.contains(char::is_whitespace));
    let fallback = match () {
        () if wants(&["object"]) && no_space => "put a space after the colon",
        () if wants(&["object"]) => "write `key: value` lines below it",
        () if wants(&["boolean"]) => "write true or false",
        () if wants(&["array"]) => "begin each item with `- `, or put brackets around the list",
        () => return None,
    };
    Some(fallback.to_owned())
}

fn value_hint(allowed: &[&Value], tree: &Tree) -> Option<String> {
    let text = scalar(tree)?;
    let same = allowed.iter().find(|value| bare(value) == text);
    match (same, tree) {
        (Some(_), Tree::String(_)) => return Some(format!("write {text} without quotes")),
        (Some(_), _) => return Some(QUOTE.to_owned()),
        (None, _) => {}
    }
    let meant = closest(&text, allowed.iter().filter_map(|value| value.as_str()))?;
    Some(format!("did you mean `{meant}`?"))
}

/// `, not …` for a value that may be shown, nothing for one that may not.
fn instead(shown: Shown<'_>) -> String {
    match shown {
        Shown::Nothing => String::new(),
        Shown::Given(by) => format!(", not the value of {by}"),
        Shown::Value(tree) => match (scalar(tree), tree) {
            (Some(_), Tree::String(text)) if text.is_empty() => ", not an empty string".to_owned(),
            (Some(text), Tree::String(_)) => format!(", not `{}`", cut(&text)),
            (Some(text), _) => format!(", not {text}"),
            (None, _) => format!(", not {}", tree.kind()),
        },
    }
}

fn scalar(tree: &Tree) -> Option<String> {
    match tree {
        Tree::Bool(bool) => Some(bool.to_string()),
        Tree::Number(number) => Some(number.to_string()),
        Tree::String(text) => Some(text.clone()),
        Tree::Null | Tree::List(_) | Tree::Map(_) => None,
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MOST_QUOTED) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A value of a schema as a user would write it.
fn bare(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn listed(values: &[&Value]) -> String {
    // Where nothing may be written, too, that needs no saying.
    let says = |value: &&&Value| !value.is_null() && value.as_str() != Some("");
    let named: Vec<_> = values.iter().filter(says).map(|value| bare(value)).collect();
    match named.get(..MOST_LISTED) {
        Some(first) if named.len() > MOST_LISTED => {
            format!("{} and {} more", first.join(", "), named.len() - MOST_LISTED)
        }
        _ => named.join(", "),
    }
}

/// `an integer or a string`; `null` goes without saying where there is anything else.
fn kinds(types: &[&str]) -> String {
    let named: Vec<_> = types.iter().filter(|one| **one != "null").map(|one| kind(one)).collect();
    if named.is_empty() { "null".to_owned() } else { named.join(" or ") }
}

fn kind(name: &str) -> &str {
    match name {
        "integer" => "an integer",
        "number" => "a number",
        "string" => "a string",
        "boolean" => "a boolean",
        "array" => "a list",
        "object" => "a map",
        other => other,
    }
}

fn what_to_write(schema: Schema<'_>) -> Option<String> {
    let schema = schema.resolved();
    let allowed: Vec<_> = super::list(schema.get("enum")).iter().chain(schema.get("const")).collect();
    if !allowed.is_empty() {
        return Some(listed(&allowed));
    }
    let types = schema.types();
    (!types.is_empty()).then(|| kinds(&types))
}

/// The first sentence of a description, without its full stop.
fn description(schema: Schema<'_>) -> Option<String> {
    let text = schema.text("description").or_else(|| schema.resolved().text("description"))?;
    let paragraph = text.split("\n\n").next()?.split_whitespace().collect::<Vec<_>>().join(" ");
    let sentence = paragraph.split(". ").next()?.trim_end_matches('.');
    (!sentence.is_empty()).then(|| sentence.to_owned())
}

/// A sentence as the continuation of another: its first word keeps its capital where that is its spelling,
/// as in `DNS` or `ServiceAccount`.
fn uncapitalised(sentence: &str) -> String {
    let word = sentence.split(' ').next().unwrap_or_default();
    let mut letters = sentence.chars();
    match letters.next() {
        Some(first) if !word.chars().skip(1).any(char::is_uppercase) => first.to_lowercase().chain(letters).collect(),
        _ => sentence.to_owned(),
    }
}
