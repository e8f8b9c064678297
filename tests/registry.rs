//! Plugins that are not built in, from files and from a real registry (docker-registry, on a loopback port): what is
//! shown before one is accepted, what is pinned, and what stops a render. Each test is a transcript.

mod credentials;
mod endless;
mod scene;
mod server;
mod signed;
mod surroundings;

use std::fs;

use serde_json::json;

use self::scene::Scene;
use self::server::{OLDER, ORAS, WKG};
use crate::component;
use crate::support::root;

/// What the first version of the plugin asks for.
const FIRST: &str =
    r#"{"read": [{"apiVersion": "v1", "kind": "Service"}], "add": [{"apiVersion": "v1", "kind": "ConfigMap"}]}"#;
/// What a later one asks for.
const LATER: &str = r#"{"add": [{"apiVersion": "v1", "kind": "ConfigMap"}, {"apiVersion": "v1", "kind": "Secret"}],
    "patch": [{"apiVersion": "v1", "kind": "Service", "paths": ["/metadata/annotations"]}]}"#;

/// A plugin that adds a `ConfigMap` of its own name and version.
fn plugin(name: &str, version: &str, permissions: &str) -> Vec<u8> {
    let manifest = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": format!("{name}-{version}"), "namespace": "livekit"}});
    let answer = json!({"changes": [{"op": "add", "reason": "for tests", "manifest": manifest}]});
    let description = component::description(name, permissions).replace("0.1.0", version);
    component::answering(&description, &answer.to_string())
}

const RENDER: &str = "render --env site | grep 'name: acme'";

#[test]
fn what_is_accepted_is_pinned_and_needs_no_network_any_more() {
    let Some(registry) = server::open() else { return };
    let mut scene = Scene::new("accepted", registry.port);
    registry.push("acme/plugin:1.0.0", WKG, &plugin("acme", "1.0.0", FIRST));
    scene.run("render --env site");
    scene.run("render plugin add oci://127.0.0.1:PORT/acme/plugin:1.0.0");
    scene.run("ls");
    scene.run("render plugin add oci://127.0.0.1:PORT/acme/plugin:1.0.0 --accept");
    scene.run("cat render.lock");
    scene.run("render plugin list");
    scene.note("the registry is stopped");
    drop(registry);
    scene.run(RENDER);
    scene.run("render --env site --offline | grep 'name: acme'");
    scene.run("render plugin verify");
    scene.run("render plugin remove acme");
    scene.run("cat render.lock");
    scene.run("render plugin remove acme");
    scene.end();
}

#[test]
fn every_way_to_push_a_component_is_known() {
    let Some(registry) = server::open() else { return };
    let mut scene = Scene::new("pushed", registry.port);
    registry.push("acme/plugin:oras", ORAS, &plugin("acme", "1.0.0", FIRST));
    registry.push("acme/plugin:older", OLDER, &plugin("acme", "1.0.0", FIRST));
    let digest = registry.push("acme/plugin:1", WKG, &plugin("acme", "1.0.0", FIRST));
    for reference in [":oras", ":older", &format!("@{digest}")] {
        scene.run(&format!("render plugin add oci://127.0.0.1:PORT/acme/plugin{reference} --accept | tail -n 1"));
        scene.run("render plugin verify");
    }
    scene.end();
}

#[test]
fn a_tag_that_moves_changes_nothing_until_it_is_accepted() {
    let Some(registry) = server::open() else { return };
    let mut scene = Scene::new("moved", registry.port);
    registry.push("acme/plugin:latest", WKG, &plugin("acme", "1.0.0", FIRST));
    scene.run("render plugin add oci://127.0.0.1:PORT/acme/plugin --accept | tail -n 1");
    scene.run("render plugin update");
    scene.note("the tag moves");
    registry.push("acme/plugin:latest", WKG, &plugin("acme", "2.0.0", LATER));
    scene.run(RENDER);
    scene.note("the cache is lost: what is pinned is pulled, not what the tag leads to");
    fs::remove_dir_all(scene.path("cache")).unwrap();
    scene.run("render --env site --offline");
    scene.run(RENDER);
    scene.run("render plugin update acme");
    scene.run(RENDER);
    scene.run("render plugin update acme --accept | tail -n 1");
    scene.run(RENDER);
    scene.run("cat render.lock");
    scene.run("render plugin update --offline");
    scene.run("render plugin update acmee");
    scene.end();
}

