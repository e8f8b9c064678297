//! What each hostile component costs, as a table: `cargo xtask hostile` prints it. Each runs in a process of its own,
//! because the most memory that was in use is known of a process.

use std::fs;
use std::process::Command;
use std::time::Instant;

use render_plugins::open::Runtime;

/// The variable that names the component that a process runs.
const NAME: &str = "RENDER_HOSTILE";
/// What the line of a process begins with.
const MARK: &str = "cost:";

#[test]
#[ignore = "it measures; `cargo xtask hostile` runs it"]
fn table() {
    println!("\n| component | KB | message | ms | MiB |\n| --- | ---: | --- | ---: | ---: |");
    for case in super::cases() {
        let process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "hostile::table::one", "--ignored", "--nocapture"])
            .env(NAME, &case.name)
            .output()
            .unwrap();
        let text = String::from_utf8(process.stdout).unwrap();
        let cost = text.lines().find_map(|line| line.split_once(MARK)).map_or("died", |(_, cost)| cost);
        println!("| {} | {} | {}", case.name, (case.plugin)().len() / 1000, cost.trim_start());
    }
}

#[test]
#[ignore = "it is a row of the table"]
fn one() {
    let Some(name) = std::env::var_os(NAME) else { return };
    let known = super::cases().into_iter().find(|case| *case.name == name);
    // Any other component may be named by its file, to see what it costs.
    let case = known.unwrap_or_else(|| {
        let component = fs::read(&name).unwrap();
        super::case("file").with(move || component.clone())
    });
    let component = (case.plugin)();
    let case = super::Case { plugin: Box::new(move || component.clone()), ..case };
    let (runtime, before) = (Runtime::default(), resident("VmRSS:"));
    let start = Instant::now();
    let said = super::refusal(&case, &runtime);
    let took = start.elapsed().as_millis();
    let message = said.lines().next().unwrap_or_default().trim_start_matches("error: plugin ");
    let short: String = message.chars().take(110).collect();
    let grown = resident("VmHWM:").saturating_sub(before) / 1024;
    println!("\n{MARK} {} | {took} | {grown} |", short.replace('|', "\\|"));
}

/// What the kernel counts, in KiB.
fn resident(what: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(what)).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or_default()
}
