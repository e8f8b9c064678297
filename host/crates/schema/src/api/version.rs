//! Which Kubernetes the manifests are for. What one version serves, the next may refuse; so manifests are
//! checked against one version, and the user says which.

use std::fmt;

use super::kinds::MINORS;

/// A minor version of Kubernetes whose schemas the binary has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u8);

impl Version {
    /// Where nobody says: the oldest of the three newest. Those are the ones that Kubernetes maintains, and what is
    /// valid in the oldest is valid in the others, while a field of the newest is none in the others.
    pub const DEFAULT: Self = Self(MINORS.1 - 2);

    /// Reads a version as clusters write it: `1.36`, `v1.36.2`, `1.36.2-gke.1`.
    ///
    /// # Errors
    /// What is no version, or one whose schemas the binary does not have, as a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let minor = text.strip_prefix('v').unwrap_or(text).strip_prefix("1.").and_then(|rest| {
            let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
            let (minor, build) = rest.split_at(end);
            minor.parse::<u8>().ok().filter(|_| build.is_empty() || build.starts_with(['.', '-', '+']))
        });
        match minor {
            Some(minor) if (MINORS.0..=MINORS.1).contains(&minor) => Ok(Self(minor)),
            Some(minor) => Err(format!("there are no schemas of Kubernetes 1.{minor}: {}", known())),
            None => Err(format!("`{text}` is no version of Kubernetes: {}", known())),
        }
    }

    /// Every version that there is, the oldest first.
    pub fn all() -> impl Iterator<Item = Self> {
        (MINORS.0..=MINORS.1).map(Self)
    }

    /// The minor version.
    pub(crate) fn minor(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}", self.0)
    }
}

/// The versions that there are.
fn known() -> String {
    let all: Vec<String> = Version::all().map(|version| version.to_string()).collect();
    format!("there are {}", all.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_clusters_write_them() {
        for text in ["1.36", "v1.36", "1.36.2", "v1.36.2", "1.36.2-gke.1", "1.36.1+k3s1", "1.36+"] {
            assert_eq!(Version::parse(text), Ok(Version(36)), "{text}");
        }
        for text in ["", "1", "1.", "36", "2.36", "1.36x", "1.-36", "vv1.36", "1.360", "latest", "1.3٦"] {
            assert!(Version::parse(text).is_err_and(|wrong| wrong.contains("no version")), "{text}");
        }
        for text in ["1.99", "1.9", "1.36.2".replace("36", "20").as_str()] {
            assert!(Version::parse(text).is_err_and(|wrong| wrong.contains("no schemas")), "{text}");
        }
    }
}