#[test]
fn a_file_that_changes_stops_the_render_until_it_is_accepted() {
    let mut scene = Scene::new("file", 0);
    fs::create_dir(scene.path("plugins")).unwrap();
    scene.write("plugins/acme.wasm", plugin("acme", "1.0.0", FIRST));
    scene.run("render plugin add plugins/acme.wasm --accept");
    scene.run("cd environments && render --env site | grep 'name: acme'");
    scene.note("the file is built again");
    scene.write("plugins/acme.wasm", plugin("acme", "2.0.0", LATER));
    scene.run("render --env site");
    scene.run("render plugin verify");
    scene.run("render plugin update acme");
    scene.run("render plugin update acme --accept | tail -n 1");
    scene.run(RENDER);
    scene.note("the same permissions, and other content");
    let other = plugin("acme", "2.0.0", LATER).into_iter().chain(*b"\x00\x02\x01a").collect::<Vec<u8>>();
    scene.write("plugins/acme.wasm", other);
    scene.run("render --env site");
    scene.note("it is no plugin any more");
    scene.write("plugins/acme.wasm", "text");
    scene.run("render --env site");
    scene.run("render plugin update");
    scene.note("it is gone");
    fs::remove_file(scene.path("plugins/acme.wasm")).unwrap();
    scene.run("render --env site");
    scene.end();
}

#[test]
fn a_lock_that_grants_something_else_stops_the_render() {
    let mut scene = Scene::new("granted", 0);
    scene.write("acme.wasm", plugin("acme", "1.0.0", LATER));
    scene.run("render plugin add acme.wasm --accept | tail -n 1");
    scene.run("sed -i 's/kind: Secret/kind: Service/' render.lock && render --env site");
    scene.run("render plugin update --accept");
    scene.run("render plugin update");
    scene.note("limits are the user's own, and stay");
    scene.run("sed -i 's/^    version: .*/&\\n    limits: {memory: 64KiB, changes: 5}/' render.lock");
    scene.run("render --env site");
    scene.run("render plugin add acme.wasm --accept | tail -n 1 && grep -A2 limits render.lock");
    scene.run("sed -i 's/memory: 64KiB/memroy: 8MiB/' render.lock && render --env site");
    scene.run("sed -i 's/memroy: 8MiB/memory: 8MiB/' render.lock && render --env site | grep 'name: acme'");
    scene.end();
}

#[test]
fn several_plugins_run_in_the_order_in_which_they_are_named() {
    let mut scene = Scene::new("several", 0);
    let history = |name: &str, count: u32, region: &str| {
        let target = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": "livekit-server"});
        let patch = json!([{"op": "replace", "path": "/spec/revisionHistoryLimit", "value": count}]);
        let change = json!({"op": "patch", "reason": format!("{count} are enough"), "target": target, "patch": patch});
        let answer = json!({"changes": [change], "notes": {"tfvars": {"region": region}}});
        let permissions =
            r#"{"patch": [{"apiVersion": "apps/v1", "kind": "Deployment", "paths": ["/spec/revisionHistoryLimit"]}]}"#;
        component::answering(&component::description(name, permissions), &answer.to_string())
    };
    scene.write("one.wasm", history("one", 5, "eu"));
    scene.write("same.wasm", history("same", 5, "eu"));
    scene.write("other.wasm", history("other", 6, "eu"));
    scene.write("elsewhere.wasm", history("elsewhere", 5, "us"));
    let noting = |name: &str, path: &str| {
        let files = json!([{"path": path, "content": "a\n", "why": "none"}]);
        component::answering(&component::description(name, "{}"), &json!({"notes": {"files": files}}).to_string())
    };
    scene.write("file.wasm", noting("file", "/etc/acme"));
    scene.write("again.wasm", noting("again", "/etc/acme"));
    scene.write("below.wasm", noting("below", "/etc/acme/a"));
    for name in ["one", "same", "other", "elsewhere", "file", "again", "below"] {
        scene.run(&format!("render plugin add {name}.wasm --accept | tail -n 1"));
    }
    scene.run("render --env site --set-json 'plugins=[\"one\"]' | grep revisionHistoryLimit:");
    scene.run("render --env site --set-json 'plugins=[\"one\", \"other\"]'");
    scene.run("render --env site --set-json 'plugins=[\"other\", \"one\"]'");
    scene.run("render --env site --set-json 'plugins=[\"one\", \"same\"]' | grep revisionHistoryLimit:");
    scene.run("render notes --env site --set-json 'plugins=[\"one\", \"same\"]' -o tfvars");
    scene.run("render --env site --set-json 'plugins=[\"one\", \"elsewhere\"]'");
    scene.run("render notes --env site --set-json 'plugins=[\"file\", \"again\"]' --output-dir node");
    scene.run("render notes --env site --set-json 'plugins=[\"below\", \"file\"]' --output-dir node");
    scene.run("test ! -e node && echo nothing was written");
    scene.run("render --env site --set provider=one --set 'plugins[0]=one'");
    scene.run("render --env site --set-json 'plugins=[\"onee\"]'");
    scene.run("render --env site --set-json 'plugins=[]' --set-json 'one={\"a\": 1}' -o json >/dev/null");
    scene.run("render --env site --set-json 'plugins=\"one\"'");
    scene.end();
}

