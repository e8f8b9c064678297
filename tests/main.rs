//! The program as its user meets it. One test binary, so that everything links once; one module for
//! each subject, with its fixtures in the folder of the same name.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

// Commands as they are typed, with all that they print.
mod commands;
// What the environments promise, found in manifests and notes.
mod promises;
// Values against schemas: what is said, and that the reference implementation agrees.
mod schema;
// The committed schemas are what the types say.
mod schemas;
// Every environment as it was reviewed.
mod snapshots;
// What every test needs.
mod support;
