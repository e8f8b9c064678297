//! Text from files made fit for showing, the same for every format: a YAML file must not drive a terminal,
//! nor a secret reach a log.

use crate::source::{Place, Sources};

/// What stands in the place of a secret.
const SECRET: &str = "***";

/// A text of a finding: harmless, and without any secret that is known. Messages are written so that they
/// hold none; this is the net below, because a value can come by way of an error of a library.
pub(super) fn clean(text: &str, sources: &Sources) -> String {
    let without = sources.secrets().fold(text.to_owned(), |text, secret| text.replace(secret, SECRET));
    harmless(&without)
}

/// The name of a source. An argument is a name and a text at once, as in `--set redis.auth.value=…`, so a
/// secret in it is hidden; a file's name says nothing about what is in the file.
pub(super) fn name(place: Place, sources: &Sources) -> String {
    let source = sources.get(place.source);
    let hidden = sources.hidden().iter().filter(|hide| hide.source == place.source && source.name.starts_with("--"));
    let secrets = hidden.filter_map(|hide| source.text.get(hide.range())).filter(|secret| !secret.is_empty());
    harmless(&secrets.fold(source.name.clone(), |name, secret| name.replace(secret, SECRET)))
}

/// Text in which every character that a terminal would act on is spelt out, as in `\u{1b}`.
pub(crate) fn harmless(text: &str) -> String {
    let spell = |letter: char| if acts(letter) { letter.escape_default().collect() } else { letter.to_string() };
    text.chars().map(spell).collect()
}

/// Controls, line separators, and the marks that turn the direction of text or take no room.
pub(super) fn acts(letter: char) -> bool {
    let marks = matches!(letter, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}');
    letter.is_control() || marks || matches!(letter, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// More names than these help nobody.
const MOST_NAMES: usize = 8;

/// In which environments something was found.
pub(super) fn places(environments: &[String]) -> Option<String> {
    let (named, others) = environments.split_at(environments.len().min(MOST_NAMES));
    let more = if others.is_empty() { String::new() } else { format!(" and {} more", others.len()) };
    (!named.is_empty()).then(|| format!("in {}{more}", named.join(", ")))
}
