//! The filters, tests and functions that templates have: minijinja's own, each of which is weighed, and the
//! program's. A builtin of minijinja that is not in the list does not exist, so a new version of it brings nothing
//! that has no limit.

use std::borrow::Cow;
use std::fmt::Write as _;

use minijinja::value::{Rest, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, ErrorKind, State, Value, filters, functions, tests as questions};

use super::limits::{self, ITEM, MAX_ATTRIBUTE, MAX_RANGE, MAX_VALUE};

/// What a call costs, whatever its arguments are.
const CALL: usize = 8 * ITEM;
/// What a list costs that has no items.
const LIST: usize = 4 * ITEM;

/// How much a filter can make of its arguments and of what they weigh, where that is more than some times as much.
type Bound = fn(&[Value], usize) -> usize;

/// Adds all of minijinja's. Its `namespace` is left out: it is the name of a value.
pub(super) fn add(environment: &mut Environment<'_>) {
    add_filters(environment);
    add_multiplying_filters(environment);
    add_item_filters(environment);
    add_tests(environment);
    for (name, function) in [
        ("range", Value::from_function(range)),
        ("dict", Value::from_function(functions::dict)),
        ("debug", Value::from_function(debug)),
    ] {
        environment.add_function(name, weighed(function, None));
    }
}

/// Filters whose result is at most some times as large as their arguments.
fn add_filters(environment: &mut Environment<'_>) {
    for (names, filter) in [
        (&["safe"][..], Value::from_function(filters::safe)),
        (&["escape", "e"], Value::from_function(filters::escape)),
        (&["lower"], Value::from_function(filters::lower)),
        (&["upper"], Value::from_function(filters::upper)),
        (&["title"], Value::from_function(filters::title)),
        (&["capitalize"], Value::from_function(filters::capitalize)),
        (&["length", "count"], Value::from_function(filters::length)),
        (&["items"], Value::from_function(filters::items)),
        (&["reverse"], Value::from_function(filters::reverse)),
        (&["trim"], Value::from_function(filters::trim)),
        (&["default", "d"], Value::from_function(filters::default)),
        (&["round"], Value::from_function(filters::round)),
        (&["abs"], Value::from_function(filters::abs)),
        (&["int"], Value::from_function(filters::int)),
        (&["float"], Value::from_function(filters::float)),
        (&["attr"], Value::from_function(filters::attr)),
        (&["first"], Value::from_function(filters::first)),
        (&["last"], Value::from_function(filters::last)),
        (&["string"], Value::from_function(filters::string)),
        (&["bool"], Value::from_function(filters::bool)),
        (&["pprint"], Value::from_function(pprint)),
    ] {
        for name in names {
            environment.add_filter(*name, weighed(filter.clone(), None));
        }
    }
}

/// Filters whose result can be larger than their arguments by any factor.
fn add_multiplying_filters(environment: &mut Environment<'_>) {
    let filters: [(&str, Value, Bound); 7] = [
        ("join", attributed(Value::from_function(filters::join), 2), joined),
        ("replace", Value::from_function(filters::replace), replaced),
        ("indent", Value::from_function(filters::indent), indented),
        ("format", Value::from_function(filters::format), formatted),
        ("batch", Value::from_function(filters::batch), batched),
        ("slice", Value::from_function(filters::slice), filled),
        ("sum", attributed(Value::from_function(filters::sum), 1), summed),
    ];
    for (name, filter, bound) in filters {
        environment.add_filter(name, weighed(filter, Some(bound)));
    }
}

/// Filters that make items of a text or a list, or look at each, and what the items weigh.
fn add_item_filters(environment: &mut Environment<'_>) {
    let filters: [(&str, Value, Bound); 16] = [
        ("list", Value::from_function(filters::list), listed),
        ("split", Value::from_function(filters::split), divided),
        ("lines", Value::from_function(filters::lines), divided),
        ("select", Value::from_function(filters::select), listed),
        ("reject", Value::from_function(filters::reject), listed),
        ("selectattr", attributed(Value::from_function(filters::selectattr), 1), listed),
        ("rejectattr", attributed(Value::from_function(filters::rejectattr), 1), listed),
        ("map", Value::from_function(filters::map), listed),
        ("zip", Value::from_function(filters::zip), listed),
        ("chain", Value::from_function(chain), listed),
        ("min", Value::from_function(filters::min), listed),
        ("max", Value::from_function(filters::max), listed),
        ("sort", ordered(Value::from_function(filters::sort)), sorted),
        ("dictsort", ordered(Value::from_function(filters::dictsort)), sorted),
        ("unique", ordered(Value::from_function(filters::unique)), sorted),
        ("groupby", attributed(ordered(Value::from_function(filters::groupby)), 1), grouped),
    ];
    for (name, filter, bound) in filters {
        environment.add_filter(name, weighed(filter, Some(bound)));
    }
}

