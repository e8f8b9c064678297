//! description.json, which the host reads instead of running anything, says what the code says. `RENDER_BLESS=1`
//! writes the schema in it anew from the types.

use render_plugin_testing::description::{self, Crate};

use crate::values::Gke;

#[test]
fn the_description_says_what_the_code_says() {
    let plugin =
        Crate { folder: env!("CARGO_MANIFEST_DIR"), name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") };
    description::is_right::<Gke>(
        plugin,
        &["", "/backendConfig", "/ingress/managedCertificate", "/secretManager/secretStore"],
    );
}