#[test]
fn what_cannot_be_a_plugin_of_the_lock_is_told() {
    let mut scene = Scene::new("refused", 0);
    scene.write("livekit.wasm", plugin("livekit", "1.0.0", "{}"));
    scene.write("gke.wasm", plugin("gke", "1.0.0", "{}"));
    scene.write("acme.wasm", plugin("acme", "1.0.0", "{}"));
    let schema = component::description("acme", "{}").replace(r#"{"type":"object"}"#, r#"{"if":{"type":"object"}}"#);
    let properties = r#"{"type":"object","additionalProperties":false,"properties":{"rack":{"type":"string"}}}"#;
    let strict = component::description("acme", "{}").replace(r#"{"type":"object"}"#, properties);
    scene.write("strict.wasm", component::answering(&strict, "{}"));
    scene.write("schema.wasm", component::answering(&schema, "{}"));
    scene.run("render plugin add livekit.wasm --accept");
    scene.run("render plugin add gke.wasm --accept");
    scene.run("render plugin add acme.wasm --name acmee --accept");
    scene.run("render plugin add schema.wasm --accept");
    scene.run("render plugin add absent.wasm --accept");
    scene.run("render plugin add environments --accept");
    scene.run("render plugin add environments/site.yaml --accept");
    scene.run("render plugin add acme.wasm --plugin-limit component-size=64 --accept");
    scene.run("render plugin add oci://acme/plugin --accept");
    scene.run("render plugin add oci://127.0.0.1:1/acme/plugin --offline --accept");
    scene.run("render plugin add acme.wasm --lock nowhere/render.lock --accept");
    scene.run("render --env site --lock nowhere.lock");
    scene.run("render plugin verify");
    scene.run("render plugin update");
    scene.run("ls");
    scene.note("the schema of a plugin holds for its section");
    scene.run("render plugin add strict.wasm --accept | tail -n 1");
    scene.run("render --env site --set acme.rck=r12");
    scene.run("render --env site --set acme.rack=r12 >/dev/null");
    scene.end();
}

#[test]
fn the_schema_has_the_sections_of_the_plugins_that_are_pinned() {
    let mut scene = Scene::new("schema", 0);
    let schema = json!({"type": "object", "additionalProperties": false, "properties": {
        "rack": {"$ref": "#/$defs/Rack", "description": "The rack of the load balancers."}},
        "$defs": {"Rack": {"type": "string", "minLength": 1}}});
    let description = component::description("acme", FIRST)
        .replace(r#""schema":{"type":"object"}"#, &format!(r#""schema":{schema}"#));
    scene.write("acme.wasm", component::answering(&description, "{}"));
    scene.note("without a lock it is the one of this repository");
    scene.run("render schema > before.json");
    assert_eq!(
        fs::read(scene.path("before.json")).unwrap(),
        fs::read(root().join("schemas/environment.json")).unwrap()
    );
    scene.run("render plugin add acme.wasm --accept | tail -n 1");
    scene.run("render schema --plugin acme");
    scene.run("cd environments && render schema | diff ../before.json - | grep '[<>]'");
    scene.run("cd / && render schema --environments \"$OLDPWD/environments\" | grep -c acme");
    scene.run("render schema --plugin gke | head -n 4");
    scene.run("render schema --plugin acmee");
    scene.run("render schema --plugin rack-and-pinion --message-format json | head -n 6");
    scene.run("render schema --lock elsewhere.lock");
    scene.note("the file is built again");
    scene.write("acme.wasm", plugin("acme", "2.0.0", FIRST));
    scene.run("render schema");
    scene.run("render schema --plugin acme");
    scene.run("render schema --plugin gke | head -n 1");
    scene.end();
}
