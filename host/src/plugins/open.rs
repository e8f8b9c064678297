//! From the bytes of a component to code that can be called. Code comes from three places, the fastest
//! first: what the distributed binary embeds, wasmtime's cache in a folder of the user's, the compiler.
//! This is the one stage besides `load` and `emit` that touches the disk, and only in that folder.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use sha2::{Digest, Sha256};
use wasmtime::component::Component;
use wasmtime::{Cache, CacheConfig, Engine};

use super::limits::{Limits, raise, seconds};
use super::watchdog::{self, NoResult};
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
    /// By the stack of a call, and by whether the code is there already: the cache of code that is to be compiled
    /// starts a thread, which a run without need of it saves.
    engines: Mutex<BTreeMap<(usize, bool), Result<Engine, String>>>,
}

/// The compiler walks what is nested by recursion; nested deeper than this holds is refused before.
const COMPILER_STACK: usize = 16 << 20;

/// Reads a plugin's description; nothing is compiled yet. `named` is what messages call it until its
/// own name is known: the path or reference that the user gave.
///
/// # Errors
/// When the bytes are not a plugin of this version, as [`description::read`] says.
pub fn open(named: &str, bytes: impl Into<Cow<'static, [u8]>>, limits: &Limits) -> Result<Plugin, Diagnostic> {
    let plugin = read(named, bytes.into(), limits)?;
    description::supported(&plugin.description).map_err(|error| blame(named, error))?;
    Ok(plugin)
}

fn read(named: &str, bytes: Cow<'static, [u8]>, limits: &Limits) -> Result<Plugin, Diagnostic> {
    let (description, export) = description::read(&bytes, limits).map_err(|error| blame(named, error))?;
    let bytes = Arc::new(bytes);
    Ok(Plugin { description, export, limits: *limits, bytes, precompiled: None, compiled: OnceLock::new() })
}

/// The same for a plugin that the binary carries, whose schema a test looks through.
///
/// # Errors
/// As [`open`].
pub fn built_in(plugin: &'static BuiltIn, limits: &Limits) -> Result<Plugin, Diagnostic> {
    Ok(Plugin { precompiled: plugin.compiled, ..read(plugin.name, plugin.component.into(), limits)? })
}

/// The compiled code of a plugin; the first use of a plugin compiles it.
///
/// # Errors
/// When the sandbox cannot be started, or the component is not valid.
pub fn compiled<'a>(plugin: &'a Plugin, sandbox: &Sandbox) -> Result<&'a Component, Failure> {
    let engine = sandbox.engine(plugin).map_err(Failure::Internal)?;
    let compiled = plugin.compiled.get_or_init(|| compile(engine, plugin));
    compiled.as_ref().map_err(|error| Failure::Input(vec![blame(&plugin.description.name, error.clone())]))
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
        Self { limits, options: Vec::new(), cache, engines: Mutex::default() }
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

    /// The engine for a plugin: how much stack there is, is a setting of the engine.
    fn engine(&self, plugin: &Plugin) -> Result<Engine, String> {
        let cache = || self.cache.as_deref().and_then(open_cache);
        let mut engines = self.engines.lock().unwrap_or_else(PoisonError::into_inner);
        let kind = (plugin.limits.stack_bytes, plugin.precompiled.is_some());
        let make = || sandbox::engine(&plugin.limits, if plugin.precompiled.is_some() { None } else { cache() });
        engines.entry(kind).or_insert_with(make).clone()
    }
}

/// The cache in a folder; none when the folder cannot be used, as a read-only home is no mistake.
fn open_cache(folder: &Path) -> Option<Cache> {
    let mut config = CacheConfig::new();
    config.with_directory(folder);
    Cache::new(config).ok()
}

/// Code of another engine is passed over, and the component compiled.
fn compile(engine: Engine, plugin: &Plugin) -> Result<Component, Diagnostic> {
    if let Some(component) = plugin.precompiled.and_then(|code| deserialize(&engine, code).ok()) {
        return Ok(component);
    }
    let (bytes, limits) = (Arc::clone(&plugin.bytes), &plugin.limits);
    let compiled =
        watchdog::within(limits.compile_time, COMPILER_STACK, move || Component::from_binary(&engine, &bytes));
    match compiled {
        Ok(Ok(component)) => Ok(component),
        Ok(Err(error)) => Err(Diagnostic::error(format!("it cannot be compiled: {}", error.root_cause()))
            .hint("build the plugin again; a component uses only what WebAssembly 2.0 and the component model have")),
        Err(NoResult::Late) => {
            let limit = seconds(limits.compile_time);
            Err(Diagnostic::error(format!("it takes more than {limit} to compile, which it may take")).hint(raise(
                limits,
                "compile-time",
                0,
                "a plugin has a few hundred functions, none of them long",
            )))
        }
        Err(NoResult::Broken) => Err(Diagnostic::error("it cannot be compiled: the compiler gave up")
            .hint("build the plugin again, and send it to whoever maintains render if that does not help")),
    }
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

    const PLUGIN: &str = r#"(component (instance $i) (export "render:plugin/provider@1.0.0" (instance $i))
        (@custom "render:description" "{\"name\":\"a\",\"version\":\"1.0.0\",\"about\":\"\",\"schema\":{},\"permissions\":{}}"))"#;

    fn with_code(code: Vec<u8>) -> Plugin {
        let plugin = open("a", wat::parse_str(PLUGIN).unwrap(), &Limits::default()).unwrap();
        Plugin { precompiled: Some(code.leak()), ..plugin }
    }

    #[test]
    fn precompiled_code_is_used_as_it_is() {
        let component = wat::parse_str("(component)").unwrap();
        let plugin =
            Plugin { bytes: Arc::new(b"never looked at"[..].into()), ..with_code(precompile(&component).unwrap()) };
        assert!(compiled(&plugin, &Sandbox::default()).is_ok());
    }

    #[test]
    fn code_of_another_engine_is_passed_over_and_the_component_compiled() {
        let component = wat::parse_str("(component)").unwrap();
        let plugin = with_code(Engine::default().precompile_component(&component).unwrap());
        let sandbox = Sandbox::default();
        assert!(deserialize(&sandbox.engine(&plugin).unwrap(), plugin.precompiled.unwrap()).is_err());
        assert!(compiled(&plugin, &sandbox).is_ok());
    }

    #[test]
    fn the_options_come_over_what_is_written_and_that_over_the_defaults() {
        let options = vec!["fuel=7".to_owned()];
        let limits =
            Sandbox::with_options(options, None).unwrap().limits_with([("fuel", "8"), ("changes", "9")]).unwrap();
        assert_eq!(limits, Limits { fuel: 7, changes: 9, ..Limits::default() });
    }
}
