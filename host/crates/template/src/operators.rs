//! What the operators of templates become: functions that weigh what they read and make, and then do the same. Their
//! names are the program's own; a template that uses one is refused.

use std::sync::OnceLock;

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, ErrorKind, State, UndefinedBehavior, Value};

use super::builtins::within;
use super::limits;

/// How the names begin.
pub(super) const PREFIX: &str = "__render_";
/// `a ~ b`.
pub(super) const JOINED: &str = "__render_joined";
/// `a * b`.
pub(super) const TIMES: &str = "__render_times";
/// `a + b`.
pub(super) const PLUS: &str = "__render_plus";
/// A value that is read whole.
pub(super) const READ: &str = "__render_read";
/// A value in which an index is looked up.
pub(super) const INDEXED: &str = "__render_indexed";
/// A text that was made.
pub(super) const MADE: &str = "__render_made";
/// What a loop goes through, and how much text each turn writes.
pub(super) const TURNS: &str = "__render_turns";

/// Adds them.
pub(super) fn add(environment: &mut Environment<'_>) {
    environment.add_function(JOINED, joined);
    environment.add_function(TIMES, times);
    environment.add_function(PLUS, plus);
    environment.add_function(READ, read);
    environment.add_function(INDEXED, indexed);
    environment.add_function(MADE, limits::made);
    environment.add_function(TURNS, turns);
}

#[expect(clippy::needless_pass_by_value, reason = "minijinja hands arguments over")]
fn joined(state: &mut State, left: Value, right: Value) -> Result<Value, Error> {
    if left.is_undefined() || right.is_undefined() {
        return Err(ErrorKind::UndefinedError.into());
    }
    let weight = weight(state, &left, &right)?;
    limits::may_make(weight)?;
    let text = within(format_args!("{left}{right}"))?;
    limits::count(state, text.len())?;
    Ok(Value::from(text))
}

fn times(state: &mut State, left: Value, right: Value) -> Result<Value, Error> {
    let weight = weight(state, &left, &right)?;
    if !(left.is_number() && right.is_number()) {
        let factor = left.as_usize().or(right.as_usize()).unwrap_or(0);
        limits::may_make(weight.saturating_mul(factor))?;
    }
    by_engine(state, "left * right", left, right)
}

fn plus(state: &mut State, left: Value, right: Value) -> Result<Value, Error> {
    let weight = weight(state, &left, &right)?;
    limits::may_make(weight)?;
    by_engine(state, "left + right", left, right)
}

fn weight(state: &mut State, left: &Value, right: &Value) -> Result<usize, Error> {
    Ok(limits::read(state, std::slice::from_ref(left))? + limits::read(state, std::slice::from_ref(right))?)
}

/// The operator as the engine has it, of operands that are not too large for it.
fn by_engine(state: &mut State, expression: &'static str, left: Value, right: Value) -> Result<Value, Error> {
    static ENGINE: OnceLock<Environment<'static>> = OnceLock::new();
    let engine = ENGINE.get_or_init(|| {
        let mut engine = Environment::empty();
        engine.set_undefined_behavior(UndefinedBehavior::Strict);
        engine
    });
    let made = engine.compile_expression(expression)?.eval(Value::from_pairs([("left", left), ("right", right)]));
    let made = made.map_err(|error| match error.detail() {
        Some(detail) => Error::new(error.kind(), detail.to_owned()),
        None => error.kind().into(),
    })?;
    limits::made(state, made)
}

fn read(state: &mut State, value: Value) -> Result<Value, Error> {
    limits::read(state, std::slice::from_ref(&value))?;
    Ok(value)
}

fn indexed(state: &mut State, value: Value) -> Result<Value, Error> {
    match value.kind() {
        ValueKind::Iterable | ValueKind::String => read(state, value),
        _ => Ok(value),
    }
}

/// Counts what a loop writes before it begins.
fn turns(state: &mut State, value: Value, written: usize) -> Result<Value, Error> {
    limits::count(state, limits::items(&value).saturating_mul(written))?;
    Ok(value)
}
