//! `--set` and its relatives do what Helm's do. tests/set.tsv holds Helm's own answers, asked with
//! `helm template` and a chart that prints `.Values`; what differs on purpose has a column of its own.

use render_pipeline::set::{SetKind, Target, apply, parse};
use render_text::diagnostic::Diagnostic;
use render_text::node::{Node, Origin, Tree};
use render_text::source::Sources;
use render_text::yaml::read;
use serde_json::{Value, json};

const VALUES: &str = "d: {e: 1}\nl: [x, z]\ns: text\n";

#[test]
fn arguments_mean_what_helm_makes_of_them() {
    let mut wrong = Vec::new();
    for line in include_str!("set.tsv").lines().filter(|line| !line.starts_with("//")) {
        let cells: Vec<&str> = line.split('\t').collect();
        let kind = match cells[0] {
            "--set-json" => SetKind::Json,
            "--set-string" => SetKind::String,
            _ => SetKind::Typed,
        };
        let expected = *cells.get(3).unwrap_or(&cells[2]);
        let found = set(kind, cells[1]).map(|node| node.to_json());
        let same = match &found {
            Ok(value) => serde_json::from_str::<Value>(expected).is_ok_and(|expected| *value == expected),
            Err(_) => expected == "error",
        };
        if !same {
            wrong.push(format!("{line}\n  found {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn files_and_variables_are_text_that_the_caller_brings() {
    let resolve = |name: &str| match name {
        "ca,1.pem" => Ok("-----\ntrue\n".to_owned()),
        "TOKEN" => Ok("0123".to_owned()),
        _ => Err(format!("no {name}")),
    };
    let value = set(SetKind::File(&resolve), r"a.ca=ca\,1.pem,b=TOKEN").unwrap().to_json();
    assert_eq!((&value["a"]["ca"], &value["b"]), (&json!("-----\ntrue\n"), &json!("0123")));
    assert_eq!(set(SetKind::Env(&resolve), "a={TOKEN}").unwrap().to_json()["a"], json!(["0123"]));
    assert_eq!(set(SetKind::Env(&resolve), "a=MISSING").unwrap_err().message, "no MISSING");
}

#[test]
fn what_was_set_before_stays_below_as_an_origin() {
    let node = set(SetKind::Typed, "d.e=2,d.new=3").unwrap();
    let e = node.at(&["d", "e"]).unwrap();
    assert_eq!(e.tree, Tree::Number(2.into()));
    let starts: Vec<u32> = e.origins.iter().filter_map(start).collect();
    assert_eq!(starts, [7, 4], "in the file, then in the argument");
    assert_eq!(node.at(&["d", "new"]).unwrap().origins.len(), 1);
}

#[test]
fn every_part_has_its_place_in_the_argument() {
    let mut sources = Sources::default();
    let text = r"é.b\.c[0]=x,d={1,ü}";
    let source = sources.add("--set", text);
    let assignments = parse(SetKind::Typed, source, text).unwrap();
    let steps: Vec<&str> = assignments[0].path.iter().map(|step| &text[step.place.range()]).collect();
    assert_eq!(steps, ["é", r"b\.c", "0"]);
    assert_eq!(assignments[0].path[1].to, Target::Key("b.c".to_owned()));
    assert_eq!(&text[assignments[1].place.range()], "d={1,ü}");
    let Tree::List(items) = &assignments[1].value.tree else { panic!("not a list") };
    assert_eq!(&text[items[1].place().unwrap().range()], "ü");
}

#[test]
fn a_path_that_leads_nowhere_says_what_stands_there() {
    let told = |argument: &str| {
        let mistake = set(SetKind::Typed, argument).unwrap_err();
        format!("{} | {} | {}", mistake.message, mistake.related.len(), mistake.hint.unwrap_or_default())
    };
    assert_eq!(told("l[3]=w"), "index 3 is out of reach: `l` has 2 items | 1 | the next free index is 2");
    assert_eq!(
        told("s.x=1"),
        "cannot set a key below `s`: it is a string | 1 | set the whole value instead, or correct the path"
    );
    assert_eq!(
        told("l.x=1"),
        "cannot set a key below `l`: it is a list | 1 | name an item of the list by its index, as in `list[0]`"
    );
    assert_eq!(told("d[0]=1"), "cannot set an item of `d`: it is a map | 1 | name a key of the map, as in `map.key`");
}

#[test]
fn mistakes_are_shown_at_their_characters() {
    let shown = |kind: SetKind<'_>, argument: &str| {
        let mistake = set(kind, argument).unwrap_err();
        format!("{}: {:?}", mistake.message, &argument[mistake.place.unwrap().range()])
    };
    assert_eq!(shown(SetKind::Typed, "a.b"), "a path without a value: \"a.b\"");
    assert_eq!(shown(SetKind::Typed, "a..b=1"), "an empty key: \"a..\"");
    assert_eq!(shown(SetKind::Typed, "a=1,b[x]=1"), "an index that is no whole number: \"x\"");
    assert_eq!(shown(SetKind::Typed, "a={x}y=1"), "text behind a value that has ended: \"y=1\"");
    assert_eq!(shown(SetKind::Typed, "a={x,y"), "`{` without its `}`: \"{x,y\"");
    assert_eq!(shown(SetKind::Json, "é={\"x\": tru}"), "the value is not JSON: expected ident: \"}\"");
    assert_eq!(shown(SetKind::Typed, ""), "nothing is set: \"\"");
}

/// The values with an argument applied, or the first mistake.
fn set(kind: SetKind<'_>, argument: &str) -> Result<Node, Diagnostic> {
    let mut sources = Sources::default();
    let file = sources.add("values.yaml", VALUES);
    let mut tree = read(file, VALUES).unwrap().remove(0);
    let source = sources.add("--set", argument);
    for assignment in parse(kind, source, argument)? {
        apply(&mut tree, assignment)?;
    }
    Ok(tree)
}

fn start(origin: &Origin) -> Option<u32> {
    match origin {
        Origin::Written(place) | Origin::Given { place, .. } => Some(place.start),
        Origin::Derived { .. } => None,
    }
}
