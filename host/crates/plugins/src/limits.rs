//! How much one plugin may use. Every default is a constant with its reason; each breach is told with the
//! number that was passed and with the name by which it is raised.

use std::time::Duration;

use render_text::diagnostic::Diagnostic;
use render_text::suggest::closest;

/// The limits of one call and of the component it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Linear memory and tables of one call together, in bytes.
    pub memory_bytes: usize,
    /// Units of fuel of one call, instantiation included: about one for each instruction, and one
    /// for each byte that a bulk memory instruction moves. The same call always uses the same.
    pub fuel: u64,
    /// Stack of one call, in bytes.
    pub stack_bytes: usize,
    /// Size of a component, in bytes, before it is compiled.
    pub component_bytes: usize,
    /// Size of a description, in bytes.
    pub description_bytes: usize,
    /// Size of an answer, in bytes, before it is copied out of the sandbox.
    pub response_bytes: usize,
    /// Changes in one answer, where a patch counts for each of its operations; remarks, too.
    pub changes: usize,
    /// Manifests added by one answer.
    pub added: usize,
    /// How long compiling may take.
    pub compile_time: Duration,
    /// How long a call may take. It depends on the machine, so it is far beyond what fuel allows.
    pub wall_time: Duration,
}

/// A request of 70 KB needs about 2 MiB of memory; an interpreter in the component needs 30.
const MEMORY_BYTES: usize = 64 << 20;
/// A call of the gke plugin uses 3 million; a loop reaches this in about a second.
const FUEL: u64 = 2_000_000_000;
/// What a thread surely has to spare, and enough for a recursive JSON parser.
const STACK_BYTES: usize = 512 << 10;
/// A Rust plugin is about 100 KB, one that brings an interpreter up to 18 MB.
const COMPONENT_BYTES: usize = 32 << 20;
/// A schema and defaults; the largest schema of the project itself is a tenth of it.
const DESCRIPTION_BYTES: usize = 256 << 10;
/// The manifests of a large cluster, several times.
const RESPONSE_BYTES: usize = 16 << 20;
/// A change has a reason that a person reads.
const CHANGES: usize = 1000;
/// As above; more is a chart of its own.
const ADDED: usize = 200;
/// The 18 MB of an interpreter take half a minute, and minutes in a debug build or on a busy machine; a Rust plugin
/// takes a tenth of a second.
const COMPILE_TIME: Duration = Duration::from_mins(5);
/// All the fuel of a call takes a second or two; the rest is for a machine that is busy with something else.
const WALL_TIME: Duration = Duration::from_mins(1);

/// One limit as it is named on the command line and in `render.lock`.
#[derive(Debug)]
pub struct Limit {
    /// Its name.
    pub name: &'static str,
    /// What it counts.
    pub unit: Unit,
    /// Its number, in bytes or milliseconds where it is a size or a time.
    pub of: fn(&Limits) -> u64,
    set: fn(&mut Limits, u64),
}

/// What a limit counts, which is how its value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Bytes, as in `64MiB`.
    Size,
    /// Things, as in `1000`.
    Count,
    /// Time, as in `10s`.
    Time,
}

/// Every limit.
const ALL: [Limit; 10] = [
    Limit { name: "memory", unit: Unit::Size, of: |l| number(l.memory_bytes), set: |l, n| l.memory_bytes = size(n) },
    Limit { name: "fuel", unit: Unit::Count, of: |l| l.fuel, set: |l, n| l.fuel = n },
    Limit { name: "stack", unit: Unit::Size, of: |l| number(l.stack_bytes), set: |l, n| l.stack_bytes = size(n) },
    Limit {
        name: "component-size",
        unit: Unit::Size,
        of: |l| number(l.component_bytes),
        set: |l, n| l.component_bytes = size(n),
    },
    Limit {
        name: "description-size",
        unit: Unit::Size,
        of: |l| number(l.description_bytes),
        set: |l, n| l.description_bytes = size(n),
    },
    Limit {
        name: "response-size",
        unit: Unit::Size,
        of: |l| number(l.response_bytes),
        set: |l, n| l.response_bytes = size(n),
    },
    Limit { name: "changes", unit: Unit::Count, of: |l| number(l.changes), set: |l, n| l.changes = size(n) },
    Limit { name: "added", unit: Unit::Count, of: |l| number(l.added), set: |l, n| l.added = size(n) },
    Limit {
        name: "compile-time",
        unit: Unit::Time,
        of: |l| milliseconds(l.compile_time),
        set: |l, n| l.compile_time = Duration::from_millis(n),
    },
    Limit {
        name: "wall-time",
        unit: Unit::Time,
        of: |l| milliseconds(l.wall_time),
        set: |l, n| l.wall_time = Duration::from_millis(n),
    },
];

