//! What holds for whatever a generator makes, the same in each run: the laws that the fuzzer attacks, and that a text
//! arrives as it is wherever a template puts it, or is refused.

use indexmap::IndexMap;
use render_pipeline::Origin;
use render_pipeline::load::{Request, Set};
use render_pipeline::options::Options;
use render_platform::templates;
use render_platform::values::Values;
use render_plugins::limits::Limits;
use render_plugins::open::Runtime;
use render_text::diagnostic::Diagnostic;
use render_text::source::Sources;
use render_text::yaml::emit;
use serde_json::{Value, json};

use crate::fuzz::properties;
use crate::yaml::{Numbers, any_string, any_value};

/// Texts that are something else in a template, in YAML, in Kubernetes or in a terminal.
const HOSTILE: [&str; 46] = [
    "",
    " ",
    "a",
    "sibling",
    "yes",
    "null",
    "~",
    "0644",
    "1e3",
    "-",
    "- a",
    "? a",
    "a: b",
    "a:",
    ": a",
    "#",
    "a # b",
    "---",
    "\n---\n",
    "a\n---\nkind: Secret\n",
    "...",
    "{{ custom.s }}",
    "{{",
    "}}",
    "{% raw %}",
    "{% if",
    "{# a #}",
    "{a: b}",
    "[a]",
    "&a",
    "*a",
    "!!int 1",
    "|",
    ">-",
    "'",
    "\"",
    "\\",
    "%YAML 1.1",
    "@a",
    "a\nb\n",
    "\n\n a\n",
    "\ta",
    "\u{0}\u{1b}[2J",
    "\u{feff}a\u{2028}b\u{2029}c\u{85}d",
    "\u{fdd0}0\u{fdd1}",
    "\u{e000}0\u{e001}",
];

/// What becomes of a text in a place of a template.
#[derive(Clone, Copy, PartialEq)]
enum Becomes {
    /// It is the value of `v`.
    Value,
    /// It is the second of three items.
    Item,
    /// It is the key of a member beside `sibling`.
    Key,
    /// It is nowhere, and `v` is `a`.
    Nothing,
    /// It is behind `a-`.
    Joined,
    /// The template is refused.
    Refused,
}

const PLACES: [(&str, Becomes); 29] = [
    ("v: {{ custom.s }}", Becomes::Value),
    ("v: \"{{ custom.s }}\"", Becomes::Value),
    ("v: '{{ custom.s }}'", Becomes::Value),
    ("v: |-\n  {{ custom.s }}", Becomes::Value),
    ("v: >-\n  {{ custom.s }}", Becomes::Value),
    ("v: !!str {{ custom.s }}", Becomes::Value),
    ("v: &anchor {{ custom.s }}", Becomes::Value),
    ("v:\n    {{ custom.s }}", Becomes::Value),
    ("{% set s = custom.s %}\nv: {{ s }}", Becomes::Value),
    ("{% for s in [custom.s] %}\nv: {{ s }}\n{% endfor %}", Becomes::Value),
    ("v:\n  - a\n  - {{ custom.s }}\n  - b", Becomes::Item),
    ("v: [a, {{ custom.s }}, b]", Becomes::Item),
    ("v: [a, \"{{ custom.s }}\", b]", Becomes::Item),
    ("v:\n  - a\n  - {{ [custom.s]|spread }}\n  - b", Becomes::Item),
    ("v:\n  sibling: 1\n  {{ custom.s }}: 2", Becomes::Key),
    ("v:\n  {{ custom.s }}: 2\n  sibling: 1", Becomes::Key),
    ("v: {sibling: 1, {{ custom.s }}: 2}", Becomes::Key),
    ("v:\n  sibling: 1\n  ? {{ custom.s }}\n  : 2", Becomes::Key),
    ("v: a # {{ custom.s }}", Becomes::Nothing),
    ("# {{ custom.s }}\nv: a", Becomes::Nothing),
    ("v: &{{ custom.s }} a", Becomes::Nothing),
    ("v: {{ 'a-' ~ custom.s }}", Becomes::Joined),
    ("v: a-{{ custom.s }}", Becomes::Refused),
    ("v: \"a-{{ custom.s }}\"", Becomes::Refused),
    ("v: |\n  a\n  {{ custom.s }}\n", Becomes::Refused),
    ("v: {{ custom.s }}{{ custom.s }}", Becomes::Refused),
    ("{% set s %}a-{{ custom.s }}{% endset %}\nv: {{ s }}", Becomes::Refused),
    ("v: {% filter length %}{{ custom.s }}{% endfilter %}", Becomes::Refused),
    ("v: *{{ custom.s }}", Becomes::Refused),
];

