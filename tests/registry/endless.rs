//! A registry that never ends what it sends: each body is read up to its limit, and the run ends with a message, in
//! an address space that an answer held in memory would fill.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;

use super::scene::Scene;

/// 600 MB of address space are enough for a run, and gone in a second where a body is kept.
const LIMITED: &str = "ulimit -v 600000;";

#[test]
fn a_body_without_end_is_read_up_to_its_limit() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for client in listener.incoming() {
            thread::spawn(move || serve(client.unwrap(), port));
        }
    });
    let mut scene = Scene::new("endless", port);
    for (note, repository) in [
        ("the manifest has no end", "manifest"),
        ("a redirect leads to a body without end", "redirect"),
        ("redirects have no end", "circle"),
        ("the manifest says that it has 2 TB", "length"),
        ("the token has no end", "token"),
        ("the token server's refusal has no end", "forbidden"),
        ("the body of an error has no end", "error"),
        ("the body that says that nothing is there has no end", "absent"),
        ("the header has no end", "header"),
        ("the component has no end", "component"),
        ("the error in the place of the component has no end", "lost"),
    ] {
        scene.note(note);
        scene.run(&format!("{LIMITED} render plugin add oci://127.0.0.1:PORT/acme/{repository}:1"));
    }
    scene.end();
}

/// One request, and an answer by the name of its repository.
fn serve(mut client: TcpStream, port: u16) {
    let mut lines = BufReader::new(client.try_clone().unwrap()).lines();
    let request = lines.next().unwrap_or_else(|| Ok(String::new())).unwrap_or_default();
    let mut headers = lines.map_while(Result::ok).take_while(|line| !line.is_empty());
    let is_authorized = headers.by_ref().any(|line| line.starts_with("authorization: Bearer"));
    headers.for_each(drop);
    let path = request.split(' ').nth(1).unwrap_or_default();
    let asks = |name: &str| path.contains(name) && path.contains("/manifests/");
    // Whether the client goes away is its own affair.
    let _ = match path {
        "/v2/" => whole(&mut client, "401 Unauthorized", &challenge(port), ""),
        _ if path.starts_with("/token") && path.contains("acme%2Ftoken") => endless(&mut client, "200 OK"),
        _ if path.starts_with("/token") && path.contains("acme%2Fforbidden") => endless(&mut client, "403 Forbidden"),
        _ if path.starts_with("/token") => whole(&mut client, "200 OK", "", r#"{"token": "t"}"#),
        "/elsewhere" => endless(&mut client, "200 OK"),
        _ if !is_authorized => whole(&mut client, "401 Unauthorized", "", ""),
        _ if asks("redirect") => whole(&mut client, "307 Temporary Redirect", "location: /elsewhere\r\n", ""),
        _ if asks("circle") => whole(&mut client, "307 Temporary Redirect", &format!("location: {path}\r\n"), ""),
        _ if asks("length") => long(&mut client),
        _ if asks("error") => endless(&mut client, "400 Bad Request"),
        _ if asks("absent") => endless(&mut client, "404 Not Found"),
        _ if asks("header") => header(&mut client),
        _ if asks("component") || asks("lost") => whole(&mut client, "200 OK", "", &manifest()),
        _ if path.contains("lost") => endless(&mut client, "403 Forbidden"),
        _ => endless(&mut client, "200 OK"),
    };
}

fn challenge(port: u16) -> String {
    format!("www-authenticate: Bearer realm=\"http://127.0.0.1:{port}/token\",service=\"tests\"\r\n")
}

fn manifest() -> String {
    let digest = "0a".repeat(32);
    format!(r#"{{"layers": [{{"mediaType": "application/wasm", "digest": "sha256:{digest}", "size": 1000}}]}}"#)
}

fn whole(client: &mut TcpStream, status: &str, headers: &str, body: &str) -> std::io::Result<()> {
    let length = body.len();
    write!(client, "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

fn endless(client: &mut TcpStream, status: &str) -> std::io::Result<()> {
    write!(client, "HTTP/1.1 {status}\r\ntransfer-encoding: chunked\r\n\r\n")?;
    let chunk = [b"4000\r\n", [b'x'; 16384].as_slice(), b"\r\n"].concat();
    loop {
        client.write_all(&chunk)?;
    }
}

fn long(client: &mut TcpStream) -> std::io::Result<()> {
    write!(client, "HTTP/1.1 200 OK\r\ncontent-length: 2000000000000\r\n\r\n")?;
    loop {
        client.write_all(&[b'x'; 16384])?;
    }
}

fn header(client: &mut TcpStream) -> std::io::Result<()> {
    write!(client, "HTTP/1.1 200 OK\r\nx: ")?;
    loop {
        client.write_all(&[b'x'; 16384])?;
    }
}
