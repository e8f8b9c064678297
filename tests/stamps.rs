//! The committed components are what the committed sources make: a changed source without a rebuilt
//! component fails here, where no wasm target is needed to notice it.

use std::fs;
use std::path::Path;

use crate::support::root;

#[test]
fn the_built_plugins_are_those_of_the_sources() {
    if let Err(stale) = xtask::plugins::check(&root()) {
        panic!("{stale}");
    }
}

#[test]
fn a_changed_source_is_noticed() {
    let copy = tempfile::tempdir().unwrap();
    for part in ["plugins", "schemas", "xtask"] {
        copy_tree(&root().join(part), &copy.path().join(part));
    }
    xtask::plugins::check(copy.path()).unwrap();
    let source = copy.path().join("plugins/gke/src/lib.rs");
    let changed = fs::read_to_string(&source).unwrap() + "\n// changed\n";
    fs::write(&source, changed).unwrap();
    let stale = xtask::plugins::check(copy.path()).unwrap_err();
    assert!(stale.contains("gke") && stale.contains("cargo xtask plugins"), "{stale}");
}

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true if entry.file_name() == "target" => {}
            true => copy_tree(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}
