//! The program as its user meets it. One test binary, so that everything links once; one module for each
//! subject, with its fixtures in the folder of the same name.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

// Values against schemas: what is said, and that the reference implementation agrees.
mod schema;
