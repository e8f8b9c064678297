//! Where a plugin runs: an engine whose every setting serves one of two ends, the same output on every
//! machine and an end to every call; and one call in a store of its own. Nothing is linked, so there
//! is nothing a plugin could reach.

use std::io;
use std::str::Utf8Error;

use rustix::io::Errno;
use wasmtime::component::{Component, Instance, Linker, TypedFunc};
use wasmtime::{Config, Engine, ResourceLimiter, Store, Trap};

use render_text::diagnostic::{Diagnostic, Failure};

use super::limits::{Limits, bytes, raise, seconds};
use super::watchdog::{self, NoResult};

/// The triple this program was built for. Naming it keeps the features of the machine that compiles
/// out of the code, so that precompiled plugins run on every machine of that triple.
const TARGET: &str = env!("RENDER_TARGET");

/// What a call gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The text that `transform` returned.
    pub text: String,
    /// The fuel that was used, the same on every machine.
    pub fuel: u64,
    /// The memory and tables that it had at the end, in bytes: they only grow.
    pub memory: usize,
}

/// What a store knows of the memory its instance uses.
#[derive(Debug)]
struct Meter {
    limit: usize,
    used: usize,
    refused: Option<usize>,
}

/// What the host's own part of a call needs of the stack, beside the plugin's.
const HOST_STACK: usize = 2 << 20;

/// Calls `transform` of a compiled component once, in a fresh store, on a stack of its own.
///
/// # Errors
/// When a limit is passed, the component traps, or its answer is no text; [`Failure::Internal`] when this machine has no
/// thread or no memory for it.
pub fn call(component: &Component, export: &str, limits: &Limits, request: String) -> Result<Answer, Failure> {
    let (component, export, limits) = (component.clone(), export.to_owned(), *limits);
    let stack = limits.stack_bytes.saturating_add(HOST_STACK);
    watchdog::within(limits.wall_time, stack, move || call_here(&component, &export, &limits, &request))
        .unwrap_or_else(|no_result| Err(unanswered(no_result, &limits)))
}

fn call_here(component: &Component, export: &str, limits: &Limits, request: &str) -> Result<Answer, Failure> {
    let meter = Meter { limit: limits.memory_bytes, used: 0, refused: None };
    let mut store = Store::new(component.engine(), meter);
    store.limiter(|meter| meter);
    // Counts the bytes that are lifted, before they are copied.
    store.set_hostcall_fuel(limits.response_bytes);
    let text = run(&mut store, component, export, limits, request);
    let text = text.map_err(|error| {
        if is_without_memory(&error) { unreserved() } else { explain(&error, store.data(), limits).into() }
    })?;
    let left = store.get_fuel().unwrap_or_default();
    Ok(Answer { text, fuel: limits.fuel - left, memory: store.data().used })
}

/// The settings of every engine: the plain build, the distributed build and the one that precompiles
/// use the same, or precompiled code is refused.
///
/// # Errors
/// When the compiler does not know this machine.
pub(crate) fn config(limits: &Limits) -> wasmtime::Result<Config> {
    let mut config = Config::new();
    config
        .target(TARGET)?
        .consume_fuel(true)
        .max_wasm_stack(limits.stack_bytes)
        // Nothing is asynchronous, yet the one must not be smaller than the other.
        .async_stack_size(limits.stack_bytes.max(2 << 20))
        .cranelift_nan_canonicalization(true)
        .wasm_relaxed_simd(false)
        // Nobody reads a trace of wasm addresses, and the maps are a third of the compiled code.
        .wasm_backtrace_max_frames(None)
        .generate_address_map(false)
        .native_unwind_info(false)
        // A plugin is started once or twice in a run, which an image of its memory does not repay.
        .memory_init_cow(false);
    Ok(config)
}

fn run(
    store: &mut Store<Meter>,
    component: &Component,
    export: &str,
    limits: &Limits,
    request: &str,
) -> wasmtime::Result<String> {
    store.set_fuel(limits.fuel)?;
    let linker = Linker::new(component.engine());
    let instance = linker.instantiate(&mut *store, component)?;
    let transform = transform(store, &instance, export)?;
    // The text is lifted as a whole: by the time `call` returns, the guest has freed it.
    let (text,) = transform.call(store, (request,))?;
    Ok(text)
}

fn transform<'a>(
    store: &mut Store<Meter>,
    instance: &Instance,
    export: &str,
) -> wasmtime::Result<TypedFunc<(&'a str,), (String,)>> {
    let absent = || wasmtime::format_err!("`{export}` has no function `transform`");
    let provider = instance.get_export_index(&mut *store, None, export).ok_or_else(absent)?;
    let function = instance.get_export_index(&mut *store, Some(&provider), "transform").ok_or_else(absent)?;
    let typed = instance.get_typed_func(store, function);
    typed.map_err(|_| wasmtime::format_err!("its `transform` is not `func(request: string) -> string`"))
}

