//! Makes the table of the environments that the binary carries as examples.

use std::error::Error;
use std::path::Path;

use render_embed::{list, table, tell, write};

fn main() -> Result<(), Box<dyn Error>> {
    tell("rerun-if-changed=build.rs");
    let environments = table(Path::new("../../../environments"), ".yaml")?;
    write(
        "examples.rs",
        &list("ENVIRONMENTS", "Every built-in environment file: its name, and its text.", &environments),
    )
}
