//! The program as its user meets it: one test binary, so that it links once.

mod yaml;
