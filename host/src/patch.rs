//! RFC 6902 patches whose paths may select list items by a field, as in
//! `/spec/template/spec/containers[name=livekit]/image`. An index says nothing to a reader and breaks
//! when an item is put in front, so plugins and the user's own `patches:` write selectors; each is
//! resolved just before its operation, because the operation before it may have moved the item.

use std::fmt;

use json_patch::jsonptr::PointerBuf;
use json_patch::{AddOperation, PatchOperation, RemoveOperation, ReplaceOperation, TestOperation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::manifest::list;

/// The most steps a path may have: an `add` makes a map for each, and everything that walks values
/// does so by recursion.
const MAX_STEPS: usize = 64;

/// One operation. `move` and `copy` are left out: they would read where only writing was granted.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(tag = "op", rename_all = "lowercase", deny_unknown_fields)]
pub enum Operation {
    /// Sets a member or inserts a list item; maps on the way that are absent are made, and a list
    /// when the path ends in `/-`.
    Add {
        /// Where, as in `/spec/template/spec/containers[name=livekit]/image`.
        path: String,
        /// What is, or is to be, there.
        value: Value,
    },
    /// Takes a member or a list item out.
    Remove {
        /// Where, as for `add`.
        path: String,
    },
    /// Sets what is there already.
    Replace {
        /// Where, as for `add`.
        path: String,
        /// What is, or is to be, there.
        value: Value,
    },
    /// Changes nothing, and fails unless the value is there.
    Test {
        /// Where, as for `add`.
        path: String,
        /// What is, or is to be, there.
        value: Value,
    },
}

/// An operation that could not be done.
#[derive(Debug, Clone, PartialEq)]
pub struct PatchError {
    /// Its number in the list, from 0.
    pub index: usize,
    /// Its name, as in `replace`.
    pub operation: &'static str,
    /// Its path as it was written.
    pub path: String,
    /// What stopped it.
    pub problem: Box<Problem>,
}

/// What stopped an operation. `at` is the RFC 6901 pointer of the deepest value that was reached.
#[derive(Debug, Clone, PartialEq)]
pub enum Problem {
    /// The path cannot be read.
    Syntax(String),
    /// A map has no such member.
    NoMember {
        /// The map.
        at: String,
        /// The missing member.
        name: String,
        /// The members it has.
        there: Vec<String>,
    },
    /// A list has no such item.
    NoItem {
        /// The list.
        at: String,
        /// What was asked for: `name=livekit`, or an index.
        wanted: String,
        /// What could have been asked for instead.
        there: Vec<String>,
    },
    /// A selector fits more than one item.
    Ambiguous {
        /// The list.
        at: String,
        /// The selector.
        wanted: String,
        /// How many items it fits.
        count: usize,
    },
    /// A step needs a map or a list, and something else is there.
    WrongKind {
        /// Where, as for `add`.
        at: String,
        /// What the step needs.
        needed: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// A `test` found another value.
    Differs {
        /// Where, as for `add`.
        at: String,
        /// What is there.
        found: Value,
    },
}

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

/// An operation whose path was resolved against one value.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved {
    /// The RFC 6901 tokens of the whole path, not escaped.
    pub tokens: Vec<String>,
    /// What is done; its path ends earlier where parents have to be made.
    operation: PatchOperation,
}

/// Does all operations, or, when one fails, none.
///
/// # Errors
/// The first operation that cannot be done.
pub fn apply(value: &mut Value, operations: &[Operation]) -> Result<(), PatchError> {
    let mut draft = value.clone();
    for (index, operation) in operations.iter().enumerate() {
        let failed = |problem| PatchError::new(index, operation, problem);
        let resolved = resolve(&draft, operation).map_err(failed)?;
        perform(&mut draft, resolved).map_err(failed)?;
    }
    *value = draft;
    Ok(())
}

/// Finds where an operation would act.
///
/// # Errors
/// When its path leads nowhere.
pub fn resolve(root: &Value, operation: &Operation) -> Result<Resolved, Problem> {
    let steps = steps(operation.path())?;
    let is_add = matches!(operation, Operation::Add { .. });
    if is_add && matches!(steps.last(), Some(Step::Item { .. })) {
        return Err(Problem::Syntax("it selects an item that is there; end the path in `/-` to append one".to_owned()));
    }
    let mut tokens = Vec::new();
    let mut here = root;
    for (index, step) in steps.iter().enumerate() {
        let rest = &steps[index + 1..];
        if is_add && !leads_on(here, step, rest) {
            return make_parents(tokens, here, &steps[index..], operation);
        }
        let token = token(here, &tokens, step)?;
        here = child(here, &token).unwrap_or(&Value::Null);
        tokens.push(token);
    }
    let operation = rfc6902(operation, &tokens, None);
    Ok(Resolved { tokens, operation })
}

/// Does an operation that was resolved against this very value.
///
/// # Errors
/// When a `test` differs, or the whole value would be removed.
pub fn perform(value: &mut Value, resolved: Resolved) -> Result<(), Problem> {
    let at = pointer(&resolved.tokens);
    if let PatchOperation::Remove(_) = resolved.operation {
        return remove(value, &resolved.tokens);
    }
    let tested = matches!(resolved.operation, PatchOperation::Test(_));
    json_patch::patch_unsafe(value, &[resolved.operation]).map_err(|error| match value.pointer(&at) {
        Some(found) if tested => Problem::Differs { at, found: found.clone() },
        _ => Problem::Syntax(error.kind.to_string()),
    })
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

impl Operation {
    /// Where it acts, as it was written.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Add { path, .. } | Self::Remove { path } | Self::Replace { path, .. } | Self::Test { path, .. } => {
                path
            }
        }
    }

    /// The value it brings, if it brings one.
    #[must_use]
    pub fn value(&self) -> Option<&Value> {
        match self {
            Self::Add { value, .. } | Self::Replace { value, .. } | Self::Test { value, .. } => Some(value),
            Self::Remove { .. } => None,
        }
    }

    /// What it is called in a patch.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Add { .. } => "add",
            Self::Remove { .. } => "remove",
            Self::Replace { .. } => "replace",
            Self::Test { .. } => "test",
        }
    }
}

