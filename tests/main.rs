//! The program as its user meets it: one test binary, so that it links once.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod set;
mod yaml;
