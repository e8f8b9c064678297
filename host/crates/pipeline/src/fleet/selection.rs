//! Which environments a run of several is about: those whose names fit a pattern, or the part of them that falls to
//! one machine of many.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use glob::Pattern;
use sha2::{Digest, Sha256};

use render_files::Roots;
use render_text::diagnostic::{Diagnostic, Failure};

use crate::load;

/// Which environments are meant.
#[derive(Debug, Clone)]
pub struct Selection {
    pattern: Pattern,
    shard: Option<Shard>,
}

/// One part of many, of about the same size. A name falls to the same part whatever others come or go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Its number, from 0, as that of a Kubernetes Job's pod.
    index: u32,
    /// How many there are.
    count: u32,
}

impl Selection {
    /// The names that fit a pattern, or those of them in one part: `*` is any text, `?` any letter, `[ab]` one of some.
    ///
    /// # Errors
    /// A text that is no pattern.
    pub fn new(pattern: &str, shard: Option<Shard>) -> Result<Self, Diagnostic> {
        let pattern = Pattern::new(pattern).map_err(|error| {
            Diagnostic::error(format!("`{pattern}` is no pattern of names: {}", error.msg))
                .hint("in a pattern * is any text, ? any letter, and [ab] one of some letters")
        })?;
        Ok(Self { pattern, shard })
    }

    /// Whether an environment of this name is meant, or would be.
    #[must_use]
    pub(crate) fn covers(&self, name: &str) -> bool {
        self.pattern.matches(name) && self.shard.is_none_or(|shard| shard.covers(name))
    }

    /// The one environment of a name, whatever letters it has.
    #[must_use]
    pub(crate) fn one(name: &str) -> Self {
        let pattern = Pattern::new(&Pattern::escape(name)).unwrap_or_default();
        Self { pattern, shard: None }
    }

    /// The environments of a folder that are meant: the files that no other one extends. A part may have none.
    ///
    /// # Errors
    /// No environment fits the pattern; there is no folder, or it cannot be read.
    pub(crate) fn environments(&self, folder: Option<&Path>, roots: &Roots) -> Result<Vec<String>, Failure> {
        let known = load::environments_on_disk(folder, roots)?;
        if !known.iter().any(|name| self.pattern.matches(name)) {
            let none = Diagnostic::error(format!("no environment fits `{}`", self.pattern));
            let hint = match known.as_slice() {
                [] => "the folder of environments has none: an environment is a file NAME.yaml".to_owned(),
                some => format!("there are: {}", some.join(", ")),
            };
            return Err(none.hint(hint).into());
        }
        Ok(known.into_iter().filter(|name| self.covers(name)).collect())
    }
}

/// Of names that are no environments any more: those without a file, and those whose file is a layer of others now, so
/// that what an earlier run made of them is not for this one to remove.
///
/// # Errors
/// The folder of environments is missing.
pub(crate) fn gone_and_layers(
    names: Vec<String>,
    folder: Option<&Path>,
    roots: &Roots,
) -> Result<(Vec<String>, Vec<String>), Failure> {
    let (mut gone, mut layers) = (Vec::new(), Vec::new());
    for name in names {
        let list = if load::is_file(&name, folder, roots)? { &mut layers } else { &mut gone };
        list.push(name);
    }
    Ok((gone, layers))
}

impl Shard {
    fn covers(self, name: &str) -> bool {
        let digest = Sha256::digest(name);
        let number = digest.iter().take(8).fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
        number % u64::from(self.count) == u64::from(self.index)
    }
}

impl FromStr for Shard {
    type Err = String;

    /// Reads `2/8`, the third of eight.
    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
        match parts {
            Some((index, count)) if index < count => Ok(Self { index, count }),
            Some((_, count @ 1..)) => {
                Err(format!("parts count from 0: the last one of {count} is {}/{count}", count - 1))
            }
            _ => Err("a part is its number, from 0, and how many there are, as in 0/4".to_owned()),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.index, self.count)
    }
}
