//! Definitions that `$ref` lead to and that stand beside a document: thousands, of which a run touches a few
//! dozen. Each is read when the first reference leads to it. The tables are offsets into one text, so that the
//! binary has nothing to prepare before it starts.

use std::sync::OnceLock;

use serde_json::Value;

/// Definitions in the order of their names, and the versions in which each holds.
#[derive(Debug)]
pub struct Table {
    /// Every name and every schema, one after another.
    pub text: &'static str,
    /// The definitions, by name.
    pub entries: &'static [Entry],
    /// What was read of each entry.
    pub read: &'static [Cell],
}

/// One definition.
#[derive(Debug)]
pub struct Entry {
    /// Its name.
    pub name: Span,
    /// The first and the last version in which it holds.
    pub versions: (u8, u8),
    /// Its schema, as JSON.
    pub schema: Span,
}

/// A range of bytes of the table's text.
pub(crate) type Span = (u32, u32);

/// A definition once it was asked for; `None` when it is no JSON.
pub type Cell = OnceLock<Option<Box<Value>>>;

/// The definitions of a table as they are in one version.
#[derive(Debug, Clone, Copy)]
pub struct Definitions {
    /// The table.
    pub table: &'static Table,
    /// The version.
    pub version: u8,
}

impl Definitions {
    /// The definition of a name.
    #[must_use]
    pub(crate) fn get(self, name: &str) -> Option<&'static Value> {
        let Table { entries, read, .. } = self.table;
        let first = entries.partition_point(|entry| self.table.slice(entry.name) < name);
        let same = entries.iter().zip(*read).skip(first).take_while(|(entry, _)| self.table.slice(entry.name) == name);
        let holds = |entry: &Entry| (entry.versions.0..=entry.versions.1).contains(&self.version);
        let (entry, cell) = same.into_iter().find(|(entry, _)| holds(entry))?;
        let schema = || serde_json::from_str(self.table.slice(entry.schema)).ok().map(Box::new);
        cell.get_or_init(schema).as_deref()
    }
}

impl Table {
    fn slice(&self, (start, end): Span) -> &'static str {
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }
}

// `KUBERNETES`: the definitions of Kubernetes' objects and of the custom resources that the binary knows.
include!(concat!(env!("OUT_DIR"), "/kubernetes_definitions.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_definition_can_be_read_and_found() {
        let table = &KUBERNETES;
        assert!(!table.entries.is_empty());
        for entry in table.entries {
            let name = table.slice(entry.name);
            let found = Definitions { table, version: entry.versions.0 }.get(name);
            assert!(found == serde_json::from_str(table.slice(entry.schema)).ok().as_ref(), "{name}");
        }
    }

    #[test]
    fn a_definition_is_that_of_its_version() {
        let pod = |version| Definitions { table: &KUBERNETES, version }.get("core.v1.PodSpec");
        assert!(pod(35).is_some_and(|schema| schema["properties"].get("containers").is_some()));
        assert_ne!(pod(33), pod(37));
        assert_eq!(pod(200), None);
        assert_eq!(Definitions { table: &KUBERNETES, version: 35 }.get("core.v1.PodSpecs"), None);
    }
}
