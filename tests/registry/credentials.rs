//! Credentials go to the registry that they are for, and nowhere else: not to a server to which it redirects, whatever that
//! one does then, and not over http to another machine.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use super::scene::Scene;

/// What each server was asked: the path, and whether credentials came along.
type Log = Arc<Mutex<Vec<(String, bool)>>>;

#[test]
fn credentials_stay_with_the_registry_that_they_are_for() {
    let (listener, other) = (listener(), listener());
    let (port, elsewhere) = (port(&listener), port(&other));
    let log = Log::default();
    serve(listener, &log, move |path| registry(path, elsewhere));
    serve(other, &log, |path| if path == "/one" { moved("/two") } else { answer("404 Not Found", "") });

    let mut scene = Scene::new("credentials", port);
    let config = format!(r#"{{"auths": {{"127.0.0.1:{port}": {{"auth": "dXNlcjpwYXNz"}}}}}}"#);
    std::fs::create_dir(scene.path("docker")).unwrap();
    scene.write("docker/config.json", config);
    scene.note("a redirect to another server, which redirects once more");
    scene.run("DOCKER_CONFIG=docker render plugin add oci://127.0.0.1:PORT/acme/moved:1");
    scene.note("a server of another machine, without TLS");
    scene.run("DOCKER_CONFIG=docker render plugin add oci://127.0.0.1:PORT/acme/plain:1");
    scene.end();

    let log = log.lock().unwrap();
    let asked = |path: &str| log.iter().filter(|(asked, _)| asked == path).map(|(_, with)| *with).collect::<Vec<_>>();
    assert_eq!(asked("/v2/acme/moved/manifests/1"), [true], "{log:?}");
    assert_eq!(asked("/one"), [false], "{log:?}");
    assert_eq!(asked("/two"), [false], "{log:?}");
}

/// The registry: it wants credentials, and sends whoever has some away.
fn registry(path: &str, elsewhere: u16) -> String {
    match path {
        "/v2/" => answer("401 Unauthorized", "www-authenticate: Basic realm=\"tests\"\r\n"),
        _ if path.contains("moved") => moved(&format!("http://localhost:{elsewhere}/one")),
        // An address that is reserved for documentation.
        _ => moved("http://192.0.2.2/elsewhere"),
    }
}

fn moved(to: &str) -> String {
    answer("302 Found", &format!("location: {to}\r\n"))
}

fn answer(status: &str, headers: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: 0\r\nconnection: close\r\n\r\n")
}

fn listener() -> TcpListener {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap()
}

fn port(listener: &TcpListener) -> u16 {
    listener.local_addr().unwrap().port()
}

fn serve(listener: TcpListener, log: &Log, answers: impl Fn(&str) -> String + Send + 'static) {
    let log = Arc::clone(log);
    thread::spawn(move || listener.incoming().for_each(|client| one(client.unwrap(), &log, &answers)));
}

/// One request.
fn one(mut client: TcpStream, log: &Log, answers: impl Fn(&str) -> String) {
    let mut lines = BufReader::new(client.try_clone().unwrap()).lines().map_while(Result::ok);
    let request = lines.next().unwrap_or_default();
    let headers: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    let has_credentials = headers.iter().any(|header| header.to_lowercase().starts_with("authorization:"));
    let answer = answers(&path);
    log.lock().unwrap().push((path, has_credentials));
    // Whether the client goes away is its own affair.
    let _ = client.write_all(answer.as_bytes());
}
