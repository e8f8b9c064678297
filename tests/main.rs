//! Every test of the program as its user meets it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod schema;
