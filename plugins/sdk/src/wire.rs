//! The border: request text in, response text out, and, in a component, the export that the host calls. Public only
//! for [`export!`](crate::export), which is its one user outside this crate.

use serde_json::Value;

use crate::{Manifest, Remark, Request, Response};

/// Answers the text of a request with the text of a response. A request that cannot be read is a mistake in the
/// response, because the border has no other way to say so.
#[must_use]
pub fn answer(request: &str, transform: fn(&Request) -> Response) -> String {
    let mut response = match read(request) {
        Ok(request) => transform(&request),
        Err(mistake) => Response { mistakes: vec![mistake], ..Response::default() },
    };
    // Changes that follow from a mistake are of no use, and may be ones that the plugin has no permission for.
    if !response.mistakes.is_empty() {
        response.changes.clear();
    }
    // A response is maps with string keys and finite numbers, so this cannot fail; were it to, the host would refuse
    // the empty text.
    serde_json::to_string(&response).unwrap_or_default()
}

/// What crosses the border. Members that this version of the sdk does not know are ignored: that is how it grows.
fn read(text: &str) -> Result<Request, Remark> {
    let unreadable = |why: &str| Remark::new("", format!("the request is not one that this plugin can read: {why}"));
    let mut wire: Value = serde_json::from_str(text).map_err(|error| unreadable(&error.to_string()))?;
    let mut member = |name| wire.get_mut(name).map(Value::take);
    match (member("environment"), member("values"), member("manifests")) {
        (Some(Value::String(environment)), Some(values), Some(Value::Array(manifests))) => {
            Ok(Request { environment, values, manifests: manifests.into_iter().map(Manifest).collect() })
        }
        _ => Err(unreadable("it has an environment, values, and manifests")),
    }
}

#[cfg(target_family = "wasm")]
pub use self::bindings::exports::render::plugin::provider::Guest;

/// What `wit-bindgen` makes of schemas/plugin.wit.
#[cfg(target_family = "wasm")]
#[expect(clippy::same_length_and_capacity, reason = "generated")]
pub mod bindings {
    wit_bindgen::generate!({
        world: "plugin",
        path: "../../schemas/plugin.wit",
        pub_export_macro: true,
        default_bindings_module: "render_plugin_sdk::wire::bindings",
    });
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::answer;
    use crate::{Change, Remark, Request, Response, Step, pointer};

    fn transform(request: &Request) -> Response {
        let rack = pointer(&["metadata", "annotations", "acme.example/rack"]);
        let Some(name) = request.text("/acme/rack") else {
            let mistake = Remark::new("/acme/rack", "there is no rack").hint("name one");
            let changes = vec![Change::add(json!({}), "useless")];
            return Response { changes, mistakes: vec![mistake], ..Response::default() };
        };
        let service = request.find("v1", "Service", "web");
        let patch = service.map(|service| service.patch("racks").test("/spec/type", "ClusterIP").add(&rack, name));
        let mut response = Response { changes: patch.into_iter().map(Into::into).collect(), ..Response::default() };
        response.notes.steps.push(Step::fact("know the rack", format!("it is in {}", request.environment)));
        response
    }

    fn ask(values: &Value) -> Value {
        let service = json!({
            "apiVersion": "v1", "kind": "Service", "metadata": { "name": "web", "namespace": "shop" },
        });
        let request = json!({ "environment": "prd", "values": values, "manifests": [service], "later": true });
        serde_json::from_str(&answer(&request.to_string(), transform)).unwrap()
    }

    #[test]
    fn a_patch_crosses_the_border_in_the_contracts_shape() {
        let expected = json!({
            "changes": [{
                "op": "patch",
                "target": { "apiVersion": "v1", "kind": "Service", "namespace": "shop", "name": "web" },
                "patch": [
                    { "op": "test", "path": "/spec/type", "value": "ClusterIP" },
                    { "op": "add", "path": "/metadata/annotations/acme.example~1rack", "value": "r7" },
                ],
                "reason": "racks",
            }],
            "notes": { "steps": [{ "title": "know the rack", "why": "it is in prd" }] },
        });
        assert_eq!(ask(&json!({ "acme": { "rack": "r7" } })), expected);
    }

    #[test]
    fn with_a_mistake_there_are_no_changes() {
        let expected =
            json!({ "mistakes": [{ "path": "/acme/rack", "message": "there is no rack", "hint": "name one" }] });
        assert_eq!(ask(&json!({})), expected);
    }

    #[test]
    fn text_that_is_no_request_is_a_mistake() {
        for text in ["{", "[]", "{\"environment\":\"prd\",\"values\":{}}"] {
            let answer: Value = serde_json::from_str(&answer(text, transform)).unwrap();
            assert_eq!(answer["mistakes"][0]["path"], "", "{text}");
        }
    }
}
