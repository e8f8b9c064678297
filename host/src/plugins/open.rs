//! From the bytes of a component to code that can be called. Code comes from three places, the fastest
//! first: what the distributed binary embeds, wasmtime's cache in a folder of the user's, the compiler.
//! This is the one stage besides `load` and `emit` that touches the disk, and only in that folder.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use sha2::{Digest, Sha256};
use wasmtime::component::Component;
use wasmtime::{Cache, CacheConfig, Engine};

use super::limits::Limits;
use super::{Plugin, blame, description, sandbox};
use crate::diagnostic::{Diagnostic, Failure};
use crate::embedded::BuiltIn;

/// What all plugins of a run share. An engine is made when the first plugin is called that needs it.
#[derive(Debug, Default)]
pub struct Sandbox {
    /// The limits of a plugin for which nothing else is written.
    pub limits: Limits,
    /// What the options of this run say of limits, each as `NAME=VALUE`: for every plugin, over all that is written.
    options: Vec<String>,
    /// The folder that keeps compiled code, an absolute path; without one everything is compiled anew.
    pub cache: Option<PathBuf>,
    /// For code that is there already.
    plain: OnceLock<Result<Engine, String>>,
    /// For code that is to be compiled. Its cache starts a thread, which a run without need of it saves.
    caching: OnceLock<Result<Engine, String>>,
}

/// Reads a plugin's description; nothing is compiled yet. `named` is what messages call it until its
/// own name is known: the path or reference that the user gave.
///
/// # Errors
/// When the bytes are not a plugin of this version, as [`description::read`] says.
pub fn open(named: &str, bytes: impl Into<Cow<'static, [u8]>>, limits: &Limits) -> Result<Plugin, Diagnostic> {
    let bytes = bytes.into();
    let (description, export) = description::read(&bytes, limits).map_err(|error| blame(named, error))?;
    Ok(Plugin { description, export, limits: *limits, bytes, precompiled: None, compiled: OnceLock::new() })
}

/// The same for a plugin that the binary carries.
///
/// # Errors
/// As [`open`].
pub fn built_in(plugin: &'static BuiltIn, limits: &Limits) -> Result<Plugin, Diagnostic> {
    Ok(Plugin { precompiled: plugin.compiled, ..open(plugin.name, plugin.component, limits)? })
}

/// The compiled code of a plugin; the first use of a plugin compiles it.
///
/// # Errors
/// When the sandbox cannot be started, or the component is not valid.
pub fn compiled<'a>(plugin: &'a Plugin, sandbox: &Sandbox) -> Result<&'a Component, Failure> {
    let engine = sandbox.engine(plugin.precompiled).map_err(Failure::Internal)?;
    let compiled = plugin.compiled.get_or_init(|| compile(engine, &plugin.bytes, plugin.precompiled));
    compiled.as_ref().map_err(|reason| {
        let error = Diagnostic::error(format!("it cannot be compiled: {reason}"))
            .hint("build the plugin again; a component uses only what WebAssembly 2.0 and the component model have");
        Failure::Input(vec![blame(&plugin.description.name, error)])
    })
}

/// Compiles a component for the distribution build, which embeds the result as the file that
/// [`precompiled_name`] names in the folder `RENDER_PRECOMPILED_DIR`.
///
/// # Errors
/// When the component is not valid.
pub fn precompile(component: &[u8]) -> Result<Vec<u8>, Failure> {
    let engine = sandbox::engine(&Limits::default(), None).map_err(Failure::Internal)?;
    engine.precompile_component(component).map_err(|error| Failure::Internal(error.root_cause().to_string()))
}

/// The file that holds the compiled code of a component.
#[must_use]
pub fn precompiled_name(component: &[u8]) -> String {
    format!("{}.cwasm", sha256(component))
}

impl Sandbox {
    /// A sandbox with limits and a folder for compiled code.
    #[must_use]
    pub fn new(limits: Limits, cache: Option<PathBuf>) -> Self {
        Self { limits, options: Vec::new(), cache, plain: OnceLock::new(), caching: OnceLock::new() }
    }

    /// A sandbox with what the options of this run say of limits, each as `NAME=VALUE`.
    ///
    /// # Errors
    /// An option that sets no limit.
    pub fn with_options(options: Vec<String>, cache: Option<PathBuf>) -> Result<Self, Diagnostic> {
        let mut limits = Limits::default();
        limits.set_each(&options)?;
        Ok(Self { options, ..Self::new(limits, cache) })
    }

    /// The limits of a plugin for which something is written, a name and a value each: over the defaults what is
    /// written, over that the options of this run.
    ///
    /// # Errors
    /// What is written sets no limit.
    pub fn limits_with<'a>(&self, written: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Limits, Diagnostic> {
        let mut limits = Limits::default();
        written.into_iter().try_for_each(|(name, value)| limits.set(name, value))?;
        limits.set_each(&self.options)?;
        Ok(limits)
    }

    fn engine(&self, precompiled: Option<&[u8]>) -> Result<&Engine, String> {
        let cache = || self.cache.as_deref().and_then(open_cache);
        let engine = if precompiled.is_some() {
            self.plain.get_or_init(|| sandbox::engine(&self.limits, None))
        } else {
            self.caching.get_or_init(|| sandbox::engine(&self.limits, cache()))
        };
        engine.as_ref().map_err(Clone::clone)
    }
}

/// The cache in a folder; none when the folder cannot be used, as a read-only home is no mistake.
fn open_cache(folder: &Path) -> Option<Cache> {
    let mut config = CacheConfig::new();
    config.with_directory(folder);
    Cache::new(config).ok()
}

/// Code of another engine is passed over, and the component compiled.
fn compile(engine: &Engine, component: &[u8], precompiled: Option<&'static [u8]>) -> Result<Component, String> {
    precompiled
        .and_then(|code| deserialize(engine, code).ok())
        .map_or_else(|| Component::from_binary(engine, component), Ok)
        .map_err(|error| error.root_cause().to_string())
}

#[expect(unsafe_code, reason = "precompiled code cannot be checked, only trusted")]
fn deserialize(engine: &Engine, code: &'static [u8]) -> wasmtime::Result<Component> {
    // SAFETY: `code` is part of this program, written into it at its build from what `precompile`
    // made of a component; whoever could change it could change the program itself. wasmtime
    // refuses code of another version, target or configuration of the engine.
    unsafe { Component::deserialize(engine, code) }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precompiled_code_is_used_as_it_is() {
        let component = wat::parse_str("(component)").unwrap();
        let code: &'static [u8] = precompile(&component).unwrap().leak();
        let engine = sandbox::engine(&Limits::default(), None).unwrap();
        assert!(compile(&engine, b"never looked at", Some(code)).is_ok());
    }

    #[test]
    fn code_of_another_engine_is_passed_over_and_the_component_compiled() {
        let component = wat::parse_str("(component)").unwrap();
        let code: &'static [u8] = Engine::default().precompile_component(&component).unwrap().leak();
        let engine = sandbox::engine(&Limits::default(), None).unwrap();
        assert!(deserialize(&engine, code).is_err());
        assert!(compile(&engine, &component, Some(code)).is_ok());
    }
}