/// More stack than this is no limit, and would have to be reserved.
const MOST_STACK: u64 = 256 << 20;

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: MEMORY_BYTES,
            fuel: FUEL,
            stack_bytes: STACK_BYTES,
            component_bytes: COMPONENT_BYTES,
            description_bytes: DESCRIPTION_BYTES,
            response_bytes: RESPONSE_BYTES,
            changes: CHANGES,
            added: ADDED,
            compile_time: COMPILE_TIME,
            wall_time: WALL_TIME,
        }
    }
}

impl Limits {
    /// Sets the limit of a name: `memory` to `128MiB`, `fuel` to `4000000000`, `wall-time` to `10s`.
    ///
    /// # Errors
    /// A name that no limit has, or a value that is none of its unit.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), Diagnostic> {
        let limit = ALL.iter().find(|limit| limit.name == name).ok_or_else(|| unknown(name))?;
        let number = limit.unit.read(value).filter(|number| limit.takes(*number)).ok_or_else(|| {
            let how = limit.unit.written_as();
            let stack = if limit.name == "stack" { ", not 0 and 256MiB at most" } else { "" };
            Diagnostic::error(format!("the limit `{name}` of plugins cannot be `{value}`"))
                .hint(format!("it is {how}{stack}"))
        })?;
        (limit.set)(self, number);
        Ok(())
    }

    /// Sets what options say, each as `NAME=VALUE`.
    ///
    /// # Errors
    /// As [`Limits::set`], or a text without `=`.
    pub(crate) fn set_each(&mut self, assignments: &[String]) -> Result<(), Diagnostic> {
        assignments.iter().try_for_each(|assignment| match assignment.split_once('=') {
            Some((name, value)) => self.set(name, value),
            None => Err(Diagnostic::error(format!("`--plugin-limit` cannot be `{assignment}`"))
                .hint("it is a name and a value, as in `--plugin-limit memory=128MiB`")),
        })
    }
}

impl Limit {
    fn takes(&self, number: u64) -> bool {
        self.name != "stack" || (1..=MOST_STACK).contains(&number)
    }
}

impl Unit {
    /// The number that a value means, in bytes or milliseconds where it is a size or a time.
    fn read(self, value: &str) -> Option<u64> {
        let digits = value.find(|char: char| !char.is_ascii_digit() && char != '_').unwrap_or(value.len());
        let (number, unit) = value.split_at(digits);
        let number: u64 = number.replace('_', "").parse().ok()?;
        let factor = match (self, unit) {
            (Self::Size | Self::Count, "") | (Self::Time, "ms") => 1,
            (Self::Size, "KiB") => 1 << 10,
            (Self::Size, "MiB") => 1 << 20,
            (Self::Size, "GiB") => 1 << 30,
            (Self::Time, "s") => 1000,
            (Self::Time, "min") => 60_000,
            _ => return None,
        };
        number.checked_mul(factor)
    }

