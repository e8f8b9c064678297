//! What nests as deep, and chains as long, as the limits allow, on the smallest stack that a thread of the program has:
//! whatever comes of it, the stack does not overflow. The limits are there for this; a development build, which these
//! tests run, needs several times the stack of a release.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use crate::support::path;

/// A thread has 2 MiB unless it asks for more.
const SMALLEST: &str = "ulimit -s 2048;";

/// The depth of the limit of YAML, less what stands around the value.
const DEEP: usize = 55;

const VALUES: &str = "livekit: {config: {rtc: {use_external_ip: false}}}\n";

#[test]
fn files_that_nest_as_deep_as_they_may_do_not_overflow_the_stack() {
    let maps = nested("{a: ", "1", "}", DEEP);
    let json = nested("{\"a\": ", "1", "}", DEEP);
    let lists = nested("[", "1", "]", DEEP);
    let schema = nested("{type: object, properties: {a: ", "{type: string}", "}}", DEEP / 2 - 3);
    let pattern = nested("(", "a", ")", 5_000);
    let operation = |path: String| {
        format!(
            "{VALUES}patches:\n- target: {{apiVersion: apps/v1, kind: Deployment, name: livekit-server}}\n  \
             reason: for tests\n  operations: [{{op: add, path: {path}, value: {maps}}}]\n"
        )
    };
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("v.yaml", VALUES);
    write("maps.yaml", &format!("{VALUES}custom: {{a: {maps}}}\n"));
    write("lists.yaml", &format!("{VALUES}custom: {{a: {lists}}}\n"));
    write("patch.yaml", &operation("/a".repeat(64)));
    write("unknown.yaml", &format!("livekit: {maps}\n"));
    write("crd.yaml", &definition(&schema));
    write("pattern.yaml", &definition(&format!("{{type: object, properties: {{a: {{pattern: '{pattern}'}}}}}}")));
    write("custom.yaml", &format!("apiVersion: x.io/v1\nkind: A\nmetadata: {{name: a, namespace: d}}\na: {maps}\n"));
    write("list.yaml", &format!("apiVersion: v1\nkind: List\nitems: [{{kind: Node, metadata: {maps}}}]\n"));
    let items = format!("items: [{{apiVersion: v1, kind: ConfigMap, metadata: {{name: a}}, data: {maps}}}]\n");
    write("functions.yaml", &format!("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n{items}"));
    write("outputs.json", &format!("{{\"a\": {{\"value\": {json}, \"type\": \"x\", \"sensitive\": false}}}}"));
    write("brackets.json", &"[".repeat(100_000));
    fs::create_dir(folder.path().join("docker")).unwrap();
    write("docker/config.json", &format!("{{\"auths\": {}", "{\"a\": ".repeat(100_000)));
    for command in [
        "render -f maps.yaml",
        "render -f lists.yaml -o json",
        "render -f unknown.yaml",
        "render -f patch.yaml",
        "render notes -f maps.yaml",
        "render -f v.yaml --set-json custom.a=$(cat brackets.json | head -c 20000)",
        "render -f v.yaml --set custom$(yes .a | head -n 20000 | tr -d '\\n')=1",
        "render -f v.yaml --terraform-output outputs.json",
        "render -f v.yaml --terraform-output brackets.json",
        "render -f v.yaml --facts list.yaml",
        "render check custom.yaml --schema-dir crd.yaml",
        "render check custom.yaml --schema-dir pattern.yaml",
        "render check list.yaml",
        "render check brackets.json",
        "render fn <functions.yaml",
        "render import helm maps.yaml",
        "DOCKER_CONFIG=docker render plugin add oci://127.0.0.1:1/a/b:1",
    ] {
        ends(folder.path(), command);
    }
}

/// One link more than the limit is refused, too; the folders `template-limit-*` hold what is said of it.
#[test]
fn templates_as_long_and_as_deep_as_they_may_be_do_not_overflow_the_stack() {
    let folder = tempfile::tempdir().unwrap();
    let names = format!("{VALUES}templates: [t.yaml]\n");
    fs::write(folder.path().join("v.yaml"), names).unwrap();
    let value = format!("{{{{ livekit.name{} }}}}", " ~ 1".repeat(195));
    for template in [
        format!("a: {{{{ {}1 }}}}", "not ".repeat(195)),
        format!("a: {{{{ {}1 }}}}", "-".repeat(195)),
        format!("a: {{{{ 1{} }}}}", "|string".repeat(195)),
        format!("a: {{{{ livekit{} }}}}", ".a".repeat(195)),
        format!("a: {{{{ livekit{} }}}}", "['a']".repeat(95)),
        format!("a: {{{{ 1{} }}}}", " * 1".repeat(195)),
        format!("a: {{{{ 1{} }}}}", " if 1 else 1".repeat(95)),
        format!("a: {{{{ 1{} }}}}", " == 1".repeat(195)),
        format!("a: {{{{ {} }}}}", nested("(", "1", ")", 70)),
        format!("a: {{{{ {} }}}}", nested("[", "1", "]", 70)),
        format!("a: {{{{ {} }}}}", nested("{'a': ", "1", "}", 70)),
        format!("{{% if 0 %}}{}{value}{{% endif %}}", "{% elif livekit.name %}".repeat(99)),
        nested("{% if 1 %}", &value, "{% endif %}", 145),
        nested("{% for a in [1] %}", &value, "{% endfor %}", 145),
        "{% block a %}{{ self.a() }}{% endblock %}".to_owned(),
        "{% for a in [1] recursive %}{{ loop([a]) }}{% endfor %}".to_owned(),
        format!("{{% set a = [] %}}{}a: {{{{ a|string }}}}", "{% set a = [a] %}".repeat(95)),
    ] {
        fs::write(folder.path().join("t.yaml"), template).unwrap();
        ends(folder.path(), "render -f v.yaml");
    }
}

/// The command ends with one of the documented statuses.
fn ends(folder: &std::path::Path, command: &str) {
    let command = format!("{SMALLEST} {command}");
    let output = Command::new("sh").args(["-c", &command]).current_dir(folder).env("PATH", path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.get(..said.floor_char_boundary(2_000)).unwrap_or_default();
    assert!(output.status.signal().is_none(), "{command} was ended by a signal: {said}");
    assert!(matches!(output.status.code(), Some(0 | 1)), "{command}: {:?} {said}", output.status);
}

fn definition(schema: &str) -> String {
    format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: as.x.io}}\nspec:\n  \
         group: x.io\n  names: {{kind: A, plural: as, singular: a}}\n  scope: Namespaced\n  versions:\n  \
         - {{name: v1, served: true, storage: true, schema: {{openAPIV3Schema: {schema}}}}}\n"
    )
}

fn nested(open: &str, inside: &str, close: &str, times: usize) -> String {
    [&open.repeat(times), inside, &close.repeat(times)].concat()
}