fn unanswered(no_result: NoResult, limits: &Limits) -> Failure {
    match no_result {
        NoResult::Late => {
            let late = format!("the call exceeded the time limit of {}", seconds(limits.wall_time));
            let reason = "it does too much for this machine, or the machine is busy with something else";
            Diagnostic::error(late).hint(raise(limits, "wall-time", 0, reason)).into()
        }
        NoResult::Broken => {
            let stack = bytes(limits.stack_bytes);
            Failure::Internal(format!(
                "there is no thread for it: a call needs a stack of {stack}; see what else runs on this machine"
            ))
        }
    }
}

/// Memory of plugins is reserved where it can grow to its end, which takes addresses and no memory.
fn unreserved() -> Failure {
    let fact = "no memory could be reserved for it: a plugin needs addresses for 4 GiB, used or not";
    Failure::Internal(format!("{fact}; raise the limit of the address space (`ulimit -v`)"))
}

/// Whether the system refused memory, which is no fault of a plugin.
fn is_without_memory(error: &wasmtime::Error) -> bool {
    let code = |cause: &(dyn std::error::Error + 'static)| {
        let errno = cause.downcast_ref::<Errno>().map(|errno| errno.raw_os_error());
        errno.or_else(|| cause.downcast_ref::<io::Error>()?.raw_os_error())
    };
    error.chain().any(|cause| code(cause) == Some(Errno::NOMEM.raw_os_error()))
}

/// Tells the ways a call can end apart.
fn explain(error: &wasmtime::Error, meter: &Meter, limits: &Limits) -> Diagnostic {
    if let Some(wanted) = meter.refused {
        let (asked, limit) = (bytes(wanted), bytes(limits.memory_bytes));
        return Diagnostic::error(format!("it asked for {asked} of memory; the limit of a call is {limit}"))
            .hint(raise(limits, "memory", wanted, "a Rust plugin needs a few MiB, an interpreter some tens"));
    }
    let bug = "this is a bug of the plugin: send its author the environment that shows it";
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => {
            return Diagnostic::error(format!("the call exceeded the limit of {} units of fuel", limits.fuel))
                .hint(raise(limits, "fuel", 0, "it loops, or does far more than a plugin has to"));
        }
        Some(Trap::StackOverflow) => {
            let limit = bytes(limits.stack_bytes);
            return Diagnostic::error(format!("the call exceeded the stack limit of {limit}")).hint(raise(
                limits,
                "stack",
                0,
                "it recurses without end, or too deeply",
            ));
        }
        Some(trap) => {
            let reason = trap.to_string().replace("wasm trap: ", "");
            return Diagnostic::error(format!("it stopped with a trap: {reason}")).hint(bug);
        }
        None => {}
    }
    if error.downcast_ref::<Utf8Error>().is_some() {
        return Diagnostic::error("its answer is not valid UTF-8").hint(bug);
    }
    let cause = error.root_cause().to_string();
    // The error's type is private to wasmtime; the fixture `answer-too-long` fails if the text changes.
    if cause.contains("fuel allocated for hostcalls") {
        let limit = bytes(limits.response_bytes);
        return Diagnostic::error(format!("its answer exceeds the limit of {limit}")).hint(raise(
            limits,
            "response-size",
            0,
            "a plugin answers with changes, not with everything it was given",
        ));
    }
    if let Some(count) = cause.strip_prefix("resource limit exceeded: ") {
        return Diagnostic::error(format!("it is made of too many parts: {count}"))
            .hint("a plugin has one memory, and one that brings an interpreter a few; link it into fewer modules");
    }
    Diagnostic::error(format!("it cannot be run: {cause}")).hint(bug)
}

impl Meter {
    /// Allows or refuses growth of a memory or a table. A refusal is remembered and ends the call:
    /// most guests would answer it with a trap that does not say why.
    fn grow(&mut self, current: usize, desired: usize) -> wasmtime::Result<bool> {
        let wanted = self.used.saturating_add(desired.saturating_sub(current));
        if wanted > self.limit {
            self.refused = Some(wanted);
            wasmtime::bail!("memory limit");
        }
        self.used = wanted;
        Ok(true)
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        // Past its own maximum a memory says no by itself.
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        self.grow(current, desired)
    }

    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        Err(error)
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let size = size_of::<usize>();
        self.grow(current.saturating_mul(size), desired.saturating_mul(size))
    }

    fn table_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        Err(error)
    }

    fn instances(&self) -> usize {
        64
    }

    fn memories(&self) -> usize {
        16
    }

    fn tables(&self) -> usize {
        64
    }
}

/// The engine of one run.
///
/// # Errors
/// When this machine cannot run compiled code.
pub(crate) fn engine(limits: &Limits) -> Result<Engine, String> {
    let engine = config(limits).and_then(|config| Engine::new(&config));
    engine.map_err(|error| format!("cannot start the plugin sandbox: {}", error.root_cause()))
}