impl PatchError {
    /// The failure of the operation at `index`.
    #[must_use]
    pub fn new(index: usize, operation: &Operation, problem: Problem) -> Self {
        Self { index, operation: operation.name(), path: operation.path().to_owned(), problem: Box::new(problem) }
    }
}

impl std::error::Error for PatchError {}

impl fmt::Display for PatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {} `{}`: {}", self.operation, self.path, self.problem)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(reason) => f.write_str(reason),
            Self::NoMember { at, name, there } => {
                write!(f, "{} has no member `{name}`, {}", place(at), only_has(there))
            }
            Self::NoItem { at, wanted, there } => {
                write!(f, "{} has no item `{wanted}`, {}", place(at), only_has(there))
            }
            Self::Ambiguous { at, wanted, count } => {
                write!(f, "{} has {count} items that `{wanted}` fits", place(at))
            }
            Self::WrongKind { at, needed, found } => write!(f, "{} is {found}, not {needed}", place(at)),
            Self::Differs { at, found } => write!(f, "{} is {found}", place(at)),
        }
    }
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
fn token(here: &Value, so_far: &[String], step: &Step) -> Result<String, Problem> {
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
pub(crate) fn child<'a>(here: &'a Value, token: &str) -> Option<&'a Value> {
    match here {
        Value::Object(map) => map.get(token),
        Value::Array(items) => items.get(token.parse::<usize>().ok()?),
        _ => None,
    }
}

