//! Registries that are down, silent, closed, wrong or altered, and caches that are lost, damaged or shared.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use oci_client::client::ImageLayer;
use render_text::hex;

use super::scene::Scene;
use super::server::{self, IMAGE, WKG};
use super::{FIRST, RENDER, plugin};

const ADD: &str = "render plugin add oci://127.0.0.1:PORT/acme/plugin:1 --accept | tail -n 1";

#[test]
fn a_registry_that_is_altered_is_found_out() {
    let Some(registry) = server::open() else { return };
    let mut scene = Scene::new("altered", registry.port);
    let component = plugin("acme", "1.0.0", FIRST);
    let digest = registry.push("acme/plugin:1", WKG, &component);
    scene.run(ADD);
    fs::remove_dir_all(scene.path("cache")).unwrap();
    let blob = registry.blob(&hex::sha256(&component));
    let flipped = component.iter().enumerate().map(|(at, byte)| if at == 99 { !byte } else { *byte });
    fs::write(&blob, flipped.collect::<Vec<u8>>()).unwrap();
    scene.note("the registry's file of the component is altered");
    scene.run(RENDER);
    scene.run(ADD);
    fs::write(&blob, [component.as_slice(), b"more"].concat()).unwrap();
    scene.note("it is longer");
    scene.run(ADD);
    fs::write(&blob, &component[..99]).unwrap();
    scene.note("it is shorter");
    scene.run(ADD);
    fs::write(&blob, &component).unwrap();
    let manifest = registry.blob(digest.trim_start_matches("sha256:"));
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("application/wasm", "application/WASM")).unwrap();
    scene.note("the manifest is altered");
    scene.run(RENDER);
    scene.run("ls cache/render/components");
    scene.end();
}

#[test]
fn a_registry_that_cannot_be_asked_is_named() {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let mut scene = Scene::new("down", free);
    scene.run("render plugin add oci://127.0.0.1:PORT/acme/plugin:1");
    scene.note("it listens, and says nothing");
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, free)).unwrap();
    scene.run("render plugin add oci://127.0.0.1:PORT/acme/plugin:1 --registry-timeout 1");
    drop(silent);
    scene.end();
}

#[test]
fn what_may_pass_is_tried_again() {
    let Some(registry) = server::open() else { return };
    registry.push("acme/plugin:1", WKG, &plugin("acme", "1.0.0", FIRST));
    let (listener, asked) = (TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap(), AtomicUsize::new(0));
    let mut scene = Scene::new("retried", listener.local_addr().unwrap().port());
    let registry_port = registry.port;
    thread::scope(|threads| {
        threads.spawn(|| {
            for client in listener.incoming() {
                let client = client.unwrap();
                match asked.fetch_add(1, Ordering::SeqCst) {
                    0 => drop(client),
                    1 => unavailable(client),
                    usize::MAX.. => return,
                    _ if asked.load(Ordering::SeqCst) > 1_000 => return,
                    _ => forward(client, registry_port),
                }
            }
        });
        scene.run(ADD);
        assert!(asked.swap(2_000, Ordering::SeqCst) >= 3, "it was not asked again");
        drop(TcpStream::connect(listener.local_addr().unwrap()).unwrap());
    });
    scene.end();
}

/// Answers as a registry does that is being restarted.
fn unavailable(mut client: TcpStream) {
    let mut request = [0; 4096];
    let _ = client.read(&mut request).unwrap();
    client.write_all(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
}

fn forward(client: TcpStream, port: u16) {
    let server = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(std::net::Shutdown::Both);
    });
    let (mut from, mut to) = (server, client);
    thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(std::net::Shutdown::Both);
    });
}

