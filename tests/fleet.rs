//! Many environments in one run, where a command line and its output do not show it: parts that add up to the whole,
//! runs at the same time, a run that is killed, and the bar on a terminal.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use render_text::node::Node;
use render_text::source::Sources;
use render_text::yaml;
use serde_json::Value;

use crate::support::{printed, program, root};

/// How many sites there are.
const SITES: usize = 24;

#[test]
fn the_parts_of_a_fleet_add_up_to_the_whole_of_it() {
    let folder = fleet();
    done(folder.path(), &["--all", "--output-dir", "whole"]);
    let parts: Vec<_> = (0..4)
        .map(|part| start(folder.path(), &["--all", "--shard", &format!("{part}/4"), "--output-dir", "parts"]))
        .collect();
    for mut part in parts {
        assert!(part.wait().unwrap().success());
    }
    let whole = files(&folder.path().join("whole"));
    assert!(whole.len() > 4 * SITES);
    assert_eq!(files(&folder.path().join("parts")), whole);
}

/// The example for Kubernetes, each of its pods started as Kubernetes starts it.
#[test]
fn the_pods_of_the_job_add_up_to_the_whole() {
    let folder = fleet();
    let text = fs::read_to_string(root().join("deploy/job/fleet.yaml")).unwrap();
    let documents = yaml::read(Sources::default().add("fleet.yaml", text.as_str()), &text).unwrap();
    let job = documents.iter().map(Node::to_json).find(|object| object["kind"] == "Job").unwrap();
    let out = folder.path().join("job");
    for pod in 0..job["spec"]["completions"].as_u64().unwrap() {
        let command = job["spec"]["template"]["spec"]["containers"][0]["command"].as_array().unwrap().iter();
        let word = |word: &Value| word.as_str().unwrap().replace("$(JOB_COMPLETION_INDEX)", &pod.to_string());
        let words: Vec<String> = command.map(word).collect();
        let [_, arguments @ .., folder_of_the_pod] = words.as_slice() else { panic!("{words:?}") };
        assert_eq!(folder_of_the_pod, "/manifests");
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).chain([out.to_str().unwrap()]).collect();
        done(folder.path(), &arguments);
    }
    done(folder.path(), &["--all", "--output-dir", "whole"]);
    assert_eq!(files(&out), files(&folder.path().join("whole")));
    printed(&["check", "--strict", "deploy/job/fleet.yaml"]);
}

#[test]
fn an_environment_of_a_fleet_is_what_it_is_alone() {
    let folder = fleet();
    done(folder.path(), &["--all", "--output-dir", "out"]);
    done(folder.path(), &["--env", "site-7", "--output-dir", "alone"]);
    let without_list = |folder: PathBuf| {
        let mut files = files(&folder);
        assert!(files.remove(".render-files").is_some());
        files
    };
    assert_eq!(without_list(folder.path().join("out/site-7")), without_list(folder.path().join("alone")));
}

/// A folder that somebody asked for by its name is no environment that went.
#[test]
fn a_folder_of_another_run_stays() {
    let folder = fleet();
    done(folder.path(), &["--env", "site-7", "--output-dir", "out/mine"]);
    let mine = files(&folder.path().join("out/mine"));
    done(folder.path(), &["--all", "--output-dir", "out"]);
    assert_eq!(files(&folder.path().join("out/mine")), mine);
}

#[test]
fn what_a_killed_run_leaves_goes_with_the_next_one() {
    let folder = fleet();
    done(folder.path(), &["--all", "--output-dir", "out"]);
    let whole = files(&folder.path().join("out"));
    // It waits for a registry that says nothing.
    let registry = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    registry.set_nonblocking(true).unwrap();
    fs::write(folder.path().join("render.lock"), lock(registry.local_addr().unwrap().port())).unwrap();
    let late = folder.path().join("environments/late.yaml");
    fs::write(&late, "plugins: [acme]").unwrap();
    let staging = || {
        let entries = fs::read_dir(folder.path().join("out")).unwrap().map(|entry| entry.unwrap().file_name());
        let names = entries.map(|name| name.into_string().unwrap());
        names.filter(|name| name.starts_with(".render-")).collect::<Vec<_>>()
    };
    let mut running = start(folder.path(), &["--all", "--output-dir", "out"]);
    let asked = loop {
        // A connection of another test, to a server that had this port before, is no request of this run.
        if let Some(connection) = registry.accept().ok().and_then(|(connection, _)| asking(connection)) {
            break connection;
        }
        if let Some(status) = running.try_wait().unwrap() {
            let said = std::io::read_to_string(running.stderr.take().unwrap()).unwrap();
            panic!("it ended before it asked the registry: {status}\n{said}");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    running.kill().unwrap();
    running.wait().unwrap();
    assert_eq!(staging().len(), 1, "it was killed while files were on their way: {:?}", staging());
    drop(asked);
    fs::remove_file(late).unwrap();
    done(folder.path(), &["--all", "--output-dir", "out"]);
    assert_eq!(staging(), Vec::<String>::new());
    assert_eq!(files(&folder.path().join("out")), whole);
}

/// `script` gives a command a terminal.
#[test]
fn a_terminal_shows_how_far_a_run_is() {
    let folder = fleet();
    let command = format!("{} --all --output-dir out", program());
    let output =
        Command::new("script").args(["-qec", &command, "/dev/null"]).current_dir(folder.path()).output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && shown.contains(&format!("0/{SITES}")), "{shown}");
    let piped = start(folder.path(), &["--all", "--output-dir", "out"]).wait_with_output().unwrap();
    assert!(!String::from_utf8_lossy(&piped.stderr).contains("0/"), "{piped:?}");
}

/// A connection on which somebody asks a registry.
fn asking(mut connection: TcpStream) -> Option<TcpStream> {
    connection.set_nonblocking(false).unwrap();
    connection.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    let mut start = [0; 8];
    (connection.read_exact(&mut start).is_ok() && start == *b"GET /v2/").then_some(connection)
}

/// A lock with a plugin of a registry on this machine.
fn lock(port: u16) -> String {
    let sum = "ab".repeat(32);
    format!(
        "version: 1\nplugins:\n  acme:\n    source: oci://127.0.0.1:{port}/acme/plugin:1\n    digest: sha256:{sum}\n    \
         sha256: {sum}\n    version: 1.0.0\n    permissions: {{read: [], add: [], patch: [], remove: []}}\n"
    )
}

/// A folder with environments that are all different.
fn fleet() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("environments")).unwrap();
    for site in 0..SITES {
        let values = format!("livekit: {{podAnnotations: {{site: \"{site}\"}}}}\n");
        fs::write(folder.path().join(format!("environments/site-{site}.yaml")), values).unwrap();
    }
    folder
}

fn start(folder: &Path, arguments: &[&str]) -> std::process::Child {
    let mut command = Command::new(program());
    command.args(arguments).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

fn done(folder: &Path, arguments: &[&str]) {
    let output = start(folder, arguments).wait_with_output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The files of a folder with their texts, the list of a run too.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = entry.file_name().unwrap().to_str().unwrap().to_owned();
        if entry.is_dir() {
            found.extend(files(&entry).into_iter().map(|(inner, text)| (format!("{name}/{inner}"), text)));
        } else {
            found.insert(name, fs::read_to_string(&entry).unwrap());
        }
    }
    found
}