fn add_tests(environment: &mut Environment<'_>) {
    for (names, test) in [
        (&["undefined"][..], Value::from_function(questions::is_undefined)),
        (&["defined"], Value::from_function(questions::is_defined)),
        (&["none"], Value::from_function(questions::is_none)),
        (&["safe", "escaped"], Value::from_function(questions::is_safe)),
        (&["boolean"], Value::from_function(questions::is_boolean)),
        (&["odd"], Value::from_function(questions::is_odd)),
        (&["even"], Value::from_function(questions::is_even)),
        (&["divisibleby"], Value::from_function(questions::is_divisibleby)),
        (&["number"], Value::from_function(questions::is_number)),
        (&["integer", "int"], Value::from_function(questions::is_integer)),
        (&["float"], Value::from_function(questions::is_float)),
        (&["string"], Value::from_function(questions::is_string)),
        (&["sequence"], Value::from_function(questions::is_sequence)),
        (&["iterable"], Value::from_function(questions::is_iterable)),
        (&["mapping"], Value::from_function(questions::is_mapping)),
        (&["startingwith"], Value::from_function(questions::is_startingwith)),
        (&["endingwith"], Value::from_function(questions::is_endingwith)),
        (&["lower"], Value::from_function(questions::is_lower)),
        (&["upper"], Value::from_function(questions::is_upper)),
        (&["sameas"], Value::from_function(questions::is_sameas)),
        (&["eq", "equalto", "=="], Value::from_function(questions::is_eq)),
        (&["ne", "!="], Value::from_function(questions::is_ne)),
        (&["lt", "lessthan", "<"], Value::from_function(questions::is_lt)),
        (&["le", "<="], Value::from_function(questions::is_le)),
        (&["gt", "greaterthan", ">"], Value::from_function(questions::is_gt)),
        (&["ge", ">="], Value::from_function(questions::is_ge)),
        (&["in"], Value::from_function(questions::is_in)),
        (&["true"], Value::from_function(questions::is_true)),
        (&["false"], Value::from_function(questions::is_false)),
        (&["filter"], Value::from_function(questions::is_filter)),
        (&["test"], Value::from_function(questions::is_test)),
    ] {
        for name in names {
            environment.add_test(*name, weighed(test.clone(), None));
        }
    }
}

/// A filter, test or function with its arguments and its result weighed.
pub(super) fn weighed(
    function: Value,
    bound: Option<Bound>,
) -> impl Fn(&mut State, Rest<ValueOrKwargs>) -> Result<Value, Error> + Send + Sync + 'static {
    move |state: &mut State, arguments: Rest<ValueOrKwargs>| {
        let arguments = arguments.into_values();
        let weight = limits::read(state, &arguments)?;
        limits::work(state, CALL)?;
        if let Some(bound) = bound {
            path(attribute(&arguments).as_ref())?;
            let bound = bound(&arguments, weight);
            limits::may_make(bound)?;
            limits::work(state, bound)?;
        }
        let made = function.call(state, &arguments)?;
        limits::made(state, made)
    }
}

/// A filter that has the path to an attribute as an argument at a position, if it has no name.
fn attributed(filter: Value, position: usize) -> Value {
    Value::from_function(move |state: &mut State, arguments: Rest<ValueOrKwargs>| {
        let arguments = arguments.into_values();
        path(arguments.get(position))?;
        filter.call(state, &arguments)
    })
}

/// A filter that compares each item with some others, as many as sorting takes.
fn ordered(filter: Value) -> Value {
    Value::from_function(move |state: &mut State, arguments: Rest<ValueOrKwargs>| {
        let arguments = arguments.into_values();
        if let Some(first) = arguments.first() {
            let comparisons = limits::items(first).checked_ilog2().unwrap_or(0) as usize;
            let weight = listed(&arguments, limits::weigh(first)?).saturating_mul(keys(&arguments));
            limits::work(state, weight.saturating_mul(comparisons))?;
        }
        filter.call(state, &arguments)
    })
}

/// Refuses a path to an attribute that is too long: it is taken apart for each item.
fn path(path: Option<&Value>) -> Result<(), Error> {
    match path {
        Some(path) if path.as_str().is_some_and(|path| path.len() > MAX_ATTRIBUTE) => {
            let fact = format!("the name of an attribute is longer than the limit of {MAX_ATTRIBUTE} bytes");
            Err(limits::exceeded(fact, "name fewer attributes"))
        }
        _ => Ok(()),
    }
}