    /// A value as it is read.
    pub(crate) fn write(self, number: u64) -> String {
        let units: &[(u64, &str)] = match self {
            Self::Size => &[(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"), (1, "")],
            Self::Count => &[(1, "")],
            Self::Time => &[(1000, "s"), (1, "ms")],
        };
        let fits = |unit: &&(u64, &str)| number > 0 && number.is_multiple_of(unit.0);
        units.iter().find(fits).map_or_else(|| number.to_string(), |(one, unit)| format!("{}{unit}", number / one))
    }

    fn written_as(self) -> &'static str {
        match self {
            Self::Size => "a size, as in 64MiB or 512KiB",
            Self::Count => "a whole number, as in 1000",
            Self::Time => "a time, as in 10s or 500ms",
        }
    }
}

/// What to do about a breach: `advice`, and how the limit of that name is raised to `enough`. Twice of
/// what there was is proposed where nobody knows how much is enough.
pub(super) fn raise(limits: &Limits, name: &str, enough: usize, advice: &str) -> String {
    let Some(limit) = ALL.iter().find(|limit| limit.name == name) else { return advice.to_owned() };
    let doubled = (limit.of)(limits).max(1).saturating_mul(2);
    let steps = std::iter::successors(Some(doubled), |step| step.checked_mul(2));
    let value = limit.unit.write(steps.into_iter().find(|step| *step >= number(enough)).unwrap_or(u64::MAX));
    format!("{advice}; `--plugin-limit {name}={value}` allows more, as does `limits:` of the plugin in render.lock")
}

fn unknown(name: &str) -> Diagnostic {
    let names = ALL.iter().map(|limit| limit.name);
    let hint = match closest(name, names.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are: {}", names.collect::<Vec<_>>().join(", ")),
    };
    Diagnostic::error(format!("there is no limit `{name}` of plugins")).hint(hint)
}

/// A number of bytes as a message shows it: whole units where it divides, else bytes.
#[must_use]
pub(super) fn bytes(count: usize) -> String {
    match count {
        0 => "0 bytes".to_owned(),
        _ if count.is_multiple_of(1 << 20) => format!("{} MiB", count >> 20),
        _ if count.is_multiple_of(1 << 10) => format!("{} KiB", count >> 10),
        _ => format!("{count} bytes"),
    }
}

/// A time as a message shows it.
#[must_use]
pub(super) fn seconds(time: Duration) -> String {
    if time.subsec_millis() == 0 { format!("{} s", time.as_secs()) } else { format!("{} ms", time.as_millis()) }
}

fn size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn number(size: usize) -> u64 {
    u64::try_from(size).unwrap_or(u64::MAX)
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_as_the_same_number() {
        for limit in ALL {
            for number in [1, 1000, 1024, 2048, 3 << 20, 1 << 30, 1_500] {
                assert_eq!(limit.unit.read(&limit.unit.write(number)), Some(number), "{}", limit.name);
            }
        }
    }

    #[test]
    fn each_name_sets_its_own_limit() {
        for limit in ALL {
            let mut limits = Limits::default();
            limits.set(limit.name, &limit.unit.write(7000)).unwrap();
            let changed: Vec<_> =
                ALL.iter().filter(|other| (other.of)(&limits) != (other.of)(&Limits::default())).collect();
            assert_eq!(changed.len(), 1);
            assert_eq!((changed[0].name, (limit.of)(&limits)), (limit.name, 7000));
        }
    }

    #[test]
    fn what_is_no_limit_is_told() {
        let said = |name, value| {
            let error = Limits::default().set(name, value).unwrap_err();
            format!("{}: {}", error.message, error.hint.unwrap())
        };
        assert_eq!(said("memroy", "1MiB"), "there is no limit `memroy` of plugins: did you mean `memory`?");
        assert_eq!(
            said("memory", "1MB"),
            "the limit `memory` of plugins cannot be `1MB`: it is a size, as in 64MiB or 512KiB"
        );
        assert_eq!(
            said("wall-time", "10"),
            "the limit `wall-time` of plugins cannot be `10`: it is a time, as in 10s or 500ms"
        );
        assert_eq!(
            said("changes", "1KiB"),
            "the limit `changes` of plugins cannot be `1KiB`: it is a whole number, as in 1000"
        );
        for stack in ["0", "1GiB"] {
            assert!(said("stack", stack).ends_with("512KiB, not 0 and 256MiB at most"));
        }
    }

    /// The table in docs/plugins.md has every limit with its default.
    #[test]
    fn every_limit_is_documented() {
        let page = include_str!("../../../../docs/plugins.md");
        for limit in ALL {
            let row = format!("| `{}` | {} | ", limit.name, limit.unit.write((limit.of)(&Limits::default())));
            assert!(page.contains(&row), "docs/plugins.md has no row {row}");
        }
    }

    #[test]
    fn the_proposed_value_is_enough() {
        assert!(raise(&Limits::default(), "memory", 129 << 20, "a").starts_with("a; `--plugin-limit memory=256MiB`"));
        assert!(raise(&Limits::default(), "wall-time", 0, "a").contains("wall-time=120s`"));
    }
}
