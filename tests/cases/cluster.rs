//! A real API server with etcd, on loopback, one for all tests of a run. tests/cluster/tools.sh builds it.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use crate::support::root;

/// An API server that runs.
pub(crate) struct Cluster {
    /// How kubectl finds it.
    pub(crate) kubeconfig: PathBuf,
    /// Ends with the standard input that this process holds open.
    _process: Child,
}

static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();

/// The cluster, which the first caller starts; none where a program for it is missing.
pub(crate) fn get() -> Option<&'static Cluster> {
    CLUSTER.get_or_init(|| has_programs().then(start)).as_ref()
}

/// The cluster, if a test has started it.
pub(crate) fn running() -> Option<&'static Cluster> {
    CLUSTER.get()?.as_ref()
}

fn has_programs() -> bool {
    let is_there = |program: &str| Command::new(program).arg("--version").output().is_ok();
    root().join("target/cluster/kube-apiserver").exists() && is_there("etcd") && is_there("kubectl")
}

fn start() -> Cluster {
    // The script removes it in the end: a static value is never dropped.
    let folder = tempfile::tempdir().unwrap().keep();
    let mut process = Command::new(root().join("tests/cluster/start.sh"))
        .arg(&folder)
        .args(free_ports())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n", "the API server did not start");
    Cluster { kubeconfig: folder.join("kubeconfig"), _process: process }
}

/// Three free ports, which are held until all are chosen, so that no two are the same.
fn free_ports() -> [String; 3] {
    let held = [(); 3].map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
    held.map(|port| port.local_addr().unwrap().port().to_string())
}
