//! The script of the Job that tells LiveKit the address of its load balancer, run as it is rendered, by every shell of
//! this machine that an image may have, against a `kubectl` that answers as the test says and notes what it was asked.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::rendered::manifests;

/// A cluster as the script meets it.
#[derive(Default)]
struct Cluster {
    ips: &'static str,
    names: &'static str,
    /// The address in the `ConfigMap`.
    told: &'static str,
    /// The address that the pods were started with.
    started: &'static str,
    /// Which questions the API server does not answer.
    fails: &'static str,
}

/// What the script did.
struct Done {
    succeeds: bool,
    says: String,
    writes: Vec<String>,
}

#[test]
fn a_new_address_is_written_and_the_pods_are_replaced() {
    for done in run(&Cluster { ips: "198.51.100.7\n", ..Cluster::default() }) {
        assert!(done.succeeds, "{}", done.says);
        assert_eq!(done.writes, [config_map("198.51.100.7"), deployment("198.51.100.7")]);
    }
}

#[test]
fn another_address_takes_the_place_of_the_old_one() {
    let cluster =
        Cluster { ips: "198.51.100.8\n", told: "198.51.100.7", started: "198.51.100.7", ..Cluster::default() };
    for done in run(&cluster) {
        assert_eq!(done.writes, [config_map("198.51.100.8"), deployment("198.51.100.8")]);
    }
}

#[test]
fn the_same_address_changes_nothing() {
    let cluster =
        Cluster { ips: "198.51.100.7\n", told: "198.51.100.7", started: "198.51.100.7", ..Cluster::default() };
    for done in run(&cluster) {
        assert!(done.succeeds && done.writes.is_empty(), "{:?}", done.writes);
    }
}

#[test]
fn what_an_interrupted_run_left_is_done() {
    let cluster =
        Cluster { ips: "198.51.100.7\n", told: "198.51.100.7", started: "198.51.100.6", ..Cluster::default() };
    for done in run(&cluster) {
        assert_eq!(done.writes, [deployment("198.51.100.7")]);
    }
}

#[test]
fn an_empty_address_is_never_written() {
    for ips in ["", "\n", "\n\n", "pending\n", "1.2.3\n", "1.2.3.4\",\"x\":\"\n"] {
        let cluster = Cluster { ips, told: "198.51.100.7", started: "198.51.100.7", ..Cluster::default() };
        for done in run(&cluster) {
            assert!(!done.succeeds && done.writes.is_empty(), "{ips:?}: {:?}", done.writes);
            assert_eq!(
                done.says,
                "the load balancer of service livekit-server-media has no address; nothing is written\n"
            );
        }
    }
}

#[test]
fn version_4_comes_before_version_6() {
    for done in run(&Cluster { ips: "2001:db8::7\n198.51.100.7\n", ..Cluster::default() }) {
        assert_eq!(done.writes[0], config_map("198.51.100.7"));
    }
    for done in run(&Cluster { ips: "2001:db8::7\n", ..Cluster::default() }) {
        assert_eq!(done.writes[0], config_map("2001:db8::7"));
    }
}

#[test]
fn a_name_is_resolved() {
    for done in run(&Cluster { ips: "\n", names: "media.example.com\n", ..Cluster::default() }) {
        assert_eq!(done.writes, [config_map("203.0.113.1"), deployment("203.0.113.1")]);
    }
}

#[test]
fn a_name_with_several_addresses_keeps_the_one_that_is_in_use() {
    let cluster =
        Cluster { names: "media.example.com\n", told: "203.0.113.9", started: "203.0.113.9", ..Cluster::default() };
    for done in run(&cluster) {
        assert!(done.succeeds && done.writes.is_empty(), "{:?}", done.writes);
    }
}

#[test]
fn a_name_that_does_not_resolve_is_refused() {
    let cluster = Cluster { names: "gone.example.com\n", told: "203.0.113.9", ..Cluster::default() };
    for done in run(&cluster) {
        assert!(!done.succeeds && done.writes.is_empty());
        assert_eq!(
            done.says,
            "the load balancer of service livekit-server-media is called gone.example.com, and that name does not resolve \
             here; nothing is written\n"
        );
    }
}

#[test]
fn without_the_api_server_nothing_is_written() {
    for fails in ["service", "configmap", "deployment"] {
        for done in run(&Cluster { ips: "198.51.100.7\n", fails, ..Cluster::default() }) {
            assert!(!done.succeeds && done.writes.is_empty(), "{:?}", done.writes);
            assert!(done.says.contains("connection refused") && done.says.contains(&format!("cannot read {fails}")));
        }
    }
}

#[test]
fn a_failed_write_is_a_failed_run() {
    for done in run(&Cluster { ips: "198.51.100.7\n", fails: "patch", ..Cluster::default() }) {
        assert!(!done.succeeds);
        assert_eq!(done.writes, [config_map("198.51.100.7")], "the pods are not replaced before the address is there");
    }
}

