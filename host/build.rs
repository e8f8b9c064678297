//! Makes the tables of the files that `render plugin new` writes.

use std::error::Error;
use std::path::Path;

use render_embed::{list, table, tell, write};

fn main() -> Result<(), Box<dyn Error>> {
    tell("rerun-if-changed=build.rs");
    let sdk = table(Path::new("../plugins/sdk/src"), ".rs")?;
    let fixtures = table(Path::new("../plugins/examples/fixtures"), ".yaml")?;
    let lists = [
        list("SDK", "Every file of the sdk's sources.", &sdk),
        list("EXAMPLE_FIXTURES", "Every file of the example's fixtures.", &fixtures),
    ];
    write("plugin_new.rs", &lists.join("\n"))
}
