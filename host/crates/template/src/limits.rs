//! What a template may cost. All limits count, and none looks at a clock, so a template is refused everywhere or
//! nowhere. Steps are counted by the engine; what an expression reads and makes is weighed here.

use std::fmt;

use minijinja::value::ValueKind;
use minijinja::{Error, ErrorKind, State, Value};

/// The length of the text of a template.
pub(super) const MAX_SOURCE: usize = 1 << 20;
/// The length of a line of a template. The engine counts columns in 16 bits, and one more for the end of a mistake.
pub(super) const MAX_LINE: usize = u16::MAX as usize - 1;
/// Operators, filters, and steps to an attribute that are applied one after the other. Each is a level of recursion.
pub(super) const MAX_CHAIN: usize = 200;
/// Blocks inside each other, in which each `elif` is one.
pub(super) const MAX_BLOCKS: usize = 100;
/// Includes, blocks and recursive loops inside each other, in units of the engine: an include costs ten.
pub(super) const MAX_RECURSION: usize = 200;
/// Instructions of the engine. The templates of the program take some thousands.
pub(super) const MAX_STEPS: u64 = 10_000_000;
/// The weight of one value that an expression makes.
pub(super) const MAX_VALUE: usize = 32 << 20;
/// The weight of all that one rendering makes, and of an eighth of what it reads.
pub(super) const MAX_TOTAL: usize = 128 << 20;
/// How deep lists and maps may nest.
pub(super) const MAX_DEPTH: usize = 100;

/// The length of the path to an attribute, which a filter takes apart for each item.
pub(super) const MAX_ATTRIBUTE: usize = 1 << 10;
/// A number that a range has: the largest that JSON keeps exactly.
pub(super) const MAX_RANGE: isize = 1 << 53;

/// A text weighs its bytes; each item of a list, and each key and value of a map, weighs this much more.
pub(super) const ITEM: usize = 32;
/// Reading is so many times cheaper than making.
const READING: usize = 8;

/// The weight of all that a rendering made and read so far.
#[derive(Debug, Default)]
struct Total(usize);

/// A limit that a template exceeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exceeded(pub(super) &'static str);

impl fmt::Display for Exceeded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

impl std::error::Error for Exceeded {}

/// The error of a template that exceeds a limit: the fact, the limit, and the remedy.
pub(super) fn exceeded(fact: String, remedy: &'static str) -> Error {
    Error::new(ErrorKind::InvalidOperation, fact).with_source(Exceeded(remedy))
}

const SMALLER: &str = "make the value of fewer or shorter parts";

/// Counts values that something reads.
pub(super) fn read(state: &mut State, values: &[Value]) -> Result<usize, Error> {
    let mut weight = 0;
    for value in values {
        weight += weigh(value)?;
    }
    work(state, weight)?;
    Ok(weight)
}

/// How many items a filter goes through: of a text its characters.
pub(super) fn items(value: &Value) -> usize {
    value.len().unwrap_or_else(|| value.try_iter().map_or(0, Iterator::count))
}

/// Counts work, in units of the weight that is read once.
pub(super) fn work(state: &mut State, weight: usize) -> Result<(), Error> {
    count(state, weight / READING)
}

/// Counts a value that something made.
pub(super) fn made(state: &mut State, value: Value) -> Result<Value, Error> {
    let weight = weigh(&value)?;
    count(state, weight)?;
    Ok(value)
}

/// Refuses to make a value of a weight that is known before it is made.
pub(super) fn may_make(weight: usize) -> Result<(), Error> {
    if weight > MAX_VALUE {
        let limit = MAX_VALUE >> 20;
        return Err(exceeded(format!("a value is larger than the limit of {limit} MiB"), SMALLER));
    }
    Ok(())
}

/// Counts weight.
pub(super) fn count(state: &mut State, weight: usize) -> Result<(), Error> {
    let total = &mut state.get_or_insert_extension(Total::default()).0;
    *total = total.saturating_add(weight);
    if *total > MAX_TOTAL {
        let limit = MAX_TOTAL >> 20;
        let remedy = "loop over fewer items, or make a template of each part";
        return Err(exceeded(format!("the template reads and makes more than the limit of {limit} MiB"), remedy));
    }
    Ok(())
}

/// What a value weighs, everything in it included.
pub(super) fn weigh(value: &Value) -> Result<usize, Error> {
    let mut weight = 0;
    add(value, MAX_DEPTH, &mut weight)?;
    Ok(weight)
}

fn add(value: &Value, depth: usize, weight: &mut usize) -> Result<(), Error> {
    if let Some(text) = value.as_str() {
        *weight += text.len();
        return may_make(*weight);
    }
    match value.kind() {
        ValueKind::Seq | ValueKind::Iterable => {
            let depth = deeper(depth)?;
            for item in value.try_iter()? {
                *weight += ITEM;
                add(&item, depth, weight)?;
            }
        }
        ValueKind::Map => {
            let depth = deeper(depth)?;
            for key in value.try_iter()? {
                *weight += 2 * ITEM;
                add(&key, depth, weight)?;
                add(&value.get_item(&key)?, depth, weight)?;
            }
        }
        ValueKind::Bytes => *weight += value.len().unwrap_or(0),
        _ => {}
    }
    may_make(*weight)
}

fn deeper(depth: usize) -> Result<usize, Error> {
    let remedy = "write lists and maps beside each other";
    depth.checked_sub(1).ok_or_else(|| exceeded(format!("a value nests deeper than the limit of {MAX_DEPTH}"), remedy))
}
