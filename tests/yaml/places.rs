//! Every value knows its characters, and every mistake is told where it is, in words that help.

use render_text::diagnostic::Diagnostic;
use render_text::node::{Map, Node, Tree};
use render_text::source::Sources;
use render_text::yaml::read;

#[test]
fn places_are_bytes_of_the_token() {
    let text = "\u{feff}é: \"日本\" # ñ\r\nb:\r\n- {ü: 'x', l: [1, ~]}\r\n- |\r\n  текст\r\n  more\r\nc:\r\nd: &x !!str ß y\r\ne: *x\r\nf: {a: 1,\r\n  b: 2}\r\n";
    let node = document(text);
    let shown = |path: &str| &text[node.pointer(path).unwrap().place().unwrap().range()];
    assert_eq!(shown(""), "é");
    assert_eq!(shown("/é"), "\"日本\"");
    assert_eq!(shown("/b"), "{ü: 'x', l: [1, ~]}", "a list is shown at its first item");
    assert_eq!(shown("/b/0"), "{ü: 'x', l: [1, ~]}");
    assert_eq!(shown("/b/0/ü"), "'x'");
    assert_eq!(shown("/b/0/l"), "[1, ~]");
    assert_eq!(shown("/b/0/l/1"), "~");
    assert_eq!(shown("/b/1"), "текст");
    assert_eq!(shown("/c"), "c", "an empty value is shown at its key");
    assert_eq!(shown("/d"), "ß y");
    assert_eq!(shown("/e"), "ß y", "an alias is shown where its value stands");
    assert_eq!(shown("/f"), "{", "brackets over several lines are shown at the first");
    let keys: Vec<&str> = map(&node).values().map(|member| &text[member.key.unwrap().range()]).collect();
    assert_eq!(keys, ["é", "b", "c", "d", "e", "f"]);
}

#[test]
fn streams_have_a_value_for_each_document() {
    assert_eq!(documents("").len(), 0);
    assert_eq!(documents("# only a comment\n").len(), 0);
    let kinds = |text: &str| documents(text).iter().map(|node| node.tree.kind()).collect::<Vec<_>>();
    assert_eq!(kinds("---\n---\na: 1\n---\n- x\n...\n"), ["null", "a map", "a list"]);
    assert!(
        mistakes("---\na: &x 1\n---\nb: *x\n")[0].contains("no value above has an anchor"),
        "anchors end with their document"
    );
}

#[test]
fn all_mistakes_that_leave_the_rest_readable_are_told_at_once() {
    let told = mistakes("a: 1\na: 2\nb: .inf\n[x]: y\nc: !foo 1\n~: 1\n");
    assert_eq!(
        told,
        [
            "2:1 the key `a` is given twice (first given here 1:1)",
            "3:4 JSON, and so Kubernetes, has no infinity and no NaN",
            "4:1 a key must be text, but this one is a list",
            "5:4 the tag of this value means nothing to Kubernetes",
            "6:1 a key must be text, but this one is null",
        ]
    );
}

