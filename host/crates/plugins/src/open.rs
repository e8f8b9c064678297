//! From the bytes of a component to code that can be called. Code comes from three places, the fastest
//! first: what the distributed binary embeds, the cache in a folder of the user's (`code.rs`), the compiler.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use wasmtime::Engine;
use wasmtime::component::Component;

use render_text::diagnostic::{Diagnostic, Failure};
use render_text::hex;

use super::built_in::BuiltIn;
use super::limits::{Limits, raise, seconds};
use super::watchdog::{self, NoResult};
use super::{Plugin, blame, code, description, sandbox};

/// What all plugins of a run share. An engine is made when the first plugin is called that needs it.
#[derive(Debug, Default)]
pub struct Runtime {
    /// The limits of a plugin for which nothing else is written.
    pub limits: Limits,
    /// What the options of this run say of limits, each as `NAME=VALUE`: for every plugin, over all that is written.
    options: Vec<String>,
    /// The folder that keeps compiled code; without one everything is compiled anew.
    pub cache: Option<PathBuf>,
    /// An engine for each size of the stack, which is the one limit that an engine has for all its calls.
    engines: Mutex<Vec<(usize, Engine)>>,
    /// What was compiled, or could not be: a run of several environments does it once for each component and engine.
    compiled: Mutex<BTreeMap<(Content, usize), Compiled>>,
}

/// The code of a component, or why there is none, as soon as somebody asked.
type Compiled = Arc<OnceLock<Result<Component, Diagnostic>>>;

/// What tells the bytes of one component from those of others.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Content {
    /// The address of those that the binary carries.
    BuiltIn(usize),
    /// The sha256 of others.
    Other(String),
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
    Ok(Plugin { description, export, limits: *limits, bytes, precompiled: None })
}

/// The same for a plugin that the binary carries, whose schema a test looks through.
///
/// # Errors
/// As [`open`].
pub fn built_in(plugin: &'static BuiltIn, limits: &Limits) -> Result<Plugin, Diagnostic> {
    Ok(Plugin { precompiled: plugin.compiled, ..read(plugin.name, plugin.component.into(), limits)? })
}

/// The compiled code of a plugin; its first use in a sandbox compiles it.
///
/// # Errors
/// When the sandbox cannot be started, or the component is not valid.
pub fn compiled(plugin: &Plugin, runtime: &Runtime) -> Result<Component, Failure> {
    let engine = runtime.engine(&plugin.limits).map_err(Failure::Internal)?;
    let place = runtime.place(plugin);
    let compiled = place.get_or_init(|| compile(engine, plugin, runtime));
    compiled.clone().map_err(|error| Failure::Input(vec![blame(&plugin.description.name, error)]))
}

/// Compiles a component for the distribution build, which embeds the result as the file that
/// [`precompiled_name`] names in the folder `RENDER_PRECOMPILED_DIR`.
///
/// # Errors
/// When the component is not valid.
pub fn precompile(component: &[u8]) -> Result<Vec<u8>, Failure> {
    let engine = sandbox::engine(&Limits::default()).map_err(Failure::Internal)?;
    engine.precompile_component(component).map_err(|error| Failure::Internal(error.root_cause().to_string()))
}

/// The file that holds the compiled code of a component.
#[must_use]
pub fn precompiled_name(component: &[u8]) -> String {
    format!("{}.cwasm", hex::sha256(component))
}

impl Runtime {
    /// A sandbox with limits and a folder for compiled code.
    #[must_use]
    pub fn new(limits: Limits, cache: Option<PathBuf>) -> Self {
        Self { limits, cache, ..Self::default() }
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

    /// Where the code of a plugin is, or is to be.
    fn place(&self, plugin: &Plugin) -> Compiled {
        let content = match &*plugin.bytes {
            Cow::Borrowed(bytes) => Content::BuiltIn(bytes.as_ptr().addr()),
            Cow::Owned(bytes) => Content::Other(hex::sha256(bytes)),
        };
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(compiled.entry((content, plugin.limits.stack_bytes)).or_default())
    }

    fn engine(&self, limits: &Limits) -> Result<Engine, String> {
        let mut engines = self.engines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, engine)) = engines.iter().find(|(stack, _)| *stack == limits.stack_bytes) {
            return Ok(engine.clone());
        }
        let engine = sandbox::engine(limits)?;
        engines.push((limits.stack_bytes, engine.clone()));
        Ok(engine)
    }
}

/// Code of another engine is passed over, and the component compiled.
fn compile(engine: Engine, plugin: &Plugin, runtime: &Runtime) -> Result<Component, Diagnostic> {
    if let Some(component) = plugin.precompiled.and_then(|code| code::deserialize(&engine, code).ok()) {
        return Ok(component);
    }
    let (bytes, limits, cache) = (Arc::clone(&plugin.bytes), &plugin.limits, runtime.cache.clone());
    let compiled =
        watchdog::within(limits.compile_time, COMPILER_STACK, move || code::of(&engine, &bytes, cache.as_deref()));
    match compiled {
        Ok(Ok(component)) => Ok(component),
        Ok(Err(error)) => Err(Diagnostic::error(format!("it cannot be compiled: {}", error.root_cause()))
            .hint("build the plugin again; a component uses only what WebAssembly 2.0 and the component model have")),
        Err(NoResult::Late) => {
            let limit = seconds(limits.compile_time);
            Err(Diagnostic::error(format!("compiling it exceeded the limit of {limit}")).hint(raise(
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

#[cfg(test)]
mod tests {
    use super::*;

    const DESCRIPTION: &str = r#"{"name":"tiny","version":"1","about":"for tests","schema":{},"permissions":{}}"#;

    /// A plugin that does nothing but be there, with code that the binary might carry.
    fn tiny(code: &'static [u8], bytes: &'static [u8]) -> Plugin {
        let (description, export) = (serde_json::from_str(DESCRIPTION).unwrap(), String::new());
        let limits = Limits::default();
        Plugin { description, export, limits, bytes: Arc::new(bytes.into()), precompiled: Some(code) }
    }

    #[test]
    fn precompiled_code_is_used_as_it_is() {
        let component = wat::parse_str("(component)").unwrap();
        let plugin = tiny(precompile(&component).unwrap().leak(), b"never looked at");
        assert!(compiled(&plugin, &Runtime::default()).is_ok());
    }

    #[test]
    fn code_of_another_engine_is_passed_over_and_the_component_compiled() {
        let component: &'static [u8] = wat::parse_str("(component)").unwrap().leak();
        let code: &'static [u8] = Engine::default().precompile_component(component).unwrap().leak();
        let engine = sandbox::engine(&Limits::default()).unwrap();
        assert!(code::deserialize(&engine, code).is_err());
        assert!(compiled(&tiny(code, component), &Runtime::default()).is_ok());
    }
}
