//! YAML as kubectl reads and writes it. Files that work with kubectl and Helm must mean the same here,
//! so the rules are those of the library behind both (go-yaml, YAML 1.1: `yes` is true, `0644` is 420),
//! and `tests/yaml/` holds what kubectl itself answered.
//!
//! Where the reader is stricter or clearer than kubectl, it is so on purpose:
//! - a key that is given twice is an error, also when the spellings differ (`1` and `"1"`); kubectl keeps the last;
//! - an explicit key wins over a merged one (`<<`) wherever it stands; for kubectl it must stand below;
//! - a tag that is not one of the core ones is an error; kubectl ignores it;
//! - an integer between 2^63 and 2^64 keeps its digits; kubectl rounds it to a float;
//! - text that would be damaged (`!!binary` that is not UTF-8, raw line separators in a plain scalar) is an error.
//!
//! It reads two things that kubectl does not: JSON's escapes `\/` and `\ud83d\ude00`, as every JSON text is to be read,
//! and a block scalar whose first line starts with a tab behind its indentation.

pub mod base64;
pub mod emit;
pub mod limits;
mod mistakes;
mod places;
pub mod read;
mod resolve;

pub use mistakes::too_deep;
pub use read::read;
pub use resolve::json_number;
