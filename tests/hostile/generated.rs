//! Hostile components that are too large to write down: each is a few lines that are repeated.

use std::fmt::Write;
use std::time::Duration;

use render_plugins::limits::Limits;

use super::{Case, case, read};
use crate::component;

/// All of them.
pub(super) fn cases() -> Vec<Case> {
    [answers(), descriptions(), components(), code()].into_iter().flatten().collect()
}

fn answers() -> Vec<Case> {
    let remove = r#"{"op":"remove","reason":"x","target":{"apiVersion":"v1","kind":"ConfigMap","name":"x"}}"#;
    let replace = r#"{"op":"replace","path":"/spec/replicas","value":1}"#;
    let add = |name: usize| {
        format!(
            r#"{{"op":"add","reason":"x","manifest":{{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"x{name}"}}}}}}"#
        )
    };
    let target = r#"{"apiVersion":"apps/v1","kind":"Deployment","name":"livekit-server"}"#;
    let patch = [&format!(r#"{{"changes":[{{"op":"patch","reason":"x","target":{target},"patch":["#), "]}]}"];
    let changes = ["{\"changes\":[", "]}"];
    let adds = format!("{{\"changes\":[{}]}}", (0..201).map(add).collect::<Vec<_>>().join(","));
    let long = |before: &str, after: &str| [before.to_owned(), "x".to_owned(), after.to_owned()];
    let many =
        |[before, after]: [&str; 2], item: &str| [format!("{before}{item}"), format!(",{item}"), after.to_owned()];
    let remarks = many(["{\"mistakes\":[", "]}"], r#"{"path":"","message":"x"}"#);
    let name = long(
        r#"{"changes":[{"op":"add","reason":"x","manifest":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":""#,
        "\"}}}]}",
    );
    let (removal, test) = (
        format!("{}{{\"op\":\"remove\",\"path\":\"/spec/", patch[0]),
        format!("{}{{\"op\":\"test\",\"path\":\"/metadata\",\"value\":\"", patch[0]),
    );
    let reason = long(
        r#"{"changes":[{"op":"remove","target":{"apiVersion":"v1","kind":"ConfigMap","name":"x"},"reason":""#,
        "\"}]}",
    );
    vec![
        repeating(
            "a-million-changes",
            many(changes, remove),
            1_000_000,
            Limits { memory_bytes: 256 << 20, ..Limits::default() },
        ),
        repeating("a-hundred-thousand-changes", many(changes, remove), 99_999, Limits::default()),
        repeating("a-hundred-thousand-operations", many(patch, replace), 99_999, Limits::default()),
        repeating("one-change-too-many", many(changes, remove), 1000, Limits::default()),
        repeating("a-hundred-thousand-mistakes", remarks, 100_000, Limits::default()),
        repeating("an-answer-of-nothing-but-brackets", ["", "[", ""].map(str::to_owned), 1_000_000, Limits::default()),
        repeating(
            "a-manifest-that-nests",
            [r#"{"changes":[{"op":"add","reason":"x","manifest":"#, "{\"a\":", ""].map(str::to_owned),
            100_000,
            Limits::default(),
        ),
        repeating("a-giant-name", name, 1_000_000, Limits::default()),
        repeating("a-giant-reason", reason, 1_000_000, Limits::default()),
        repeating("a-giant-path", long(&removal, "\"}]}]}"), 1_000_000, Limits::default()),
        repeating("a-giant-value-to-test", long(&test, "\"}]}]}"), 1_000_000, Limits::default()),
        repeating("a-giant-unknown-member", long("{\"", "\":1}"), 1_000_000, Limits::default()),
        case("one-addition-too-many").with(move || component::answering(&read("description.json"), &adds)),
    ]
}

fn descriptions() -> Vec<Case> {
    let with = |name: &str, description: &str| {
        let description = description.to_owned();
        case(name).with(move || component::answering(&description, "{}"))
    };
    let schema = |schema: &str| {
        format!(r#"{{"name":"evil","version":"1.0.0","about":"x","schema":{schema},"permissions":{{}}}}"#)
    };
    let branches = vec![r#"{"type":"string"}"#; 10_000].join(",");
    vec![
        with("a-giant-description", &schema(&format!("{{\"description\":\"{}\"}}", "x".repeat(300_000)))),
        with("a-description-of-brackets", &"[".repeat(200_000)),
        with(
            "a-schema-that-nests-past-reading",
            &schema(&format!("{}{{}}{}", "{\"items\":".repeat(20_000), "}".repeat(20_000))),
        ),
        with(
            "a-schema-of-ten-thousand-branches",
            &schema(&format!("{{\"additionalProperties\":{{\"anyOf\":[{branches}]}}}}")),
        ),
        with("a-giant-name-of-a-plugin", &schema("{}").replace("evil", &"e".repeat(200_000))),
    ]
}

fn components() -> Vec<Case> {
    vec![
        component_with("more-than-a-component-may-be", || data(33 << 20)),
        component_with("ten-thousand-instances", || format!("(core module $m) {}", instances(10_000))),
        component_with("nine-hundred-instances", || format!("(core module $m) {}", instances(900))),
        component_with("sixty-memories", || format!("(core module $m (memory 1)) {}", instances(60))),
        component_with("ten-thousand-modules", || "(core module (func))".repeat(10_000)),
        component_with("instances-that-double", doubling),
        component_with("an-export-with-a-giant-name", || {
            format!("(export \"a:b/{}\" (instance $provider))", "x".repeat(90_000))
        }),
        nested("ten-thousand-components-in-each-other", 10_000),
    ]
}

fn data(size: usize) -> String {
    format!("(core module (memory 1000) (data (i32.const 0) \"{}\"))", "x".repeat(size))
}

fn instances(count: usize) -> String {
    "(core instance (instantiate $m))".repeat(count)
}

/// Written as bytes: a section (4) of a component holds a component.
fn nested(name: &str, depth: usize) -> Case {
    let empty = wat::parse_str("(component)").unwrap();
    case(name).with(move || {
        let around = |inner: Vec<u8>, _| [&empty[..], &[4], &leb128(inner.len()), &inner].concat();
        let inner = (0..depth).fold(empty.clone(), around);
        let plugin = component::beside(&read("description.json"), "");
        [&plugin[..], &[4], &leb128(inner.len()), &inner].concat()
    })
}

fn leb128(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 127 {
        bytes.push(u8::try_from(number % 128).unwrap() + 128);
        number /= 128;
    }
    bytes.push(u8::try_from(number).unwrap());
    bytes
}

/// Each component makes two instances of the one before: together they are 2^30.
fn doubling() -> String {
    let mut text = "(component $c0)".to_owned();
    for level in 1..=30 {
        let before = level - 1;
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "(component $c{level} (alias outer 1 $c{before} (component $b)) (instance (instantiate $b)) (instance (instantiate $b)))"
        );
    }
    text + "(instance (instantiate $c30))"
}

fn code() -> Vec<Case> {
    let core = |name: &str, code: fn() -> String, limits: Limits| {
        let transform =
            "(func (export \"transform\") (param i32 i32) (result i32) (loop $again (br $again)) unreachable)";
        let make = move || component::running(&read("description.json"), &format!("{}{transform}", code()));
        Case { limits, ..case(name) }.with(make)
    };
    let compiler = Limits { compile_time: Duration::from_millis(1), ..Limits::default() };
    // What is left alone ends with its fuel, in a few seconds.
    let call = Limits { fuel: 6_000_000_000, wall_time: Duration::from_millis(100), ..Limits::default() };
    vec![
        core("more-functions-than-any-interpreter", || "(func)".repeat(100_001), Limits::default()),
        core("twenty-thousand-types", || types(20_000), Limits::default()),
        core(
            "one-function-that-is-everything",
            || format!("(func (param i32 i32) {})", body(100_000)),
            Limits::default(),
        ),
        core("more-time-to-compile-than-there-is", || format!("(func (param i32 i32) {})", body(10_000)), compiler),
        core("fifty-thousand-locals", || format!("(func {})", locals(49_000)), compiler),
        core("blocks-in-blocks", || format!("(func {}{})", "block ".repeat(10_000), "end ".repeat(10_000)), compiler),
        core("more-time-than-there-is", String::new, call),
    ]
}

fn types(count: usize) -> String {
    let params =
        |number: usize| (0..17).map(|bit| if number >> bit & 1 == 0 { "i32 " } else { "i64 " }).collect::<String>();
    (0..count).fold(String::new(), |types, number| types + "(type (func (param " + &params(number) + ")))")
}

fn body(count: usize) -> String {
    "(local.set 0 (i32.add (i32.mul (local.get 0) (local.get 1)) (i32.load (local.get 0))))".repeat(count)
}

fn locals(count: usize) -> String {
    let set = |local: usize| format!("(local.set {local} (i32.add (local.get {}) (local.get 0)))", local + 1);
    let sets: String = (0..count / 5).map(|number| set(number * 4)).collect();
    format!("{}{sets}{sets}", "(local i32)".repeat(count))
}

/// A plugin that writes its answer itself: what comes before, an item so many times, and what comes after.
fn repeating(name: &str, [before, item, after]: [String; 3], times: usize, limits: Limits) -> Case {
    const TEXTS: usize = 64 << 10;
    const ANSWER: usize = 2 << 20;
    let (item_at, after_at) = (TEXTS + before.len(), TEXTS + before.len() + item.len());
    let length = before.len() + item.len() * times + after.len();
    let (pages, texts) = ((ANSWER + length).div_ceil(64 << 10), component::quoted(&format!("{before}{item}{after}")));
    let core = format!(
        r#"(data (i32.const {TEXTS}) {texts})
        (func (export "transform") (param $to i32) (param $left i32) (result i32)
          (drop (memory.grow (i32.const {pages})))
          (memory.copy (i32.const {ANSWER}) (i32.const {TEXTS}) (i32.const {before}))
          (local.set $to (i32.const {first}))
          (local.set $left (i32.const {times}))
          (loop $again
            (memory.copy (local.get $to) (i32.const {item_at}) (i32.const {item}))
            (local.set $to (i32.add (local.get $to) (i32.const {item})))
            (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
          (memory.copy (local.get $to) (i32.const {after_at}) (i32.const {after}))
          (i32.store (i32.const 0) (i32.const {ANSWER}))
          (i32.store (i32.const 4) (i32.const {length}))
          (i32.const 0))"#,
        before = before.len(),
        first = ANSWER + before.len(),
        item = item.len(),
        after = after.len(),
    );
    Case { limits, ..case(name) }.with(move || component::running(&read("description.json"), &core))
}

/// A plugin that does nothing, in a component that holds something else, too.
fn component_with(name: &str, something: fn() -> String) -> Case {
    case(name).with(move || component::beside(&read("description.json"), &something()))
}