/// Whether an `add` finds something at this step; otherwise it is the place to begin making things.
/// `null` counts as absent, as an empty `annotations:` reads so.
fn leads_on(here: &Value, step: &Step, rest: &[Step]) -> bool {
    match (here, step) {
        (Value::Object(map), Step::Key(key)) => map.get(key).is_some_and(|member| rest.is_empty() || !member.is_null()),
        (Value::Array(items), Step::Key(key)) => !rest.is_empty() || !(key == "-" || *key == items.len().to_string()),
        _ => true,
    }
}

/// An `add` whose first absent token is the first of `steps`: what hangs below it is made with it.
fn make_parents(
    mut tokens: Vec<String>,
    here: &Value,
    steps: &[Step],
    operation: &Operation,
) -> Result<Resolved, Problem> {
    let mut made = operation.value().cloned().unwrap_or_default();
    for step in steps.iter().skip(1).rev() {
        made = match step {
            Step::Key(key) if key == "-" => json!([made]),
            Step::Key(key) if key.parse::<usize>().is_err() => Map::from_iter([(key.clone(), made)]).into(),
            Step::Key(index) => return Err(no_list(&tokens, steps, index)),
            Step::Item { field, value } => return Err(no_list(&tokens, steps, &format!("{field}={value}"))),
        };
    }
    tokens.push(first_made(here, &steps[0]));
    let operation = rfc6902(operation, &tokens, Some(made));
    tokens.extend(steps[1..].iter().map(|step| match step {
        Step::Key(key) if key != "-" => key.clone(),
        _ => "0".to_owned(), // The first item of a list that is made.
    }));
    Ok(Resolved { tokens, operation })
}

fn no_list(tokens: &[String], steps: &[Step], wanted: &str) -> Problem {
    let keys = steps.iter().map_while(|step| match step {
        Step::Key(key) if key.parse::<usize>().is_err() => Some(key.clone()),
        _ => None,
    });
    let at = pointer(&tokens.iter().cloned().chain(keys).collect::<Vec<_>>());
    Problem::NoItem { at, wanted: wanted.to_owned(), there: Vec::new() }
}

/// The token of the first absent step: at the end of a list it is the next index.
fn first_made(here: &Value, step: &Step) -> String {
    match (here, step) {
        (Value::Array(items), _) => items.len().to_string(),
        (_, Step::Key(key)) => key.clone(),
        (_, Step::Item { field, .. }) => field.clone(),
    }
}

fn rfc6902(operation: &Operation, tokens: &[String], made: Option<Value>) -> PatchOperation {
    let path = PointerBuf::from_tokens(tokens);
    match operation {
        Operation::Add { value, .. } => {
            PatchOperation::Add(AddOperation { path, value: made.unwrap_or_else(|| value.clone()) })
        }
        Operation::Remove { .. } => PatchOperation::Remove(RemoveOperation { path }),
        Operation::Replace { value, .. } => PatchOperation::Replace(ReplaceOperation { path, value: value.clone() }),
        Operation::Test { value, .. } => PatchOperation::Test(TestOperation { path, value: value.clone() }),
    }
}

/// The crate's own removal puts the last member in the place of the removed one; a reader of the
/// output expects the others to stay where they are.
fn remove(value: &mut Value, tokens: &[String]) -> Result<(), Problem> {
    let whole = || Problem::Syntax("the whole object cannot be removed by a patch".to_owned());
    let (last, parents) = tokens.split_last().ok_or_else(whole)?;
    match value.pointer_mut(&pointer(parents)) {
        Some(Value::Object(map)) => drop(map.shift_remove(last)),
        Some(Value::Array(items)) => drop(last.parse().map(|index: usize| items.remove(index))),
        _ => {}
    }
    Ok(())
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

fn place(at: &str) -> String {
    if at.is_empty() { "the object".to_owned() } else { format!("`{at}`") }
}

fn only_has(there: &[String]) -> String {
    if there.is_empty() { "it is empty".to_owned() } else { format!("only {}", list(there.iter().cloned())) }
}
