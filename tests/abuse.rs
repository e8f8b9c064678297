//! The program in the hands of someone who means it no good, or whose machine does not: inputs without end, disks
//! without room, readers that go away, signals at any moment. Every run ends with a documented status or by the signal,
//! says what is wrong, and leaves nothing half written. What files alone can show stands in tests/commands.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::program;

/// An environment that needs no provider.
const VALUES: &str = "livekit: {config: {rtc: {use_external_ip: false}}}\n";
/// Another one, with more objects and other texts in those that both have.
const OTHER: &str = "livekit: {config: {rtc: {use_external_ip: false}}, labels: {a: b}}\nredis: {mode: embedded}\n";

/// Longer than any input here may take, on a busy machine.
const SLOW: Duration = Duration::from_secs(30);

#[test]
fn inputs_too_large_end_soon_and_in_little_memory() {
    let folder = folder();
    fs::File::create(folder.path().join("large.yaml")).unwrap().set_len(100 << 20).unwrap();
    for command in [
        "render -f large.yaml",
        "render -f - <large.yaml",
        "render -f v.yaml --set-file custom.a=large.yaml",
        "render -f v.yaml --terraform-output large.yaml",
        "render -f /dev/zero",
        "render -f v.yaml --set-file custom.a=/dev/urandom",
        "yes custom: | render -f -",
    ] {
        let output = sh(folder.path(), &format!("ulimit -v 600000; {command}"));
        assert_eq!(
            refused(&output, 1).lines().filter(|line| line.contains("is longer than 64 MiB")).count(),
            1,
            "{command}"
        );
    }
}

/// As `kubectl get -o json` prints objects when line breaks are taken out. If each finding looks at the whole line, this takes
/// minutes.
#[test]
fn a_line_of_megabytes_with_many_mistakes_ends_soon() {
    let folder = folder();
    let head = |kind: &str| format!("{{apiVersion: v1, kind: {kind}, metadata: {{name: a, namespace: d}}, ");
    let keys =
        |value: &str| (0..50_000).map(|number| format!("k{number}: {value}{number}")).collect::<Vec<_>>().join(", ");
    fs::write(folder.path().join("unknown.yaml"), head("ConfigMap") + &keys("b") + "}\n").unwrap();
    let secret = head("Secret") + "foo: 1, stringData: {" + &keys("canary") + "}}\n";
    fs::write(folder.path().join("secret.yaml"), secret).unwrap();
    let items =
        (0..3000).map(|number| format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: a{number}}}, x: y}}"));
    let list = format!("{{kind: ResourceList, items: [{}]}}\n", items.collect::<Vec<_>>().join(", "));
    fs::write(folder.path().join("list.yaml"), list).unwrap();
    for format in ["human", "json", "sarif", "github"] {
        for file in ["unknown.yaml", "secret.yaml"] {
            let output = run(folder.path(), &["check", file, "--message-format", format]);
            assert_eq!(output.status.code(), Some(1), "{file} {format}");
            assert!(!String::from_utf8_lossy(&output.stdout).contains("canary"), "{file} {format}");
        }
    }
    let output = run(folder.path(), &["check", "unknown.yaml"]);
    let report = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(report.contains("\nnote: 49000 findings more, which `--message-format json` has\n"));
    assert!(report.contains(": 50000 errors, "), "the sum counts what is not shown");
    sh(folder.path(), "render fn <list.yaml");
}

#[test]
fn bombs_end_soon_and_in_little_memory() {
    let folder = folder();
    let fourfold = |n: u32| format!("a{n}: &a{n} [*a{m}, *a{m}, *a{m}, *a{m}]", m = n - 1);
    let doubled = (1..40).map(fourfold).collect::<Vec<_>>().join("\n");
    let merged = format!("a: &a {{k: 1, l: 2}}\ncustom: {{<<: [{}]}}\n", "*a, ".repeat(60_000));
    let (open, close) = ("[".repeat(200_000), "]".repeat(200_000));
    let steps = ".a".repeat(50_000);
    let bombs = [
        format!("a0: &a0 [x, x, x, x]\n{doubled}"),
        merged,
        format!("custom: {open}{close}"),
        "- ".repeat(200_000),
        format!("custom: {}", "{a: ".repeat(200_000)),
        format!("custom: {}", "? ".repeat(200_000)),
        "a: 1\n".repeat(200_000),
        "&a ".repeat(200_000),
        "a: !!x y\n- \n".repeat(10_000),
        "\"".repeat(200_001),
        "%TAG ! a\n".repeat(100_000),
        "---\n".repeat(300_000),
    ];
    for bomb in bombs {
        fs::write(folder.path().join("bomb.yaml"), &bomb).unwrap();
        let output = sh(folder.path(), "ulimit -v 800000; render -f bomb.yaml");
        refused(&output, 1);
    }
    for argument in [
        format!("custom{steps}=1"),
        format!("custom.a{}=1", "[0]".repeat(40_000)),
        format!("custom.a={{{}", "{".repeat(100_000)),
    ] {
        refused(&run(folder.path(), &["-f", "v.yaml", "--set", &argument]), 1);
    }
    refused(&run(folder.path(), &["-f", "v.yaml", "--set-json", &format!("custom.a={}", "[".repeat(100_000))]), 1);
}