#[test]
fn a_text_arrives_as_it_is_wherever_a_template_puts_it() {
    let mut values = values();
    let mut numbers = Numbers(0x5eed);
    let generated = (0..40).map(|_| any_string(&mut numbers));
    let long = "all work and no play {{ }} --- \n".repeat(20_000);
    for text in HOSTILE.iter().map(|text| (*text).to_owned()).chain(generated).chain([long]) {
        values.json["custom"]["s"] = json!(text);
        for (place, becomes) in PLACES {
            put(&values, &text, place, becomes);
        }
    }
}

#[test]
fn what_is_no_list_and_what_is_no_value_is_refused() {
    let mut values = values();
    values.json["custom"] = json!({"s": "text", "map": {"a": 1}, "list": [1]});
    for place in [
        "v: [{{ custom.s|spread }}]",
        "v: [{{ custom.map|spread }}]",
        "v: {{ custom.list|spread }}",
        "v: {{ range }}",
        "v: \"\u{fdd0}{{ custom.s }}\"",
        "v: \u{fdd0}0\u{fdd1}",
        "v: \u{fdd0}",
    ] {
        assert!(made(&values, place).is_err(), "{place}");
    }
}

/// The laws, for generated input; the fuzzer looks for more.
#[test]
fn laws_hold_for_generated_values() {
    let mut numbers = Numbers(0xfeed);
    let strings: Vec<String> = HOSTILE.iter().map(|text| (*text).to_owned()).collect();
    for _ in 0..600 {
        let map = |numbers: &mut Numbers| {
            let members = (0..5).map(|_| {
                (
                    ["a", "b", "c"][usize::try_from(numbers.below(3)).unwrap()].to_owned(),
                    any_value(numbers, &strings, 2),
                )
            });
            Value::Object(members.collect())
        };
        let layers =
            [map(&mut numbers), map(&mut numbers), map(&mut numbers)].map(|layer| emit::document(&layer).unwrap());
        properties::merge::check(layers.join("---\n").as_bytes());
        let text = any_string(&mut numbers);
        properties::yaml::check(text.as_bytes());
        let flag = u8::try_from(numbers.below(5)).unwrap();
        properties::set::check(&[&[flag], any_string(&mut numbers).as_bytes(), b"=", text.as_bytes()].concat());
    }
}

/// Holds a text in a place to what becomes of it.
fn put(values: &Values, text: &str, place: &str, becomes: Becomes) {
    let expected = match becomes {
        Becomes::Value => json!(text),
        Becomes::Item => json!(["a", text, "b"]),
        Becomes::Key if text == "sibling" => return assert!(made(values, place).is_err(), "{place}"),
        Becomes::Key => json!({"sibling": 1, text: 2}),
        Becomes::Nothing => json!("a"),
        Becomes::Joined => json!(format!("a-{text}")),
        Becomes::Refused => return assert!(made(values, place).is_err(), "{place} with {text:?}"),
    };
    let manifest = made(values, place).unwrap_or_else(|found| panic!("{place} with {text:?}: {found:#?}"));
    let whole = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "mine"}, "before": 1, "v": expected, "after": 2});
    assert_eq!(manifest, whole, "{place} with {text:?}");
    properties::yaml::same_again(&[manifest]);
}

/// The one object of a template that has a place between two members, or what is wrong with it.
fn made(values: &Values, place: &str) -> Result<Value, Vec<Diagnostic>> {
    let template = format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: mine}}\nbefore: 1\n{place}\nafter: 2\n");
    let mut sources = Sources::default();
    let source = sources.add("mine.yaml", template);
    let own = IndexMap::from([("mine.yaml".to_owned(), source)]);
    let set = templates::render(values, &own, &mut sources)?;
    let own: Vec<&Value> =
        set.iter().filter(|manifest| manifest.origin == "mine.yaml").map(|manifest| &manifest.value).collect();
    assert_eq!(own.len(), 1, "{place}: a value made objects");
    Ok(own[0].clone())
}

/// Values of next to nothing, so that the templates of the program cost no time.
fn values() -> Values {
    let sets = ["livekit.enabled=false", "namespace.create=true"].map(|set| Set::Json(set.to_owned())).to_vec();
    let request = Request { sets, ..Request::default() };
    let runtime = Runtime::new(Limits::default(), None);
    let mut sources = Sources::default();
    let rendered = render_pipeline::run(&request, Origin::Templates, Options::default(), &runtime, &mut sources)
        .passed(Options::default());
    let mut values = rendered.unwrap().values.unwrap();
    values.platform.templates = vec!["mine.yaml".to_owned()];
    values
}
