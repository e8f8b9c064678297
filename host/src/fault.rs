//! What is told of a panic, which is a mistake of this program: where it is, and not what it says. Such a message may quote
//! a part of the text that was being read.

use std::panic::Location;

use crate::terminal;

/// Tells of panics from here on.
pub(crate) fn tell_of_panics() {
    std::panic::set_hook(Box::new(|panic| terminal::mention(&text(panic.location()))));
}

fn text(place: Option<&Location<'_>>) -> String {
    let place = place.map_or_else(String::new, |place| format!(" at {}:{}", place.file(), place.line()));
    format!("error: render panicked{place}, which is a mistake of render: please report it, with the command\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_with_its_place() {
        let told = text(Some(Location::caller()));
        assert!(told.starts_with("error: render panicked at ") && told.contains("fault.rs:"), "{told}");
    }
}
