//! The schemas in schemas/ are what the Rust types and the plugins' descriptions say, and validation
//! knows every keyword that they use.

use std::fs;

use indexmap::IndexMap;
use render_platform::values;
use render_plugins::built_in;
use render_plugins::limits::Limits;
use render_plugins::open;
use render_report as report;
use render_schema::subset;
use serde_json::Value;

use crate::support::{blessing, root};

#[test]
fn the_committed_schemas_are_the_generated_ones() {
    let all = [
        ("values.json", values::schema::generated()),
        ("environment.json", values::schema::generated_environment(&sections())),
        ("findings.json", report::schema()),
        ("lock.json", render_plugins::lock::schema()),
    ];
    for (file, schema) in all {
        let path = root().join("schemas").join(file);
        let expected = format!("{schema:#}\n");
        if blessing() {
            fs::write(&path, &expected).unwrap();
        }
        assert!(
            fs::read_to_string(&path).unwrap() == expected,
            "schemas/{file} is not what the types say: `cargo xtask bless` writes it"
        );
    }
}

#[test]
fn validation_knows_every_keyword_of_the_schemas() {
    let sections = sections();
    let all = sections.values().cloned().chain([
        values::schema::generated(),
        values::schema::generated_environment(&sections),
        render_plugins::lock::schema(),
    ]);
    for schema in all {
        assert_eq!(subset::outside(&schema), []);
    }
}

fn sections() -> IndexMap<String, Value> {
    let section = |name: &'static str| {
        let plugin = open::built_in(built_in::plugin(name).unwrap(), &Limits::default()).unwrap();
        (name.to_owned(), Value::Object(plugin.description.schema))
    };
    built_in::names().map(section).collect()
}