/// The argument `attribute`.
fn attribute(arguments: &[Value]) -> Option<Value> {
    let named = arguments.last().filter(|last| last.is_kwargs())?;
    named.get_attr("attribute").ok().filter(|value| !value.is_undefined())
}

/// How many attributes are read of each item, of which a key is made.
fn keys(arguments: &[Value]) -> usize {
    attribute(arguments).and_then(|path| Some(path.as_str()?.matches(',').count())).unwrap_or(0) + 1
}

/// Each character of a text becomes an item; a list has its items already.
fn listed(arguments: &[Value], weight: usize) -> usize {
    let texts = arguments.iter().take(1).filter(|value| value.as_str().is_some());
    let characters: usize = texts.map(limits::items).sum();
    weight.saturating_add(characters.saturating_mul(ITEM))
}

/// Each part of a text between two separators becomes an item, by default each word or line.
fn divided(arguments: &[Value], weight: usize) -> usize {
    let Some(text) = arguments.first().and_then(Value::as_str) else { return weight };
    let count = match arguments.get(1).and_then(Value::as_str) {
        Some(separator) => text.matches(separator).count(),
        None => text.matches(char::is_whitespace).count(),
    };
    weight.saturating_add((count + 1).saturating_mul(ITEM))
}

/// A key beside each item.
fn sorted(arguments: &[Value], weight: usize) -> usize {
    listed(arguments, weight).saturating_mul(keys(arguments))
}

/// A key beside each item, and in the end a list of its own for each.
fn grouped(arguments: &[Value], weight: usize) -> usize {
    let items = arguments.first().map_or(0, limits::items);
    listed(arguments, weight).saturating_add(items.saturating_mul(LIST + 2 * ITEM))
}

/// A list for each group of so many items, of which the last is filled.
fn batched(arguments: &[Value], weight: usize) -> usize {
    let count = arguments.get(1).and_then(Value::as_usize).unwrap_or(0).max(1);
    let lists = arguments.first().map_or(0, limits::items) / count;
    filled(arguments, weight).saturating_add(lists.saturating_mul(LIST))
}

/// Several lists or maps as one. The engine's own goes through them again whenever the result is read, and through
/// all that they were made of.
fn chain(state: &mut State, value: Value, others: Rest<Value>) -> Result<Value, Error> {
    let chained = filters::chain(state, value, others)?;
    limits::weigh(&chained)?;
    if chained.kind() == ValueKind::Map {
        let keys = chained.try_iter()?.map(|key| Ok((key.clone(), chained.get_item(&key)?)));
        return Ok(Value::from_pairs(keys.collect::<Result<Vec<_>, Error>>()?));
    }
    Ok(Value::from(chained.try_iter()?.collect::<Vec<_>>()))
}

/// The engine's own, of numbers that it can add.
fn range(lower: isize, upper: Option<isize>, step: Option<isize>) -> Result<Value, Error> {
    for number in [Some(lower), upper, step].into_iter().flatten() {
        if number.unsigned_abs() > MAX_RANGE.unsigned_abs() {
            let fact = format!("a number of the range is {number}; the limit is {MAX_RANGE} in both directions");
            return Err(limits::exceeded(fact, "give `range` smaller numbers"));
        }
    }
    functions::range(lower, upper, step)
}

/// A separator, which may be a named argument, before each item.
fn joined(arguments: &[Value], weight: usize) -> usize {
    let items = arguments.first().map_or(0, limits::items);
    let separators: usize = arguments.iter().skip(1).filter_map(|value| limits::weigh(value).ok()).sum();
    weight.saturating_add(items.saturating_mul(separators))
}

fn replaced(arguments: &[Value], weight: usize) -> usize {
    let [text, from, to, ..] = arguments else { return weight };
    let [text, from, to] = [text, from, to].map(ToString::to_string);
    let count = if from.is_empty() { text.len() + 1 } else { text.matches(&from).count() };
    weight.saturating_add(count.saturating_mul(to.len()))
}

fn indented(arguments: &[Value], weight: usize) -> usize {
    let lines = arguments.first().and_then(Value::as_str).map_or(0, |text| text.matches('\n').count() + 1);
    weight.saturating_add(largest(&arguments[1..]).max(4).saturating_mul(lines))
}

/// Each conversion is at most as wide as the numbers of the format say, or those behind a `*`.
fn formatted(arguments: &[Value], weight: usize) -> usize {
    let Some(format) = arguments.first().and_then(Value::as_str) else { return weight };
    let numbers = format.split(|letter: char| !letter.is_ascii_digit()).filter(|digits| !digits.is_empty());
    let widths = numbers.fold(0, |sum: usize, digits| sum.saturating_add(digits.parse().unwrap_or(usize::MAX)));
    let stars = format.matches('*').count().saturating_mul(largest(&arguments[1..]));
    weight.saturating_add(widths).saturating_add(stars)
}