#[test]
fn a_registry_that_asks_who_is_there_is_told_what_docker_knows() {
    let Some(registry) = server::closed() else { return };
    let mut scene = Scene::new("closed", registry.port);
    registry.push("acme/plugin:1", WKG, &plugin("acme", "1.0.0", FIRST));
    scene.run(ADD);
    fs::create_dir(scene.path("docker")).unwrap();
    let login = |scene: &Scene, auth: &str| {
        let config = format!(r#"{{"auths": {{"127.0.0.1:{}": {{"auth": "{auth}"}}}}}}"#, registry.port);
        scene.write("docker/config.json", config);
    };
    scene.note("docker knows a wrong password");
    login(&scene, "cmVhZGVyOndyb25n");
    scene.run(ADD);
    scene.note("docker knows the right one");
    login(&scene, "cmVhZGVyOnNlY3JldA==");
    scene.run(ADD);
    scene.end();
}

#[test]
fn what_is_no_component_is_told() {
    let Some(registry) = server::open() else { return };
    let mut scene = Scene::new("artifacts", registry.port);
    let component = plugin("acme", "1.0.0", FIRST);
    registry.push("acme/image:1", IMAGE, b"not a component");
    let digest = registry.push("acme/core:1", WKG, b"\0asm\x01\0\0\0");
    let layer = |content: &[u8]| ImageLayer::new(content.to_vec(), WKG.layer.to_owned(), None);
    registry.push_layers("acme/two:1", WKG.config, &[layer(&component), layer(b"another")]);
    registry.push_layers("acme/none:1", WKG.config, &[]);
    registry.push("acme/large:1", WKG, &component);
    let entry =
        format!(r#"{{"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "{digest}", "size": 1}}"#);
    let index = format!(r#"{{"schemaVersion": 2, "mediaType": "{INDEX}", "manifests": [{entry}]}}"#);
    registry.push_manifest("acme/core:index", INDEX, &index);
    let mut add = |reference: &str| scene.run(&format!("render plugin add oci://127.0.0.1:PORT/{reference}"));
    add("acme/image:1");
    add("acme/core:1");
    add("acme/core:index");
    add("acme/two:1");
    add("acme/none:1");
    add("acme/large:1 --plugin-limit component-size=64");
    add("acme/large:2");
    add("acme/absent:1");
    scene.end();
}

const INDEX: &str = "application/vnd.oci.image.index.v1+json";

#[test]
fn a_component_that_is_damaged_in_the_cache_is_pulled_again() {
    let Some(registry) = server::open() else { return };
    let mut scene = Scene::new("damaged", registry.port);
    let component = plugin("acme", "1.0.0", FIRST);
    registry.push("acme/plugin:1", WKG, &component);
    scene.run(ADD);
    let file = scene.path("cache/render/components").join(format!("{}.wasm", hex::sha256(&component)));
    for damaged in [&component[..99], b"", b"something else"] {
        fs::write(&file, damaged).unwrap();
        scene.run("render --env site --offline");
        scene.run(RENDER);
        assert!(fs::read(&file).unwrap() == component, "it was not mended");
    }
    scene.note("others may write to the cache: what is there is not used");
    let folders = ["components", "code"].map(|folder| scene.path("cache/render").join(folder));
    for folder in &folders {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o777)).unwrap();
    }
    scene.run("render --env site --offline");
    scene.run(RENDER);
    scene.end();
}

/// Compiled code is shared, put in place as a whole, and never run when it is not what was written.
#[test]
fn runs_at_the_same_time_share_a_cache() {
    let mut scene = Scene::new("shared", 0);
    scene.write("acme.wasm", plugin("acme", "1.0.0", FIRST));
    scene.run("render plugin add acme.wasm --accept | tail -n 1");
    let together = || {
        let runs: Vec<_> = (0..8)
            .map(|_| scene.command("exec render --env site").stdout(std::process::Stdio::piped()).spawn().unwrap())
            .collect();
        let printed: Vec<_> = runs.into_iter().map(|run| run.wait_with_output().unwrap()).collect();
        assert!(printed.iter().all(|output| output.status.success() && output.stdout == printed[0].stdout));
        printed[0].stdout.clone()
    };
    let first = together();
    assert!(String::from_utf8(first.clone()).unwrap().contains("name: acme-1.0.0"));
    let code = code(&scene.path("cache/render/code"));
    let good = fs::read(&code).unwrap();
    for damaged in
        [&good[..good.len() / 2], &[], &[good[..99].to_vec(), vec![!good[99]], good[100..].to_vec()].concat()]
    {
        fs::write(&code, damaged).unwrap();
        assert!(together() == first);
        assert!(fs::read(&code).unwrap() == good, "it was not mended");
    }
    scene.note("the cache cannot be written, and is no mistake");
    scene.run("render --env site --plugin-cache acme.wasm/below | grep 'name: acme'");
    scene.end();
}

/// The one file of compiled code.
fn code(folder: &Path) -> PathBuf {
    let files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files[0].clone()
}
