//! `cargo xtask <command>`.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask <command>

  bench             build for distribution, and time whole processes against each other
  bless             accept what is printed now: fixtures, schemas and snapshots
  dist              build target/dist/render, which carries its plugins compiled
  fuzz [TARGET] [SECONDS]
                    look for inputs that break a property: yaml, set, merge, render, apply, component,
                    or all in turn
  hostile           run every plugin that misbehaves, and print its message, time and memory as a table
  plugins           build every plugin into plugins/built/, with a stamp of what it was built from
  plugins --check   say whether the built plugins are those of the sources, without building
  schemas           derive the schemas of Kubernetes objects from the packages that xtask/packages/ pins";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments[..] {
        #[cfg(feature = "bench")]
        ["bench"] => xtask::bench::bench(root()),
        ["hostile"] => xtask::hostile::table(root()),
        ["fuzz", ref named @ ..] => xtask::fuzz::fuzz(root(), named),
        ["dist"] => xtask::dist::dist(root()),
        ["bless"] => xtask::bless::bless(root()),
        ["plugins"] => xtask::plugins::build(root()),
        ["plugins", "--check"] => xtask::plugins::check(root()),
        ["schemas"] => xtask::schemas::derive(root()),
        _ => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(said) => say(&mut std::io::stdout(), &said, ExitCode::SUCCESS),
        Err(said) => say(&mut std::io::stderr(), &said, ExitCode::FAILURE),
    }
}

/// The repository: the folder above this crate.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Whoever closed the pipe does not want to hear it.
fn say(to: &mut impl Write, text: &str, code: ExitCode) -> ExitCode {
    let _ = writeln!(to, "{text}");
    code
}
