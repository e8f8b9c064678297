//! The properties that the fuzzer attacks, held by every seed and by every input that ever broke one. How to run the
//! fuzzer itself: README.md beside this file.

#[allow(unreachable_pub, reason = "the fuzzer calls the same files from outside")]
pub(crate) mod properties;

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use crate::support::root;

/// A target: its name, and its property.
type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 10] = [
    ("yaml", properties::yaml::check),
    ("set", properties::set::check),
    ("merge", properties::merge::check),
    ("render", properties::render::check),
    ("apply", properties::apply::check),
    ("component", properties::component::check),
    ("template", properties::template::check),
    ("patches", properties::patches::check),
    ("registry", properties::registry::check),
    ("lock", properties::lock::check),
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

#[test]
fn apply_holds_for_seeds_and_regressions() {
    holds(TARGETS[4]);
}

#[test]
fn component_holds_for_seeds_and_regressions() {
    holds(TARGETS[5]);
}

#[test]
fn template_holds_for_seeds_and_regressions() {
    holds(TARGETS[6]);
}

#[test]
fn patches_hold_for_seeds_and_regressions() {
    holds(TARGETS[7]);
}

#[test]
fn registry_holds_for_seeds_and_regressions() {
    holds(TARGETS[8]);
}

#[test]
fn lock_holds_for_seeds_and_regressions() {
    holds(TARGETS[9]);
}

/// The components that the fuzzer changes work as they are.
#[test]
fn components_that_are_changed_work() {
    for (name, answer) in [("answers", ANSWERS), ("computes", COMPUTES)] {
        let component = crate::component::running(&crate::component::description("fuzz", "{}"), answer);
        let file = root().join(format!("tests/fuzz/components/{name}.wasm"));
        if crate::support::blessing() {
            fs::write(&file, &component).unwrap();
        }
        assert!(fs::read(&file).unwrap() == component, "{name}");
    }
}

/// Where there is no fuzzer: as many inputs of each target, the same in every run, each a seed with some changes.
#[test]
fn mutated_seeds_hold() {
    let inputs = std::env::var("RENDER_MUTATED").ok().and_then(|text| text.parse().ok()).unwrap_or(MUTATED);
    thread::scope(|threads| {
        for target in &TARGETS[4..] {
            // The smallest stack that a thread of the program has.
            let thread = thread::Builder::new().name(target.0.to_owned()).stack_size(2 << 20);
            thread.spawn_scoped(threads, move || mutated(*target, inputs)).unwrap();
        }
    });
}

/// How many inputs, unless `RENDER_MUTATED` says more: some seconds for each target, beside each other.
const MUTATED: usize = 1_000;

fn mutated((target, property): Target, inputs: usize) {
    let seeds = xtask::fuzz::seeds(&root(), target).unwrap();
    let mut mutator = xtask::fuzz::Mutator::new();
    for number in 0..inputs {
        let input = mutator.changed(&seeds);
        tried(&format!("input {number} of {target}"), &input, property);
    }
}

const ANSWERS: &str = r#"
    (data (i32.const 65536) "{\"changes\":[]}")
    (func (export "transform") (param i32 i32) (result i32)
      (i32.store (i32.const 0) (i32.const 65536)) (i32.store (i32.const 4) (i32.const 14)) (i32.const 0))"#;
const COMPUTES: &str = r#"
    (global $sum (mut i32) (i32.const 0)) (table 4 funcref) (elem (i32.const 0) $add $fill) (type $f (func (param i32)))
    (func $add (type $f) (global.set $sum (i32.add (global.get $sum) (local.get 0))))
    (func $fill (type $f) (memory.fill (i32.const 4096) (i32.const 32) (i32.and (local.get 0) (i32.const 255))))
    (func $nan (result i64) (i64.reinterpret_f64 (f64.sqrt (f64.const -1))))
    (func (export "transform") (param i32 i32) (result i32) (local $at i32)
      (loop $again
        (call_indirect (type $f) (i32.load8_u (i32.add (local.get 0) (local.get $at))) (i32.and (local.get $at) (i32.const 1)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $at) (local.get 1))))
      (drop (memory.grow (i32.const 1)))
      (if (i64.eqz (call $nan)) (then unreachable))
      (i32.store (i32.const 0) (i32.const 4096)) (i32.store (i32.const 4) (i32.const 8)) (i32.const 0))"#;

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