#[test]
fn common_mistakes_are_named() {
    let cases = [
        ("a: b\n\tc: d\n", "2:1 a tab stands where YAML wants spaces"),
        ("a:\n\tb: 1\n", "2:1 a tab stands where YAML wants spaces"),
        ("a: \"x\nb: 1\n", "1:4 a quote is not closed"),
        ("a: 'x\nb: 1\n", "1:4 a quote is not closed"),
        ("a: \"x", "1:4 a quote is not closed"),
        ("a: 1\n  b: 2\n", "2:3 this indentation matches no enclosing block"),
        ("a:\n    b: 1\n  c: 2\n", "3:3 this indentation matches no enclosing block"),
        ("foo\nbar: x\n", "1:1 expected `: ` after this key"),
        ("bar: x\nfoo\nbaz: 1\n", "2:1 expected `: ` after this key"),
        ("a:b\nc: d\n", "1:1 expected `: ` after this key"),
        ("a: b: c\n", "1:5 a second `: ` in one line"),
        ("a: {{ x }}\n", "1:4 a value that starts with `{{` is a map to YAML, not a template"),
        ("a: {{ x }}-y\n", "1:4 a value that starts with `{{` is a map to YAML, not a template"),
        ("a: [1, 2\nb: 1\n", "2:2 a list or map in brackets is not closed before this"),
        ("a: {x: 1\nb: 2\n", "2:2 a list or map in brackets is not closed before this"),
        ("a: [1]]\n", "1:7 a closing bracket that nothing opened"),
        ("a: *b\n", "1:4 an alias for which no value above has an anchor"),
        ("a: @x\n", "1:4 a value cannot start with `@`"),
        ("a: - b\n", "1:4 a list item cannot start here"),
        ("a: \"x\" y\n", "1:8 text follows a closing quote"),
        ("a: \"\\q\"\n", "1:4 a backslash in double quotes is followed by a letter that makes no escape"),
        ("ä: x\u{1}\n", "1:5 the control character U+0001 is not allowed in YAML"),
        ("ä: x\u{2028}y\n", "1:5 an invisible line separator, which kubectl would take for a line break"),
        ("a: &x [*x]\n", "1:8 the alias stands inside the value that it repeats"),
        ("a: !!binary '!'\n", "1:4 the value is tagged `!!binary` but is not base64"),
    ];
    for (text, expected) in cases {
        assert_eq!(mistakes(text), [expected], "{text:?}");
    }
}

#[test]
fn budgets_end_what_would_not() {
    let deep = format!("{}{}", "[".repeat(65), "]".repeat(65));
    assert_eq!(mistakes(&deep), ["1:65 maps and lists nest deeper than 64 levels"]);
    assert_eq!(documents(&deep[1..129]).len(), 1);
    let deeper = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(mistakes(&deeper)[0].ends_with("deeper than 64 levels"));
    let level = |level: usize| format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 10].join(", "));
    let bomb = format!("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n{}", (1..9).map(level).collect::<Vec<_>>().concat());
    assert!(mistakes(&bomb)[0].contains("more than 1000000 values"), "{:?}", mistakes(&bomb));
    let aliases = format!("a: &a 1\nb: [{}]\n", vec!["*a"; 50_001].join(", "));
    assert!(mistakes(&aliases)[0].contains("more than 50000 aliases"));
}

#[test]
fn long_texts_are_read_whole() {
    let text = "- {name: x, value: [1, 2, \"日本\"], text: 'y'}\n".repeat(5_000);
    assert!(matches!(&documents(&text)[0].tree, Tree::List(items) if items.len() == 5_000));
    let one_line = format!("[{}]", vec!["{\"a\": [1, 2]}"; 12_500].join(","));
    assert!(matches!(&documents(&one_line)[0].tree, Tree::List(items) if items.len() == 12_500));
}

fn documents(text: &str) -> Vec<Node> {
    let mut sources = Sources::default();
    let source = sources.add("text", text);
    read(source, text).unwrap_or_else(|found| panic!("{found:#?}"))
}

fn document(text: &str) -> Node {
    documents(text).remove(0)
}

fn map(node: &Node) -> &Map {
    let Tree::Map(map) = &node.tree else { panic!("not a map") };
    map
}

/// Each mistake as `line:column message (what else takes part)`.
fn mistakes(text: &str) -> Vec<String> {
    let mut sources = Sources::default();
    let source = sources.add("t", text);
    let place = |place| sources.locate(place).trim_start_matches("t:").to_owned();
    let told = |mistake: Diagnostic| {
        let related =
            mistake.related.first().map_or_else(String::new, |(at, role)| format!(" ({role} {})", place(*at)));
        assert!(mistake.hint.is_some(), "{mistake:?}");
        format!("{} {}{related}", mistake.place.map(place).unwrap_or_default(), mistake.message)
    };
    read(source, text).err().into_iter().flatten().map(told).collect()
}
