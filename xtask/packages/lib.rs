//! Empty: this package only pins those that `cargo xtask schemas` reads.
