//! Any bytes are a component that is refused with a word, or one that runs within small limits: it answers, or is
//! stopped with a word, and the same twice.

use std::sync::LazyLock;
use std::time::Duration;

use render_plugins::limits::Limits;
use render_plugins::open::{Runtime, compiled, open};
use render_plugins::sandbox;
use render_text::diagnostic::Failure;

/// The first byte says what follows: a component, or changes to one, two bytes for a place and one for what is there.
pub fn check(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    let component = if *first == 0 { bytes.to_vec() } else { changed(*first, rest) };
    let said = run(&component);
    if said.as_ref().is_ok_and(|fuel| *fuel > 0) {
        assert_eq!(said, run(&component), "another time, another answer");
    }
}

/// The fuel that it used, or what was said instead.
fn run(component: &[u8]) -> Result<u64, String> {
    let plugin = open("fuzz", component.to_vec(), &LIMITS).map_err(|error| told(error.message))?;
    let code = compiled(&plugin, &RUNTIME).map_err(refused)?;
    let answer = sandbox::call(&code, "render:plugin/provider@1.0.0", &LIMITS, "{}".to_owned());
    answer.map(|answer| answer.fuel).map_err(refused)
}

fn refused(failure: Failure) -> String {
    match failure {
        Failure::Input(found) => told(found[0].message.clone()),
        Failure::Internal(message) => panic!("a component may be wrong, the program may not: {message}"),
    }
}

fn told(message: String) -> String {
    assert!(!message.is_empty(), "refused without a word");
    assert!(!message.contains("the compiler gave up"), "the compiler panicked");
    message
}

fn changed(first: u8, changes: &[u8]) -> Vec<u8> {
    let mut component = GOOD[usize::from(first) % GOOD.len()].clone();
    for change in changes.chunks_exact(3) {
        let length = component.len();
        let at = usize::from(u16::from_be_bytes([change[0], change[1]])) % length;
        match first >> 6 {
            0 => component[at] = change[2],
            1 => component[at] ^= 1 << (change[2] % 8),
            2 => component.truncate(at.max(8)),
            _ => component.insert(at, change[2]),
        }
    }
    component
}

/// Small enough that a run takes milliseconds; the time is for a machine that is busy.
static LIMITS: Limits = Limits {
    memory_bytes: 8 << 20,
    fuel: 1_000_000,
    stack_bytes: 64 << 10,
    component_bytes: 64 << 10,
    description_bytes: 16 << 10,
    response_bytes: 64 << 10,
    changes: 100,
    added: 10,
    compile_time: Duration::from_secs(10),
    wall_time: Duration::from_secs(10),
};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new(LIMITS, None));

/// Components that work: one that answers a constant, and one that computes.
static GOOD: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| {
    [include_bytes!("../components/answers.wasm").to_vec(), include_bytes!("../components/computes.wasm").to_vec()]
});
