//! What the host asks: the values of one environment, and the manifests that the plugin may read.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Manifest, Remark, pointer};

/// What the host asks. Natively, in tests, it is made by hand:
///
/// ```
/// use render_plugin_sdk::{Manifest, Request};
/// use serde_json::json;
///
/// let service = json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "web" } });
/// let request = Request {
///     environment: "prd".to_owned(),
///     values: json!({ "acme": { "rack": "r7", "spares": 2, "cooled": true } }),
///     manifests: vec![Manifest(service)],
/// };
/// assert_eq!(request.text("/acme/rack"), Some("r7"));
/// assert_eq!(request.number("/acme/spares"), Some(2));
/// assert!(request.is_on("/acme/cooled"));
/// assert!(request.find("v1", "Service", "web").is_some());
/// ```
#[derive(Debug, Clone)]
pub struct Request {
    /// The environment's name, as in `prd`.
    pub environment: String,
    /// All values, validated and resolved; the plugin's own section stands under its name. Values of secrets are
    /// replaced by a constant.
    pub values: Value,
    /// The manifests of the kinds that the plugin may read, in their order.
    pub manifests: Vec<Manifest>,
}

impl Request {
    /// The plugin's own section of the values, read into a type of serde. The schema in the description keeps what does
    /// not fit from coming here, so a mistake says that type and schema disagree.
    ///
    /// # Errors
    /// A remark at the section, when it does not fit the type.
    pub fn section<T: DeserializeOwned>(&self, name: &str) -> Result<T, Remark> {
        let path = pointer(&[name]);
        let section = self.get(&path).unwrap_or(&Value::Null);
        T::deserialize(section).map_err(|error| Remark::new(path.clone(), error.to_string()))
    }

    /// The manifest of that apiVersion, kind and name, if there is one that the plugin may read.
    #[must_use]
    pub fn find(&self, api_version: &str, kind: &str, name: &str) -> Option<&Manifest> {
        self.manifests.iter().find(|manifest| {
            manifest.api_version() == api_version && manifest.kind() == kind && manifest.name() == name
        })
    }

    /// What is at a JSON Pointer into all values, as in `/livekit/config/port`.
    #[must_use]
    pub fn get(&self, pointer: &str) -> Option<&Value> {
        self.values.pointer(pointer)
    }

    /// The text at a JSON Pointer into all values.
    #[must_use]
    pub fn text(&self, pointer: &str) -> Option<&str> {
        self.get(pointer)?.as_str()
    }

    /// The whole number at a JSON Pointer into all values, unless it is negative.
    #[must_use]
    pub fn number(&self, pointer: &str) -> Option<u64> {
        self.get(pointer)?.as_u64()
    }

    /// Whether there is a `true` at a JSON Pointer into all values.
    #[must_use]
    pub fn is_on(&self, pointer: &str) -> bool {
        self.get(pointer).and_then(Value::as_bool).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::Request;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Acme {
        rack: u8,
    }

    fn request(rack: &str) -> Request {
        let values = serde_json::from_str(&format!("{{\"acme\": {{\"rack\": {rack}}}}}")).unwrap();
        Request { environment: "prd".to_owned(), values, manifests: Vec::new() }
    }

    #[test]
    fn a_section_is_read_into_a_type() {
        assert_eq!(request("7").section("acme"), Ok(Acme { rack: 7 }));
        let remark = request("\"seven\"").section::<Acme>("acme").unwrap_err();
        assert_eq!(json!(remark)["path"], "/acme");
    }
}
