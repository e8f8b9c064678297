//! RFC 6902 patches whose paths may select list items by a field, as in
//! `/spec/template/spec/containers[name=livekit]/image`. An index says nothing to a reader and breaks
//! when an item is put in front, so plugins and the user's own `patches:` write selectors; each is
//! resolved just before its operation, because the operation before it may have moved the item.

mod error;
mod path;

use json_patch::jsonptr::PointerBuf;
use json_patch::{AddOperation, PatchOperation, RemoveOperation, ReplaceOperation, TestOperation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use self::path::token;

pub use self::error::{PatchError, Problem};
pub use self::path::child;
pub use self::path::{Step, pointer, steps};

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

/// An operation whose path was resolved against one value.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved {
    /// The RFC 6901 tokens of the whole path, not escaped.
    pub tokens: Vec<String>,
    /// What is done; its path ends earlier where parents have to be made.
    operation: PatchOperation,
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

impl Resolved {
    /// Whether it changes nothing.
    #[must_use]
    pub fn is_test(&self) -> bool {
        matches!(self.operation, PatchOperation::Test(_))
    }
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

#[cfg(test)]
mod tests;
