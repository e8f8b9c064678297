//! Where in the tree a check stands, kept on the stack and written out only when a message needs it.

use std::fmt;

/// A way from the root to a value, as a list that grows at its end.
#[derive(Debug, Clone, Copy)]
pub(super) enum Path<'p> {
    /// The whole document.
    Root,
    /// The value under a key.
    Key(&'p Path<'p>, &'p str),
    /// An item of a list.
    Item(&'p Path<'p>, usize),
    /// A key itself, not its value.
    Name(&'p Path<'p>, &'p str),
}

impl fmt::Display for Path<'_> {
    /// `livekit.config.rtc.tcp_port`, `tolerations[0].key`, `podAnnotations["a.b/c"]`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Key(Path::Root, key) if is_plain(key) => out.write_str(key),
            Path::Key(parent, key) if is_plain(key) => write!(out, "{parent}.{key}"),
            Path::Key(parent, key) | Path::Name(parent, key) => write!(out, "{parent}[{key:?}]"),
            Path::Item(parent, index) => write!(out, "{parent}[{index}]"),
        }
    }
}

impl Path<'_> {
    /// What a sentence about the value calls it.
    pub(super) fn subject(&self) -> String {
        match self {
            Path::Root => "the document".to_owned(),
            Path::Name(parent, key) => format!("the key `{key}` {}", parent.inside()),
            _ => format!("`{self}`"),
        }
    }

    /// The same way as a JSON Pointer (RFC 6901).
    pub(super) fn pointer(&self) -> String {
        match self {
            Path::Root => String::new(),
            Path::Key(parent, key) | Path::Name(parent, key) => {
                format!("{}/{}", parent.pointer(), key.replace('~', "~0").replace('/', "~1"))
            }
            Path::Item(parent, index) => format!("{}/{index}", parent.pointer()),
        }
    }

    /// The fields alone, as in `.spec.ports`, since what `kubectl explain` reads has no items.
    pub(super) fn fields(&self) -> String {
        match self {
            Path::Root => String::new(),
            Path::Key(parent, key) | Path::Name(parent, key) => format!("{}.{key}", parent.fields()),
            Path::Item(parent, _) => parent.fields(),
        }
    }

    /// Where a sentence says that something lies inside the value.
    pub(super) fn inside(&self) -> String {
        match self {
            Path::Root => "at the top level".to_owned(),
            _ => format!("in `{self}`"),
        }
    }
}

/// Whether a key can stand between dots without being mistaken for something else.
fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_as_a_user_would_write_them() {
        let root = Path::Root;
        let livekit = Path::Key(&root, "livekit");
        let annotations = Path::Key(&livekit, "podAnnotations");
        let tolerations = Path::Key(&root, "tolerations");
        let first = Path::Item(&tolerations, 0);
        let issuers = Path::Key(&root, "issuers");
        let issuer = Path::Key(&issuers, "letsencrypt-dns");
        for (path, written) in [
            (Path::Key(&annotations, "a.b/c"), "livekit.podAnnotations[\"a.b/c\"]"),
            (Path::Key(&annotations, "say \"hi\"\n"), "livekit.podAnnotations[\"say \\\"hi\\\"\\n\"]"),
            (Path::Key(&first, "key"), "tolerations[0].key"),
            (Path::Key(&issuer, "email"), "issuers.letsencrypt-dns.email"),
            (Path::Key(&root, ""), "[\"\"]"),
        ] {
            assert_eq!(path.to_string(), written);
        }
    }

    #[test]
    fn pointers_escape_and_fields_leave_items_out() {
        let root = Path::Root;
        let ports = Path::Key(&root, "ports");
        let first = Path::Item(&ports, 0);
        let name = Path::Key(&first, "a/b~c");
        assert_eq!(name.pointer(), "/ports/0/a~1b~0c");
        assert_eq!(Path::Key(&first, "name").fields(), ".ports.name");
    }

    #[test]
    fn sentences_name_the_root_and_keys_in_words() {
        let root = Path::Root;
        assert_eq!(root.subject(), "the document");
        assert_eq!(root.inside(), "at the top level");
        let labels = Path::Key(&root, "labels");
        assert_eq!(Path::Name(&labels, "A").subject(), "the key `A` in `labels`");
        assert_eq!(labels.inside(), "in `labels`");
    }
}