/// Whatever a text says, and by whatever way it comes, it is the text of one annotation.
#[test]
fn a_text_stays_a_text_by_whatever_way_it_comes() {
    let folder = folder();
    let objects = items(&run(folder.path(), &["-f", "v.yaml", "-o", "json"])).len();
    let texts = [
        "---",
        "a\n---\nkind: Secret\n",
        "{{ livekit }}{% raw %}",
        "# a: b",
        "'\"&*!",
        "\u{feff}\u{2028}\u{e000}0\u{e001}",
        "a,b=c[0]{d}.e\\",
    ];
    let long = "no value is too long ".repeat(2500);
    for text in texts.into_iter().chain([long.as_str()]) {
        fs::write(folder.path().join("text"), text).unwrap();
        let json = serde_json::to_string(text).unwrap();
        fs::write(folder.path().join("file.yaml"), format!("livekit: {{podAnnotations: {{mark: {json}}}}}\n")).unwrap();
        let escaped: String = text.chars().flat_map(|char| ['\\', char]).collect();
        let at = "livekit.podAnnotations.mark";
        let ways = [
            vec!["-f".to_owned(), "file.yaml".to_owned()],
            vec!["--set-file".to_owned(), format!("{at}=text")],
            vec!["--set-env".to_owned(), format!("{at}=TEXT")],
            vec!["--set-string".to_owned(), format!("{at}={escaped}")],
            vec!["--set-json".to_owned(), format!("{at}={json}")],
        ];
        for way in ways {
            let arguments = |format| {
                [&["-f", "v.yaml", "-o", format], &way.iter().map(String::as_str).collect::<Vec<_>>()[..]].concat()
            };
            let output = |format| {
                Command::new(program())
                    .args(arguments(format))
                    .env("TEXT", text)
                    .current_dir(folder.path())
                    .output()
                    .unwrap()
            };
            let items = items(&output("json"));
            let deployment = items.iter().find(|item| item["kind"] == "Deployment").unwrap();
            assert_eq!(deployment["spec"]["template"]["metadata"]["annotations"]["mark"], *text, "{way:?}");
            assert_eq!(items.len(), objects, "{way:?}");
            let yaml = String::from_utf8(output("yaml").stdout).unwrap();
            assert_eq!(crate::fuzz::properties::yaml::values_of(&yaml), items, "{way:?}");
        }
    }
}

#[test]
fn what_is_not_text_is_refused() {
    let folder = folder();
    let bytes = OsStr::from_bytes(b"a\xffb");
    fs::write(folder.path().join("bytes.yaml"), b"custom: {a: \"\xff\"}").unwrap();
    fs::write(folder.path().join("nul.yaml"), b"custom: {a: \"\x00\"}").unwrap();
    refused(&run(folder.path(), &["-f", "bytes.yaml"]), 1);
    refused(&run(folder.path(), &["-f", "nul.yaml"]), 1);
    refused(&run(folder.path(), &["-f", "v.yaml", "--set-file", "custom.a=bytes.yaml"]), 1);
    let with = |arguments: &[&OsStr]| {
        Command::new(program()).args(arguments).env("BYTES", bytes).current_dir(folder.path()).output().unwrap()
    };
    refused(&with(&["-f", "v.yaml", "--set-env", "custom.a=BYTES"].map(OsStr::new)), 1);
    for flag in ["--set", "--env", "-f", "--nothing"] {
        refused(&with(&[OsStr::new("-f"), OsStr::new("v.yaml"), OsStr::new(flag), bytes]), 1);
    }
}

