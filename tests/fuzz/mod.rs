//! The properties that the fuzzer attacks, held by every seed and by every input that ever broke one. How to run the
//! fuzzer itself: README.md beside this file.

#[allow(unreachable_pub, reason = "the fuzzer calls the same files from outside")]
pub(crate) mod properties;

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::root;

/// A target: its name, and its property.
type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 4] = [
    ("yaml", properties::yaml::check),
    ("set", properties::set::check),
    ("merge", properties::merge::check),
    ("render", properties::render::check),
];

#[test]
fn yaml_holds_for_seeds_and_regressions() {
    holds(TARGETS[0]);
}

#[test]
fn set_holds_for_seeds_and_regressions() {
    holds(TARGETS[1]);
}

#[test]
fn merge_holds_for_seeds_and_regressions() {
    holds(TARGETS[2]);
}

#[test]
fn render_holds_for_seeds_and_regressions() {
    holds(TARGETS[3]);
}

fn holds((target, property): Target) {
    let seeds = xtask::fuzz::seeds(&root(), target).unwrap();
    assert!(seeds.len() > 50, "only {} seeds were found", seeds.len());
    for (name, seed) in &seeds {
        tried(name, seed, property);
    }
    for path in regressions(target) {
        tried(&path.display().to_string(), &fs::read(&path).unwrap(), property);
    }
}

/// Runs a property, and says which input broke it.
fn tried(name: &str, input: &[u8], property: fn(&[u8])) {
    let held = std::panic::catch_unwind(|| property(input)).is_ok();
    assert!(held, "{name} breaks the property: {}", String::from_utf8_lossy(input));
}

fn regressions(target: &str) -> Vec<PathBuf> {
    let folder = Path::new("tests/fuzz/regressions").join(target);
    let Ok(entries) = fs::read_dir(root().join(folder)) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().path()).collect()
}
