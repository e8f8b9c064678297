//! description.json, which the host reads instead of running anything, says what the code says. `RENDER_BLESS=1`
//! writes the schema in it anew from the types.

use render_plugin_testing::description;

use crate::values::HetznerK3s;

const PLUGIN: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn the_schema_is_the_types() {
    description::schema_is_that_of::<HetznerK3s>(PLUGIN);
}

#[test]
fn the_name_and_the_version_are_the_crates() {
    description::is_named(PLUGIN, env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
}

#[test]
fn the_defaults_are_a_whole_section() {
    description::defaults_are_a_whole_section(PLUGIN);
}

#[test]
fn the_contract_takes_it() {
    description::keeps_the_contract(PLUGIN);
}

#[test]
fn an_unknown_key_is_refused_on_every_level() {
    description::refuses_unknown_keys(
        PLUGIN,
        &["", "/clusterMesh", "/clusterMesh/apiServer", "/clusterMesh/caSecretRef", "/hcloud"],
    );
}

#[test]
fn every_pointer_into_the_section_leads_to_a_value() {
    description::every_pointer_leads_to_a_value(PLUGIN);
}
