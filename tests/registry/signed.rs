//! Signatures as cosign makes them with a key: over a document in the registry, and over a file.

use std::collections::BTreeMap;
use std::fs;

use oci_client::client::ImageLayer;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use p256::pkcs8::{EncodePublicKey, LineEnding};
use render_text::hex;
use serde_json::json;

use super::scene::Scene;
use super::server::{self, Registry, WKG};
use super::{FIRST, LATER, RENDER, plugin};
use crate::support::root;

/// A key pair that is the same in each run.
fn key(seed: u8) -> SigningKey {
    SigningKey::from_slice(&[seed; 32]).unwrap()
}

fn public(key: &SigningKey) -> String {
    key.verifying_key().to_public_key_pem(LineEnding::LF).unwrap()
}

fn sign(key: &SigningKey, text: &[u8]) -> String {
    let signature: Signature = key.sign(text);
    base64(signature.to_der().as_bytes())
}

/// Base64, by the shell.
fn base64(bytes: &[u8]) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), bytes).unwrap();
    let output = std::process::Command::new("base64").arg("-w0").arg(file.path()).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Signs a manifest as `cosign sign --key` does.
fn sign_manifest(registry: &Registry, digest: &str, names: &str, key: &SigningKey) {
    let payload = json!({"critical": {
        "identity": {"docker-reference": "127.0.0.1/acme/plugin"},
        "image": {"docker-manifest-digest": names},
        "type": "cosign container image signature"}, "optional": null})
    .to_string();
    let annotation = ("dev.cosignproject.cosign/signature".to_owned(), sign(key, payload.as_bytes()));
    let media_type = "application/vnd.dev.cosign.simplesigning.v1+json".to_owned();
    let layer = ImageLayer::new(payload.into_bytes(), media_type, Some(BTreeMap::from([annotation])));
    let tag = format!("acme/plugin:{}.sig", digest.replace(':', "-"));
    registry.push_layers(&tag, "application/vnd.oci.image.config.v1+json", &[layer]);
}

#[test]
fn a_plugin_of_a_registry_is_signed_by_the_key_that_is_pinned() {
    let Some(registry) = server::open() else { return };
    let mut scene = Scene::new("signed", registry.port);
    scene.write("cosign.pub", public(&key(7)));
    scene.write("broken.pub", public(&key(7)).replace("MFkw", "MFkx"));
    let add = "render plugin add oci://127.0.0.1:PORT/acme/plugin:1 --key cosign.pub --accept";
    let digest = registry.push("acme/plugin:1", WKG, &plugin("acme", "1.0.0", FIRST));
    scene.run(add);
    scene.run(&add.replace("cosign.pub", "absent.pub"));
    scene.run(&add.replace("cosign.pub", "broken.pub"));
    scene.note("somebody else signs it");
    sign_manifest(&registry, &digest, &digest, &key(8));
    scene.run(add);
    scene.note("the right key signs another manifest");
    sign_manifest(&registry, &digest, &digest.replace("sha256:", "sha256:0"), &key(7));
    scene.run(add);
    scene.note("the right key signs it");
    sign_manifest(&registry, &digest, &digest, &key(7));
    scene.run(add);
    scene.run("render plugin verify");
    scene.run(RENDER);
    scene.note("the tag moves to what nobody signed");
    registry.push("acme/plugin:1", WKG, &plugin("acme", "2.0.0", LATER));
    scene.run("render plugin update");
    scene.note("the lock has another key");
    let lock = fs::read_to_string(scene.path("render.lock")).unwrap();
    let indented = |pem: &str| pem.lines().flat_map(|line| ["        ", line, "\n"]).collect::<String>();
    scene.write("render.lock", lock.replace(&indented(&public(&key(7))), &indented(&public(&key(8)))));
    scene.run("render plugin verify");
    scene.note("the key is a file beside the lock, and the signature is not in the cache");
    let file = lock.split("    signature:").next().unwrap().to_owned() + "    signature: {key: cosign.pub}\n";
    scene.write("render.lock", file);
    let sha256 = hex::sha256(&plugin("acme", "1.0.0", FIRST));
    fs::remove_file(scene.path("cache/render/components").join(format!("{sha256}.signature.json"))).unwrap();
    scene.run("render plugin verify");
    fs::remove_dir_all(scene.path("cache")).unwrap();
    scene.run("render plugin verify");
    scene.run(RENDER);
    scene.run("render plugin verify");
    scene.end();
}

#[test]
fn a_file_is_signed_beside_itself() {
    let mut scene = Scene::new("signed-file", 0);
    let component = plugin("acme", "1.0.0", FIRST);
    scene.write("cosign.pub", public(&key(7)));
    scene.write("acme.wasm", &component);
    let add = "render plugin add acme.wasm --key cosign.pub --accept";
    scene.run(add);
    scene.write("acme.wasm.sig", sign(&key(8), &component));
    scene.run(add);
    scene.write("acme.wasm.sig", sign(&key(7), &component));
    scene.run(add);
    scene.run("render plugin verify");
    scene.run("cat render.lock");
    scene.end();
}

/// What cosign itself once wrote is read, not only what this test takes for its format.
#[test]
fn a_signature_by_openssl_is_read() {
    let mut scene = Scene::new("signed-openssl", 0);
    let fixtures = root().join("tests/registry/openssl");
    for file in ["key.pub", "text.wasm", "text.wasm.sig"] {
        fs::copy(fixtures.join(file), scene.path(file)).unwrap();
    }
    // It is signed, and no plugin.
    scene.run("render plugin add text.wasm --key key.pub --accept");
    scene.end();
}
