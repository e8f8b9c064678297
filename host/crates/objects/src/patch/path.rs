//! The paths of patches: JSON Pointers whose tokens may also select a list item by one of its fields.
//! What a selector means depends on the value, so steps are read first and resolved one by one.

use serde_json::Value;

use super::Problem;

/// The most steps a path may have: an `add` makes a map for each, and everything that walks values
/// does so by recursion.
const MAX_STEPS: usize = 64;

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A member of a map, an index of a list, or `-` for its end.
    Key(String),
    /// The list item whose field has a value.
    Item {
        /// The field.
        field: String,
        /// Its value; numbers and booleans as YAML writes them.
        value: String,
    },
}

/// The steps of a path.
///
/// # Errors
/// When it does not begin with `/` (the empty path is the whole value).
pub fn steps(path: &str) -> Result<Vec<Step>, Problem> {
    if path.is_empty() {
        return Ok(Vec::new());
    }
    let Some(tokens) = path.strip_prefix('/') else {
        return Err(Problem::Syntax("a path begins with `/`".to_owned()));
    };
    let steps = tokens.split('/').map(token_steps).collect::<Result<Vec<_>, _>>()?.concat();
    if steps.len() > MAX_STEPS {
        return Err(Problem::Syntax(format!("the path has more than {MAX_STEPS} steps")));
    }
    Ok(steps)
}

/// The RFC 6901 pointer of tokens that are not escaped.
#[must_use]
pub fn pointer(tokens: &[String]) -> String {
    tokens.iter().fold(String::new(), |path, token| path + "/" + &token.replace('~', "~0").replace('/', "~1"))
}

/// `containers[name=livekit]` is two steps: into the list, and to the item. No key of a Kubernetes object
/// has a bracket, so a bracket that selects nothing is a mistake, which an `add` would make a key of.
fn token_steps(token: &str) -> Result<Vec<Step>, Problem> {
    let Some((list, selector)) = token.split_once('[') else { return Ok(vec![Step::Key(unescape(token))]) };
    let Some((field, value)) = selector.strip_suffix(']').and_then(|inner| inner.split_once('=')) else {
        let how = "write a selector as in `containers[name=livekit]`, with `~1` for a `/` in it";
        return Err(Problem::Syntax(format!("`{token}` selects no item; {how}")));
    };
    let item = Step::Item { field: unescape(field), value: unescape(value) };
    Ok(if list.is_empty() { vec![item] } else { vec![Step::Key(unescape(list)), item] })
}

fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

/// The RFC 6901 token that a step means in a value. The last `Key` of an `add` may be absent; that
/// case never comes here.
pub(super) fn token(here: &Value, so_far: &[String], step: &Step) -> Result<String, Problem> {
    let at = || pointer(so_far);
    match (here, step) {
        (Value::Object(map), Step::Key(key)) if map.contains_key(key) => Ok(key.clone()),
        (Value::Object(map), Step::Key(key)) => {
            Err(Problem::NoMember { at: at(), name: key.clone(), there: map.keys().cloned().collect() })
        }
        (Value::Array(items), Step::Key(key)) => index(items, key)
            .map(|index| index.to_string())
            .ok_or_else(|| Problem::NoItem { at: at(), wanted: key.clone(), there: choices(items, "name") }),
        (Value::Array(items), Step::Item { field, value }) => select(items, field, value, at()),
        (other, step) => {
            let needed = if matches!(step, Step::Key(_)) { "a map or a list" } else { "a list" };
            Err(Problem::WrongKind { at: at(), needed, found: kind(other) })
        }
    }
}

fn index(items: &[Value], key: &str) -> Option<usize> {
    let canonical = key == "0" || !key.starts_with(['0', '+']);
    key.parse().ok().filter(|index| canonical && *index < items.len())
}

fn select(items: &[Value], field: &str, value: &str, at: String) -> Result<String, Problem> {
    let fits = |index: &usize| scalar(&items[*index], field).as_deref() == Some(value);
    let fitting: Vec<usize> = (0..items.len()).filter(fits).collect();
    let wanted = format!("{field}={value}");
    match fitting.as_slice() {
        [index] => Ok(index.to_string()),
        [] => Err(Problem::NoItem { at, wanted, there: choices(items, field) }),
        _ => Err(Problem::Ambiguous { at, wanted, count: fitting.len() }),
    }
}

/// What a selector compares with: a string itself, a number or a boolean as YAML writes it.
fn scalar(item: &Value, field: &str) -> Option<String> {
    match item.get(field)? {
        Value::String(text) => Some(text.clone()),
        scalar @ (Value::Number(_) | Value::Bool(_)) => Some(scalar.to_string()),
        _ => None,
    }
}

/// What could have been selected: `name=a` of each item that has the field, else its index.
fn choices(items: &[Value], field: &str) -> Vec<String> {
    let choice = |(index, item): (usize, &Value)| {
        scalar(item, field).map_or(index.to_string(), |text| format!("{field}={text}"))
    };
    items.iter().enumerate().map(choice).collect()
}

/// What a token leads to.
#[must_use]
pub fn child<'a>(here: &'a Value, token: &str) -> Option<&'a Value> {
    match here {
        Value::Object(map) => map.get(token),
        Value::Array(items) => items.get(token.parse::<usize>().ok()?),
        _ => None,
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}
