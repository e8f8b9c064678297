//! The same files that the ordinary test suite runs over every seed, as the library of the fuzz targets.

mod properties;

pub use self::properties::*;