/// So many lists, or lists of so many items, where only what the last argument says is new.
fn filled(arguments: &[Value], weight: usize) -> usize {
    let count = arguments.get(1).and_then(Value::as_usize).unwrap_or(0);
    let filler = arguments.get(2).and_then(|value| limits::weigh(value).ok()).unwrap_or(0);
    listed(arguments, weight).saturating_add(count.saturating_mul(filler + LIST))
}

/// Numbers make a number; the sum of other things is copied for each item.
fn summed(arguments: &[Value], weight: usize) -> usize {
    if arguments.len() == 1 {
        return weight;
    }
    limits::items(&arguments[0]).saturating_mul(weight)
}

/// The largest number among arguments, named ones included.
fn largest(arguments: &[Value]) -> usize {
    let numbers = arguments.iter().flat_map(|value| match value.kind() {
        ValueKind::Map => value.try_iter().into_iter().flatten().filter_map(|key| value.get_item(&key).ok()).collect(),
        _ => vec![value.clone()],
    });
    let sizes = numbers.filter_map(|number| i64::try_from(number).ok()).map(i64::unsigned_abs);
    sizes.max().map_or(0, |size| usize::try_from(size).unwrap_or(usize::MAX))
}

/// A value as a person reads it, over several lines: each level of nesting indents them further.
fn pprint(value: &Value) -> Result<String, Error> {
    within(format_args!("{value:#?}"))
}

/// Values as a person reads them, or all variables.
#[expect(clippy::needless_pass_by_value, reason = "minijinja hands arguments over")]
fn debug(state: &mut State, values: Rest<Value>) -> Result<String, Error> {
    if !values.is_empty() {
        return within(format_args!("{:#?}", &values[..]));
    }
    let names: Vec<String> = state.known_variables().into_iter().map(Cow::into_owned).collect();
    let variables: Vec<(String, Value)> =
        names.into_iter().filter_map(|name| Some((name.clone(), state.lookup(&name)?))).collect();
    for (_, value) in &variables {
        limits::read(state, std::slice::from_ref(value))?;
    }
    within(format_args!("{:#?}", Value::from_pairs(variables)))
}

/// What is written, where it is no larger than a value may be.
pub(super) fn within(arguments: std::fmt::Arguments<'_>) -> Result<String, Error> {
    struct Within(String);
    impl std::fmt::Write for Within {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            if self.0.len() + text.len() > MAX_VALUE {
                return Err(std::fmt::Error);
            }
            self.0.push_str(text);
            Ok(())
        }
    }
    let mut text = Within(String::new());
    match text.write_fmt(arguments) {
        Ok(()) => Ok(text.0),
        Err(_) => Err(limits::may_make(usize::MAX).err().unwrap_or_else(|| ErrorKind::WriteFailure.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::limits::Exceeded;
    use super::*;

    /// Each in a form that asks for a gigabyte or more, of arguments that have some kilobytes.
    #[test]
    fn no_builtin_makes_more_than_a_value_may_weigh() {
        let mut environment = Environment::empty();
        add(&mut environment);
        for expression in [
            "list|join(text)",
            "list|join(d=text)",
            "text|replace('x', text)|replace('x', text)",
            "text|replace('', text)|replace('', text)",
            "lines|indent(1000000)",
            "lines|indent(width=1000000)",
            "'%1000000000d'|format(1)",
            "'%.1000000000f'|format(1.5)",
            "'%*d'|format(1000000000, 1)",
            "'%.*f'|format(1000000000, 1.5)",
            "'%500000000d%500000000d'|format(1, 1)",
            "list|batch(1000000000, text)",
            "list|slice(1000000000)",
            "list|slice(1000000, text)",
            "list|map('replace', 'x', text)|map('replace', 'x', text)|list",
            "list|map('indent', 1000000, true)|list",
            "list|sum(start=text)",
        ] {
            let (text, list) = ("x".repeat(10_000), vec!["x"; 10_000]);
            let context = minijinja::context! { text, list, lines => "x\n".repeat(5_000) };
            let error = environment.compile_expression(expression).unwrap().eval(context).expect_err(expression);
            let first: Option<&(dyn std::error::Error + 'static)> = Some(&error);
            let mut causes = std::iter::successors(first, |cause| cause.source());
            let exceeded = causes.any(<dyn std::error::Error>::is::<Exceeded>);
            assert!(exceeded, "{expression}: {error}");
        }
    }
}
