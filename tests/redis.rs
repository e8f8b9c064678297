//! The rendered Redis, started for real: each environment's own redis.conf and arguments, on a loopback port.
//! On a machine without redis-server there is nothing to start; in CI that is a failure.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

use crate::rendered::manifests;

const PASSWORD: &str = "a password of 32 letters, or so.";

/// Every environment that brings its own Redis.
const ENVIRONMENTS: [(&str, &[&str]); 4] = [
    ("playground", &[]),
    ("playground", &["--set", "redis.embedded.persistence.enabled=true"]),
    ("mijnbureau-demo", &[]),
    ("pool", &[]),
];

#[test]
fn every_rendered_redis_starts_and_answers_who_knows_its_password() {
    if Command::new("redis-server").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "redis-server is not installed");
        return;
    }
    for (environment, arguments) in ENVIRONMENTS {
        let folder = tempfile::tempdir().unwrap();
        let server = start(&manifests(environment, arguments), folder.path());
        assert_eq!(server.ask("PING\r\n"), "-NOAUTH Authentication required.\r\n", "{environment} {arguments:?}");
        let answer = server.ask(&format!("AUTH \"{PASSWORD}\"\r\nPING\r\n"));
        assert_eq!(answer, "+OK\r\n+PONG\r\n", "{environment} {arguments:?}");
    }
}

/// A server that stops when the test is through with it.
struct Server {
    process: Child,
    port: u16,
}

impl Server {
    fn ask(&self, question: &str) -> String {
        let mut stream = connect(self.port);
        stream.write_all(format!("{question}QUIT\r\n").as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.strip_suffix("+OK\r\n").unwrap_or(&answer).to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// Starts the container's command, with its file and its password in their places.
fn start(manifests: &[Value], folder: &Path) -> Server {
    let file = manifests.iter().find_map(|manifest| manifest["data"]["redis.conf"].as_str()).unwrap();
    let path = folder.join("redis.conf");
    // The volume is a folder here, and Redis enters it as soon as it reads the line.
    fs::write(&path, file.replace("dir /data\n", &format!("dir {}\n", folder.display()))).unwrap();
    let runs_redis =
        |manifest: &&Value| manifest["kind"] == "StatefulSet" && manifest.to_string().contains("redis.conf");
    let workload = manifests.iter().find(runs_redis).unwrap();
    let arguments = workload["spec"]["template"]["spec"]["containers"][0]["args"].as_array().unwrap();
    let arguments = arguments.iter().map(|argument| argument.as_str().unwrap());
    let mut command = arguments
        .map(|argument| argument.replace("/etc/redis/redis.conf", path.to_str().unwrap()))
        .map(|argument| argument.replace("$(REDIS_PASSWORD)", PASSWORD));
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let process = Command::new(command.next().unwrap())
        .args(command)
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    Server { process, port }
}

fn connect(port: u16) -> TcpStream {
    for _ in 0..200 {
        if let Ok(stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) {
            return stream;
        }
        sleep(Duration::from_millis(50));
    }
    panic!("Redis does not listen on port {port}");
}
