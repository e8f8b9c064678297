//! The real kubectl reads every environment as it was meant. On a machine without kubectl there is
//! nothing to ask; in CI that is a failure.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::{manifests, printed};

#[test]
fn kubectl_reads_every_environment_as_it_was_meant() {
    if Command::new("kubectl").arg("version").arg("--client").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "kubectl is not installed");
        return;
    }
    for environment in [
        "dev",
        "stg",
        "prd",
        "hetzner-germany",
        "hetzner-singapore",
        "hetzner-us-west",
        "mijnbureau",
        "mijnbureau-demo",
        "playground",
        "pool",
    ] {
        let read = annotated(&printed(&["--env", environment]));
        let meant = manifests(environment, &[]);
        assert_eq!(read.len(), meant.len());
        for (mut read, meant) in read.into_iter().zip(meant) {
            without_annotation(&mut read);
            assert_eq!(read, meant, "{environment}");
        }
    }
}

/// What kubectl makes of a stream when it adds an annotation to each object, without a cluster.
fn annotated(stream: &str) -> Vec<Value> {
    let mut kubectl = Command::new("kubectl")
        .args(["annotate", "--local", "-f", "-", "tests.render/read=yes", "-o", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    kubectl.stdin.take().unwrap().write_all(stream.as_bytes()).unwrap();
    let output = kubectl.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    serde_json::Deserializer::from_str(&text).into_iter().map(Result::unwrap).collect()
}

fn without_annotation(object: &mut Value) {
    let metadata = object["metadata"].as_object_mut().unwrap();
    let annotations = metadata["annotations"].as_object_mut().unwrap();
    annotations.shift_remove("tests.render/read").unwrap();
    if annotations.is_empty() {
        metadata.shift_remove("annotations");
    }
}
