//! An end to work that may have none. It runs on a thread of its own, so that nothing is added to the code of a
//! plugin: interrupting it from within costs a tenth to a fifth of every call. A thread cannot be stopped; one
//! that is late is left alone, and ends with its fuel or with the process.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// Why there is no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoResult {
    /// The time is over.
    Late,
    /// The work panicked, or no thread could be started for it.
    Broken,
}

/// Does some work on a stack of so many bytes, and waits for so long.
///
/// # Errors
/// The work was not done in time, or not at all.
pub(super) fn within<T: Send + 'static>(
    time: Duration,
    stack: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, NoResult> {
    let (done, result) = mpsc::sync_channel(1);
    // Where nobody waits any more, the result is for nobody.
    let work = move || drop(done.send(work()));
    thread::Builder::new().stack_size(stack).spawn(work).map_err(|_| NoResult::Broken)?;
    result.recv_timeout(time).map_err(|error| match error {
        RecvTimeoutError::Timeout => NoResult::Late,
        RecvTimeoutError::Disconnected => NoResult::Broken,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_in_time_has_a_result_and_nothing_else_has() {
        let long = Duration::from_mins(1);
        assert_eq!(within(long, 1 << 20, || 7), Ok(7));
        assert_eq!(within(Duration::ZERO, 1 << 20, || thread::sleep(Duration::from_millis(50))), Err(NoResult::Late));
        assert_eq!(within(long, usize::MAX >> 1, || 7), Err(NoResult::Broken));
    }
}