/// Runs the script of the rendered Job once with each shell.
fn run(cluster: &Cluster) -> Vec<Done> {
    let set = manifests("mijnbureau", &[]);
    let job = set.iter().find(|manifest| manifest["kind"] == "Job").expect("a Job");
    let container = &job["spec"]["template"]["spec"]["containers"][0];
    assert_eq!([&container["command"][0], &container["command"][1]], ["sh", "-c"]);
    let script = container["command"][2].as_str().unwrap();
    assert!(!script.contains("$$"), "the kubelet makes one dollar of two");
    let variables: Vec<(&str, &str)> = container["env"]
        .as_array()
        .unwrap()
        .iter()
        .map(|variable| (variable["name"].as_str().unwrap(), variable["value"].as_str().unwrap()))
        .filter(|(name, _)| *name != "HOME" && *name != "WAIT_SECONDS")
        .collect();
    shells().iter().map(|shell| run_with(shell, script, &variables, cluster)).collect()
}

fn run_with(shell: &[&str], script: &str, variables: &[(&str, &str)], cluster: &Cluster) -> Done {
    let folder = stage(cluster);
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    let output = Command::new(shell[0])
        .args(&shell[1..])
        .args(["-c", script])
        .envs(variables.iter().copied())
        .envs([("WAIT_SECONDS", "0"), ("PATH", path.as_str())])
        .output()
        .unwrap();
    done(folder.path(), &output)
}

/// The shells that are here, of those that images have.
fn shells() -> Vec<&'static [&'static str]> {
    let all: [&[&str]; 4] = [&["sh"], &["dash"], &["bash", "--posix"], &["busybox", "sh"]];
    let here = |shell: &&[&str]| Command::new(shell[0]).args(&shell[1..]).args(["-c", "true"]).output().is_ok();
    all.into_iter().filter(here).collect()
}

/// A folder with a `kubectl` and a `getent`, and what they answer.
fn stage(cluster: &Cluster) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (file, text) in
        [("ips", cluster.ips), ("names", cluster.names), ("told", cluster.told), ("started", cluster.started)]
    {
        fs::write(folder.path().join(file), text).unwrap();
    }
    let here = folder.path().display();
    let failing = if cluster.fails.is_empty() { "nothing" } else { cluster.fails };
    program(
        &folder.path().join("kubectl"),
        &format!(
            r#"case "$*" in *" patch "*) echo "$*" >> "{here}/writes" ;; esac
case "$*" in *" get {failing} "* | *" {failing} configmap "*) echo "connection refused" >&2; exit 1 ;; esac
case "$*" in
  *" get service livekit-server-media "*"{{.ip}}"*) cat "{here}/ips" ;;
  *" get service livekit-server-media "*"{{.hostname}}"*) cat "{here}/names" ;;
  *" get configmap livekit-server-address "*) cat "{here}/told" ;;
  *" get deployment livekit-server "*) cat "{here}/started" ;;
  *" patch "*) ;;
  *) echo "not expected: $*" >&2; exit 1 ;;
esac"#
        ),
    );
    program(
        &folder.path().join("getent"),
        r#"case "$*" in
  "ahostsv4 media.example.com") printf '%s\n' '203.0.113.9 STREAM media.example.com' '203.0.113.1 STREAM' '203.0.113.9 DGRAM' ;;
  *) exit 2 ;;
esac"#,
    );
    folder
}

fn program(file: &PathBuf, text: &str) {
    fs::write(file, format!("#!/bin/sh\n{text}\n")).unwrap();
    let made = Command::new("chmod").arg("+x").arg(file).status().unwrap();
    assert!(made.success());
}

fn done(folder: &Path, output: &Output) -> Done {
    let writes = fs::read_to_string(folder.join("writes")).unwrap_or_default();
    Done {
        succeeds: output.status.success(),
        says: String::from_utf8(output.stderr.clone()).unwrap(),
        writes: writes.lines().map(str::to_owned).collect(),
    }
}

fn config_map(address: &str) -> String {
    patch("configmap livekit-server-address", &format!(r#"{{"data":{{"address":"{address}"}}}}"#))
}

fn deployment(address: &str) -> String {
    let annotation = format!(r#"{{"livekit-external-address":"{address}"}}"#);
    patch(
        "deployment livekit-server",
        &format!(r#"{{"spec":{{"template":{{"metadata":{{"annotations":{annotation}}}}}}}}}"#),
    )
}

/// A write of the script. Its manager's name does not begin with `kubectl`, because Flux takes back what such a one writes.
fn patch(object: &str, change: &str) -> String {
    format!(
        "--namespace mijnbureau-livekit patch {object} --type merge --field-manager livekit-external-address --patch {change}"
    )
}
