//! From what was written to what is right: the only maker of [`Values`], beside `resolve`, which adds
//! what follows from them.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

use crate::diagnostic::{Diagnostic, Failure};
use crate::mask;
use crate::merge::Environment;
use crate::schema::message::QUOTE;
use crate::schema::{self, Schema};
use crate::source::Sources;
use crate::values;
use crate::values::{Platform, Values};

/// Checks a merged environment against the schema of the values and those of the plugins' sections.
///
/// # Errors
/// Everything that the schemas refuse.
pub fn validate(
    environment: Environment,
    sections: &IndexMap<String, Value>,
    sources: &Sources,
) -> Result<Values, Failure> {
    let schema = values::schema::merged(sections)?;
    if !schema::check::check(&environment.tree, schema).is_empty() {
        let described = Schema::composed(values::schema::described()?, sections);
        let mistakes = schema::check::check(&environment.tree, described);
        return Err(Failure::Input(mistakes.into_iter().map(|mistake| for_arguments(mistake, sources)).collect()));
    }
    let json = environment.tree.to_json();
    let platform = Platform::deserialize(&json).map_err(|error| {
        let gap = Diagnostic::error(format!("the values do not fit: {}", mask::without_values(&error)));
        Failure::Input(vec![gap.hint("the schema lets this pass, which is a mistake of render: please report it")])
    })?;
    Ok(Values { environment: environment.name, tree: environment.tree, json, platform })
}

/// The same mistake with what to do about it where the value is an argument: a shell takes quotes away.
fn for_arguments(mistake: Diagnostic, sources: &Sources) -> Diagnostic {
    let argument = mistake.place.is_some_and(|place| sources.get(place.source).name == "--set");
    if argument && mistake.hint.as_deref() == Some(QUOTE) {
        return mistake.hint("give it to `--set-string`, which takes everything for text");
    }
    mistake
}
