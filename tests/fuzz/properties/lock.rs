//! Any text is a lock or is refused with a word, and a lock that is written and read again is the same.

use std::path::PathBuf;

use render_plugins::lock::{Lock, NAME, read};
use render_text::diagnostic::Failure;
use render_text::source::Sources;

/// Any bytes; those that are not UTF-8 never reach the reader, so they are replaced.
pub fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Some(lock) = read_or_refused(&text) {
        let written = lock.text().unwrap();
        let again = read_or_refused(&written).expect("what was written can be read");
        assert_eq!(lock.plugins, again.plugins, "{written}");
    }
}

fn read_or_refused(text: &str) -> Option<Lock> {
    let mut sources = Sources::default();
    let source = sources.add(NAME, text);
    match read(PathBuf::from(NAME), source, &sources) {
        Ok(lock) => Some(lock),
        Err(Failure::Input(found)) => {
            super::told(&found, &sources);
            None
        }
        Err(Failure::Internal(message)) => panic!("input may be wrong, the program may not: {message}"),
    }
}
