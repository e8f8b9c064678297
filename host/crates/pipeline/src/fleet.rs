//! Many environments in one run: which they are, and all cores at work on them. Each goes through the pipeline by
//! itself, and is let go when it is done, so that memory is that of a few environments, however many there are.

pub mod check;
pub mod render;
mod report;
mod selection;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use indicatif::ProgressBar;

use render_platform::values::schema::VOCABULARY;
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::source::Sources;

use crate::load::Request;

use self::report::Report;

pub(crate) use self::selection::gone_and_layers;
pub use self::selection::{Selection, Shard};

/// What a run of several environments came to.
#[derive(Debug)]
pub struct Done<T> {
    /// What became of each environment, in their order.
    pub results: Vec<T>,
    /// What was found, in the order of the environments; what several have in common, once.
    pub findings: Vec<Diagnostic>,
}

/// Does the work of each environment on all cores, and shows on a terminal how far it is. `work` returns what became of
/// one and what was found in it; `sources` takes the texts that findings are about.
///
/// # Errors
/// [`Failure::Input`] with what was found in all environments if one of them is wrong; the first failure that is none
/// of an environment's.
pub(crate) fn run<T: Send>(
    environments: &[String],
    work: impl Fn(&str, &mut Sources) -> Result<(T, Vec<Diagnostic>), Failure> + Sync,
    sources: &mut Sources,
) -> Result<Done<T>, Failure> {
    let (mut report, mut results, mut wrong, mut broken) = (Report::new(sources), Vec::new(), Vec::new(), None);
    let work = |environment: &str| {
        let mut sources = Sources::new(&VOCABULARY);
        (work(environment, &mut sources), sources)
    };
    // It is drawn on stderr, if that is a terminal.
    let bar = ProgressBar::new(environments.len() as u64);
    bar.tick();
    each(environments, work, |environment, (result, sources)| {
        bar.inc(1);
        match result {
            Ok((result, findings)) => {
                results.push(result);
                report.add(environment, findings, &sources);
            }
            Err(Failure::Input(findings)) => {
                wrong.push(environment);
                report.add(environment, findings, &sources);
            }
            Err(failure) => broken = broken.take().or(Some(failure)),
        }
    });
    bar.finish_and_clear();
    let mut findings = report.finish();
    match broken {
        Some(failure) => Err(failure),
        None if results.len() + wrong.len() < environments.len() => {
            Err(Failure::Internal("the system gives no thread to work in".to_owned()))
        }
        None if wrong.is_empty() => Ok(Done { results, findings }),
        None => {
            findings.extend((environments.len() > 1).then(|| failed(&wrong, environments.len())));
            Err(Failure::Input(findings))
        }
    }
}

/// Refuses stdin and pipes for several environments: the first one would read them, and the others nothing.
///
/// # Errors
/// The request names what can be read only once.
pub(crate) fn readable_again(request: &Request) -> Result<(), Diagnostic> {
    let Some(path) = request.read_once() else { return Ok(()) };
    let name = if path == Path::new("-") { "stdin".to_owned() } else { format!("`{}`", path.display()) };
    let once = format!("{name} can be read once, and there are several environments");
    Err(Diagnostic::error(once).hint("write it to a file"))
}

fn failed(wrong: &[&str], all: usize) -> Diagnostic {
    let are = if wrong.len() == 1 { "is" } else { "are" };
    Diagnostic::error(format!("{} of {all} environments {are} wrong: {}", wrong.len(), wrong.join(", ")))
        .hint("mend them; of the others nothing was written either")
}

/// What deep values need; a thread of a program's own has less than its first one.
const STACK: usize = 8 << 20;

/// Does work for each name on all cores, and hands on what comes of it in the order of the names.
fn each<'a, T: Send>(names: &'a [String], work: impl Fn(&str) -> T + Sync, mut done: impl FnMut(&'a str, T)) {
    let next = AtomicUsize::new(0);
    let workers = thread::available_parallelism().map_or(1, usize::from).min(names.len());
    let (sender, receiver) = mpsc::sync_channel(workers);
    let worker = |sender: mpsc::SyncSender<(usize, T)>| {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(name) = names.get(index) else { break };
            if sender.send((index, work(name))).is_err() {
                break;
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..workers {
            let (sender, worker) = (sender.clone(), &worker);
            let thread = thread::Builder::new().stack_size(STACK);
            // Where the system gives no further thread, those that there are do the work.
            let _ = thread.spawn_scoped(scope, move || worker(sender));
        }
        drop(sender);
        in_order(receiver, |index, result| done(&names[index], result));
    });
}

/// Hands on numbered results in the order of their numbers, from 0.
fn in_order<T>(results: impl IntoIterator<Item = (usize, T)>, mut done: impl FnMut(usize, T)) {
    let mut waiting = BTreeMap::new();
    let mut next = 0;
    for (index, result) in results {
        waiting.insert(index, result);
        while let Some(result) = waiting.remove(&next) {
            done(next, result);
            next += 1;
        }
    }
}
