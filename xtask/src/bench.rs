//! How long whole processes take, each against another one in the same run: absolute times say little
//! on a busy machine, ratios say more. Wall and CPU time are medians; CPU is what the kernel charged.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::{TimeVal, TimeValLike};

/// How often each command runs.
const RUNS: usize = 41;

/// Measures a cold `--env prd` against `--version` and against a program that does nothing.
///
/// # Errors
/// A build or a run that fails.
pub fn bench(root: &Path) -> Result<String, String> {
    crate::dist::dist(root)?;
    let render = root.join("target/dist/render");
    let nothing = hello(root)?;
    let empty = root.join("target/bench");
    fs::create_dir_all(&empty).map_err(|error| error.to_string())?;
    let program = |arguments: &[&str]| {
        let mut command = Command::new(&render);
        command.args(arguments).current_dir(&empty).env("XDG_CACHE_HOME", empty.join("absent"));
        command
    };
    let mut rows = [
        Row::new("a Rust hello world", Command::new(&nothing)),
        Row::new("render --version", program(&["--version"])),
        Row::new("render --env prd", program(&["--env", "prd"])),
        Row::new("render --env prd --set provider=null", program(&["--env", "prd", "--set", "provider=null"])),
    ];
    // In turn, so that a slow moment of the machine meets all of them.
    for _ in 0..RUNS {
        for row in &mut rows {
            row.measure()?;
        }
    }
    let version = (median(&mut rows[1].wall), median(&mut rows[1].cpu));
    let mut table = "| command | wall ms | CPU ms | wall against --version | CPU against --version |\n| --- | ---: | ---: | ---: | ---: |".to_owned();
    for row in &mut rows {
        let (wall, cpu) = (median(&mut row.wall), median(&mut row.cpu));
        let (walls, cpus) = (wall / version.0, cpu / version.1);
        // Writing to a String cannot fail.
        let _ = write!(table, "\n| {} | {wall:.2} | {cpu:.2} | {walls:.2} | {cpus:.2} |", row.name);
    }
    Ok(table)
}

struct Row {
    name: &'static str,
    command: Command,
    wall: Vec<f64>,
    cpu: Vec<f64>,
}

impl Row {
    fn new(name: &'static str, mut command: Command) -> Self {
        command.stdout(Stdio::null()).stderr(Stdio::null());
        Self { name, command, wall: Vec::new(), cpu: Vec::new() }
    }

    #[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
    fn measure(&mut self) -> Result<(), String> {
        let before = children_cpu_ms()?;
        let start = Instant::now();
        let status = self.command.status().map_err(|error| format!("{}: {error}", self.name))?;
        let wall = start.elapsed().as_secs_f64() * 1000.0;
        if !status.success() {
            return Err(format!("{} failed", self.name));
        }
        self.wall.push(wall);
        self.cpu.push(children_cpu_ms()? - before);
        Ok(())
    }
}

/// What the kernel has charged to the children that ended, in milliseconds.
fn children_cpu_ms() -> Result<f64, String> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|error| format!("getrusage: {error}"))?;
    let milliseconds = |time: TimeVal| {
        Duration::from_micros(u64::try_from(time.num_microseconds()).unwrap_or(0)).as_secs_f64() * 1000.0
    };
    Ok(milliseconds(usage.user_time()) + milliseconds(usage.system_time()))
}

/// A program that prints one line, built as the release build is.
#[expect(clippy::disallowed_methods, reason = "a benchmark makes what it measures against")]
fn hello(root: &Path) -> Result<std::path::PathBuf, String> {
    let folder = root.join("target/bench-hello");
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let source = folder.join("hello.rs");
    fs::write(&source, "fn main() { println!(\"hello\"); }\n").map_err(|error| error.to_string())?;
    let binary = folder.join("hello");
    let status = Command::new("rustc")
        .args(["-O", "-o"])
        .arg(&binary)
        .arg(&source)
        .status()
        .map_err(|error| error.to_string())?;
    if status.success() { Ok(binary) } else { Err("rustc failed".to_owned()) }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
