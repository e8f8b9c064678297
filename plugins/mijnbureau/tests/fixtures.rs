//! What the plugin answers, as files: tests/fixtures/<case>/request.json gives response.json. `RENDER_BLESS=1` writes
//! the responses anew. Each is held against the contract, and the permissions against what the plugin really does.

use mijnbureau::MijnBureau;
use render_plugin_sdk::Plugin;
use render_plugin_testing::fixtures;

const PLUGIN: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn every_request_has_its_response() {
    fixtures::every_request_has_its_response(PLUGIN, MijnBureau::transform);
}

#[test]
fn requests_and_responses_keep_the_contract() {
    fixtures::requests_and_responses_keep_the_contract(PLUGIN, MijnBureau::transform);
}

#[test]
fn the_sections_keep_the_schema() {
    fixtures::the_sections_keep_the_schema(PLUGIN);
}

#[test]
fn the_permissions_are_what_it_does() {
    fixtures::the_permissions_are_what_it_does(PLUGIN, MijnBureau::transform);
}

#[test]
fn every_kind_that_it_reads_matters() {
    fixtures::every_kind_that_it_reads_matters(PLUGIN, MijnBureau::transform);
}

#[test]
fn the_same_request_gives_the_same_bytes() {
    fixtures::the_same_request_gives_the_same_bytes(PLUGIN, MijnBureau::transform);
}