#[test]
fn a_stream_that_is_full_or_closed_is_no_panic() {
    let folder = folder();
    let cases = [
        ("render -f v.yaml >/dev/full", 2),
        ("render -f v.yaml -o json >/dev/full", 2),
        ("render notes -f v.yaml >/dev/full", 2),
        ("render schema >/dev/full", 2),
        ("render rules >/dev/full", 2),
        ("render -f v.yaml >&-", 0),
        ("render -f v.yaml 2>&- >/dev/null", 0),
        ("render -f v.yaml <&- >/dev/null", 0),
        ("render -f absent.yaml 2>&-", 1),
        ("render -f absent.yaml 2>/dev/full", 1),
        ("render -f absent.yaml <&- >&- 2>&-", 1),
        ("render --nothing 2>&-", 1),
    ];
    for (command, status) in cases {
        let output = sh(folder.path(), command);
        assert_eq!(output.status.code(), Some(status), "{command}");
        assert!(output.stdout.is_empty(), "{command}");
        if command.ends_with(">/dev/full") && status == 2 {
            assert!(refused(&output, 2).contains("stdout cannot be written"), "{command}");
        }
    }
}

/// More than a pipe holds, so that the reader is gone in the middle of writing.
#[test]
fn a_reader_that_goes_away_has_seen_enough() {
    let folder = folder();
    fs::write(folder.path().join("long"), "no value is too long ".repeat(12_000)).unwrap();
    for format in ["yaml", "json"] {
        let command = format!(
            "{{ render -f v.yaml -o {format} --set-file livekit.podAnnotations.a=long; echo $? >status; }} | head -1"
        );
        let output = sh(folder.path(), &command);
        assert_eq!(fs::read_to_string(folder.path().join("status")).unwrap(), "0\n", "{format}");
        assert!(output.stderr.is_empty() && output.stdout.len() < 100, "{output:?}");
    }
}

#[test]
fn a_disk_that_is_full_leaves_the_folder_as_it_was() {
    let folder = folder();
    refused_or_done(&run(folder.path(), &["-f", "v.yaml", "--output-dir", "out"]));
    let before = files(&folder.path().join("out"));
    assert!(before.len() > 4);
    // A file may be one block long: the first manifests fit, a later one does not.
    let output = sh(folder.path(), "trap '' XFSZ; ulimit -f 1; render -f other.yaml --output-dir out");
    assert!(refused(&output, 2).contains("cannot be written: File too large"), "{output:?}");
    assert_eq!(files(&folder.path().join("out")), before);
    let output = sh(folder.path(), "trap '' XFSZ; ulimit -f 1; render -f other.yaml --output-dir new");
    refused(&output, 2);
    assert!(files(&folder.path().join("new")).is_empty());
}

#[test]
fn a_signal_ends_the_wait_for_input() {
    let folder = folder();
    assert!(Command::new("mkfifo").arg(folder.path().join("fifo")).status().unwrap().success());
    for (file, signal, number) in [("-", "INT", 2), ("-", "TERM", 15), ("fifo", "INT", 2), ("fifo", "TERM", 15)] {
        let mut command = Command::new(program());
        command
            .args(["-f", file])
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let input = child.stdin.take();
        std::thread::sleep(Duration::from_millis(200));
        kill(signal, child.id());
        let output = child.wait_with_output().unwrap();
        drop(input);
        assert_eq!(output.status.signal(), Some(number), "{file} {signal}");
        assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    }
    let output = sh(folder.path(), "{ sleep 0.1; cat v.yaml; } >fifo & render -f fifo");
    assert!(output.status.success() && !output.stdout.is_empty(), "a pipe with a writer is a file");
}

