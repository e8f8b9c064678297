//! The real kubectl reads every environment as it was meant. On a machine without kubectl there is
//! nothing to ask; in CI that is a failure.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::rendered::manifests;
use crate::support::environments;
use crate::support::{path, printed, root};

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

/// The command that prunes is read by kubectl to its end: what stops it is that there is no cluster. Where objects are
/// in several namespaces kubectl would refuse it, so there it is not printed.
#[test]
fn kubectl_knows_the_command_that_prunes() {
    if Command::new("kubectl").arg("version").arg("--client").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "kubectl is not installed");
        return;
    }
    let pruning = environments().into_iter().filter(|environment| {
        let notes: Value = serde_json::from_str(&printed(&["notes", "--env", environment, "-o", "json"])).unwrap();
        let last = notes["order"].as_array().unwrap().last().unwrap()["command"].as_str().unwrap().to_owned();
        let (render, kubectl) = last.split_once(" | ").unwrap();
        let objects = manifests(environment, &[]);
        let namespaces = objects.iter().filter_map(|object| object["metadata"]["namespace"].as_str());
        let namespaces: BTreeSet<&str> = namespaces.collect();
        assert_eq!(kubectl.contains("--prune"), namespaces.len() == 1, "{environment}: {kubectl}");
        assert_eq!(render, format!("render --env {environment}"));
        let command = format!("{last} --server=http://127.0.0.1:9");
        let output = Command::new("sh")
            .args(["-c", &command])
            .current_dir(root())
            .env("PATH", path())
            .env("KUBECONFIG", "/dev/null")
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("127.0.0.1:9") && !said.contains("unknown flag"), "{command}: {said}");
        kubectl.contains("--prune")
    });
    assert!(pruning.count() > 2, "there are environments of one namespace");
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
