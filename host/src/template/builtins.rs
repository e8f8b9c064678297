//! The filters, tests and functions that templates have: minijinja's own, each of which is weighed, and the
//! program's. A builtin of minijinja that is not in the list does not exist, so a new version of it brings nothing
//! that has no limit.

use std::borrow::Cow;
use std::fmt::Write as _;

use minijinja::value::{Rest, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, ErrorKind, State, Value, filters, functions, tests as questions};

use super::limits::{self, MAX_VALUE};

/// How much a filter can make of its arguments and of what they weigh, where that is more than some times as much.
type Bound = fn(&[Value], usize) -> usize;

/// Adds all of minijinja's. Its `namespace` is left out: it is the name of a value.
pub(super) fn add(environment: &mut Environment<'_>) {
    add_filters(environment);
    add_multiplying_filters(environment);
    add_tests(environment);
    for (name, function) in [
        ("range", Value::from_function(functions::range)),
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
        (&["dictsort"], Value::from_function(filters::dictsort)),
        (&["items"], Value::from_function(filters::items)),
        (&["reverse"], Value::from_function(filters::reverse)),
        (&["trim"], Value::from_function(filters::trim)),
        (&["split"], Value::from_function(filters::split)),
        (&["lines"], Value::from_function(filters::lines)),
        (&["default", "d"], Value::from_function(filters::default)),
        (&["round"], Value::from_function(filters::round)),
        (&["abs"], Value::from_function(filters::abs)),
        (&["int"], Value::from_function(filters::int)),
        (&["float"], Value::from_function(filters::float)),
        (&["attr"], Value::from_function(filters::attr)),
        (&["first"], Value::from_function(filters::first)),
        (&["last"], Value::from_function(filters::last)),
        (&["min"], Value::from_function(filters::min)),
        (&["max"], Value::from_function(filters::max)),
        (&["sort"], Value::from_function(filters::sort)),
        (&["list"], Value::from_function(filters::list)),
        (&["string"], Value::from_function(filters::string)),
        (&["bool"], Value::from_function(filters::bool)),
        (&["select"], Value::from_function(filters::select)),
        (&["reject"], Value::from_function(filters::reject)),
        (&["selectattr"], Value::from_function(filters::selectattr)),
        (&["rejectattr"], Value::from_function(filters::rejectattr)),
        (&["map"], Value::from_function(filters::map)),
        (&["groupby"], Value::from_function(filters::groupby)),
        (&["unique"], Value::from_function(filters::unique)),
        (&["chain"], Value::from_function(filters::chain)),
        (&["zip"], Value::from_function(filters::zip)),
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
        ("join", Value::from_function(filters::join), joined),
        ("replace", Value::from_function(filters::replace), replaced),
        ("indent", Value::from_function(filters::indent), indented),
        ("format", Value::from_function(filters::format), formatted),
        ("batch", Value::from_function(filters::batch), filled),
        ("slice", Value::from_function(filters::slice), filled),
        ("sum", Value::from_function(filters::sum), summed),
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
        if let Some(bound) = bound {
            limits::may_make(bound(&arguments, weight))?;
        }
        let made = function.call(state, &arguments)?;
        limits::made(state, made)
    }
}

/// A separator, which may be a named argument, before each item.
fn joined(arguments: &[Value], weight: usize) -> usize {
    let items = arguments.first().and_then(Value::len).unwrap_or(0);
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
    weight.saturating_add(count.saturating_mul(filler + 64))
}

/// Numbers make a number; the sum of other things is copied for each item.
fn summed(arguments: &[Value], weight: usize) -> usize {
    if arguments.len() == 1 {
        return weight;
    }
    arguments[0].len().unwrap_or(0).saturating_mul(weight)
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