/// Whenever the signal comes, each file is a whole one of the run before or of this one, and the next run mends the rest.
#[test]
fn a_signal_leaves_no_file_half_written() {
    let folder = folder();
    let [old, new] = ["v.yaml", "other.yaml"].map(|values| {
        refused_or_done(&run(folder.path(), &["-f", values, "--output-dir", values.trim_end_matches(".yaml")]));
        files(&folder.path().join(values.trim_end_matches(".yaml")))
    });
    let before = Instant::now();
    refused_or_done(&run(folder.path(), &["-f", "v.yaml", "--output-dir", "out"]));
    let whole = before.elapsed();
    for moment in 0..24 {
        let values = ["other.yaml", "v.yaml"][moment % 2];
        let mut command = Command::new(program());
        let mut child = command.args(["-f", values, "--output-dir", "out"]).current_dir(folder.path()).spawn().unwrap();
        std::thread::sleep(whole.mul_f64(0.3 + 0.04 * f64::from(u32::try_from(moment).unwrap())));
        kill(["INT", "TERM", "KILL"][moment % 3], child.id());
        let status = child.wait().unwrap();
        assert!(status.success() || status.signal().is_some(), "{status}");
        for (name, text) in files(&folder.path().join("out")) {
            assert!([old.get(&name), new.get(&name)].contains(&Some(&text)), "{name} is neither old nor new:\n{text}");
        }
    }
    refused_or_done(&run(folder.path(), &["-f", "v.yaml", "--output-dir", "out"]));
    assert_eq!(files(&folder.path().join("out")), old);
}

/// What the file system says instead of a text is told, with the status that is documented.
#[test]
fn what_is_no_file_is_told() {
    let folder = folder();
    let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, folder.path().join(name)).unwrap();
    link("loop", "loop");
    link("absent", "dangling");
    link(".", "here");
    for (arguments, status) in [
        (vec!["-f", "loop"], 1),
        (vec!["-f", "dangling"], 1),
        (vec!["-f", "here"], 1),
        (vec!["-f", "v.yaml/"], 1),
        (vec!["-f", "/proc/self/mem"], 1),
        (vec!["--environments", "loop", "--env", "a"], 1),
        (vec!["--environments", "here", "--env", "absent"], 1),
        (vec!["-f", "v.yaml", "--set-file", "custom.a=loop"], 1),
        (vec!["-f", "v.yaml", "--terraform-output", "here"], 1),
        (vec!["-f", "v.yaml", "--output-dir", "loop"], 2),
        (vec!["-f", "v.yaml", "--output-dir", "v.yaml"], 2),
        (vec!["-f", "v.yaml", "--output-dir", "/proc/none"], 2),
        (vec!["-f", "v.yaml", "--output-dir", "/dev/null"], 2),
    ] {
        refused(&run(folder.path(), &arguments), status);
    }
}

/// A temporary folder with the two environments.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("v.yaml"), VALUES).unwrap();
    fs::write(folder.path().join("other.yaml"), OTHER).unwrap();
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let start = Instant::now();
    let output = Command::new(program()).args(arguments).current_dir(folder).output().unwrap();
    assert!(start.elapsed() < SLOW, "{arguments:?} took {:?}", start.elapsed());
    output
}

/// A line for the shell, `render` being the program under test.
fn sh(folder: &Path, command: &str) -> Output {
    let start = Instant::now();
    let line = format!("render() {{ \"{}\" \"$@\"; }}; {command}", program());
    let output = Command::new("sh").args(["-c", &line]).current_dir(folder).output().unwrap();
    assert!(start.elapsed() < SLOW, "{command} took {:?}", start.elapsed());
    output
}

/// What a run says that ends with this status: a message, no panic, and nothing on stdout.
fn refused(output: &Output, status: i32) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let start: String = said.chars().take(2000).collect();
    assert_eq!(output.status.code(), Some(status), "{start}");
    assert!(said.starts_with("error") && !said.contains("panicked") && said.len() < 200_000, "{start}");
    assert!(output.stdout.is_empty(), "{start}");
    said
}

fn refused_or_done(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn items(output: &Output) -> Vec<Value> {
    let list: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    list["items"].as_array().unwrap().clone()
}

/// The files of a folder that a tool would read, with their texts.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()) {
        let name = entry.file_name().unwrap().to_str().unwrap().to_owned();
        if name.starts_with('.') {
            continue;
        }
        if entry.is_dir() {
            let inner = files(&entry);
            found.extend(inner.into_iter().map(|(inner, text)| (format!("{name}/{inner}"), text)));
        } else {
            found.insert(name, fs::read_to_string(&entry).unwrap());
        }
    }
    found
}

fn kill(signal: &str, process: u32) {
    let _: ExitStatus = Command::new("kill")
        .args([&format!("-{signal}"), &process.to_string()])
        .stderr(Stdio::null())
        .status()
        .unwrap();
}
