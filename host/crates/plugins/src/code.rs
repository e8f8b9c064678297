//! Compiled code that is kept, so that a plugin is compiled once and not in each run.
//!
//! Code runs as it is, outside of any sandbox, so what is read must be what was written. wasmtime's own cache is
//! atomic, keyed and bounded, but reads whatever stands in the file: a flipped bit is undefined behaviour. Here each
//! file begins with the sha256 of its name and its code, and a file that is cut short, damaged, or put in the place of
//! another is compiled anew. Against somebody who may write the file, no such sum helps, and neither would a key,
//! which would lie beside it, readable by the same user: that is what the folder's permissions are for
//! ([`super::cache`]).
//!
//! The name is that of the component's content and of everything about the engine that matters: version, target,
//! configuration. Runs at the same time may each compile; whichever is last to finish leaves the same file.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use sha2::{Digest, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use render_text::hex;

use super::cache::Folder;

/// Where code is, below the folder of the cache.
const FOLDER: &str = "code";
/// Bytes of code that are kept: a thousand plugins of the usual size, or a dozen that bring an interpreter.
const MOST_BYTES: u64 = 1 << 30;
/// The largest file that is read.
const MOST_BYTES_OF_ONE: usize = 512 << 20;
/// A sha256.
const SUM: usize = 32;

/// The compiled component: from the cache, or compiled and put there. What is wrong with the cache is no mistake:
/// a home that is full or read-only only makes a run slower.
pub(super) fn of(engine: &Engine, component: &[u8], cache: Option<&Path>) -> wasmtime::Result<Component> {
    let Some(folder) = cache.and_then(|cache| Folder::open(&cache.join(FOLDER)).ok()) else {
        return Component::from_binary(engine, component);
    };
    let name = name(engine, component);
    if let Some(compiled) = kept(engine, &folder, &name) {
        return Ok(compiled);
    }
    let code = engine.precompile_component(component)?;
    if folder.write(&name, &[&sum(&name, &code), &code]).is_ok() {
        folder.keep_within(MOST_BYTES);
    }
    deserialize(engine, &code)
}

fn name(engine: &Engine, component: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    format!("{}-{:016x}", hex::sha256(component), hasher.finish())
}

fn kept(engine: &Engine, folder: &Folder, name: &str) -> Option<Component> {
    let file = folder.read(name, MOST_BYTES_OF_ONE)?;
    let (written, code) = file.split_at_checked(SUM)?;
    if written != sum(name, code).as_slice() {
        return None;
    }
    deserialize(engine, code).ok()
}

fn sum(name: &str, code: &[u8]) -> [u8; SUM] {
    Sha256::new().chain_update(name).chain_update(code).finalize().into()
}

/// Makes a component of compiled code, which must be what the compiler of this very program gave: it was just
/// compiled, was found unchanged in a folder that only the user may write to, or is part of the program.
#[expect(unsafe_code, reason = "compiled code cannot be checked, only trusted")]
pub(super) fn deserialize(engine: &Engine, code: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: whoever could have changed `code` could have changed the program, or the user's files, too; the callers
    // see to that, as said above. wasmtime refuses code of another version, target or configuration of the engine.
    unsafe { Component::deserialize(engine, code) }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test damages the files of the cache")]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::*;
    use crate::limits::Limits;
    use crate::sandbox;

    fn engine() -> Engine {
        sandbox::engine(&Limits::default()).unwrap()
    }

    /// A component, a cache that holds its code, and the file.
    fn cached(engine: &Engine, cache: &Path, component: &[u8]) -> PathBuf {
        of(engine, component, Some(cache)).unwrap();
        cache.join(FOLDER).join(name(engine, component))
    }

    #[test]
    fn what_is_not_what_was_written_is_compiled_anew_and_mended() {
        let (engine, cache) = (engine(), tempfile::tempdir().unwrap());
        let component = wat::parse_str("(component)").unwrap();
        let other = wat::parse_str("(component (core module))").unwrap();
        let another = fs::read(cached(&engine, cache.path(), &other)).unwrap();
        let file = cached(&engine, cache.path(), &component);
        let good = fs::read(&file).unwrap();
        let name = name(&engine, &component);
        let folder = Folder::open(&cache.path().join(FOLDER)).unwrap();
        let bad = [
            [&good[..100], &[!good[100]], &good[101..]].concat(),
            good[..good.len() / 2].to_vec(),
            good[..SUM].to_vec(),
            good[..1].to_vec(),
            Vec::new(),
            another,
        ];
        for bytes in bad {
            fs::write(&file, &bytes).unwrap();
            assert!(kept(&engine, &folder, &name).is_none(), "{} bytes were taken for code", bytes.len());
            assert!(of(&engine, &component, Some(cache.path())).is_ok());
            assert!(fs::read(&file).unwrap() == good, "it was not mended");
        }
        assert!(kept(&engine, &folder, &name).is_some());
    }

    #[test]
    fn code_of_another_configuration_has_another_name() {
        let component = wat::parse_str("(component)").unwrap();
        assert_eq!(name(&engine(), &component), name(&engine(), &component));
        assert_ne!(name(&engine(), &component), name(&Engine::default(), &component));
    }
}
