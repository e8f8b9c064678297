//! What an environment renders to, as data.

use serde_json::Value;

use crate::support::printed;

/// The manifests of an environment.
pub(crate) fn manifests(environment: &str, further: &[&str]) -> Vec<Value> {
    let arguments = [&["--env", environment, "-o", "json"], further].concat();
    let list: Value = serde_json::from_str(&printed(&arguments)).unwrap();
    list["items"].as_array().unwrap().clone()
}
