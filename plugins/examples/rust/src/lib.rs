//! Tells which rack of the data centre everything runs in: an annotation on each Service, and a `ConfigMap` to look it up.

use render_plugin_sdk::{Change, Manifest, Plugin, Remark, Request, Response, platform, pointer};
use serde_json::{Value, json};

/// The plugin: a type without a value, because a call must not remember anything of the one before.
#[derive(Debug)]
pub struct Acme;

impl Plugin for Acme {
    fn transform(request: &Request) -> Response {
        // The host has checked the section against the schema in description.json, so `rack` and `racks` are there.
        let rack = request.text("/acme/rack").unwrap_or_default();
        // What no schema can say is a mistake of the plugin's own. Nothing is rendered then.
        if let Some(mistake) = unknown_rack(request, rack) {
            return Response { mistakes: vec![mistake], ..Response::default() };
        }
        // `manifests` holds the kinds that description.json asks to read, and nothing else.
        let services = request.manifests.iter().filter(|manifest| manifest.kind() == "Service");
        let changes = services.map(|service| annotation(service, rack)).chain([config_map(request, rack)]);
        Response { changes: changes.collect(), ..Response::default() }
    }
}

fn unknown_rack(request: &Request, rack: &str) -> Option<Remark> {
    let racks = request.get("/acme/racks").and_then(Value::as_array)?;
    let known: Vec<&str> = racks.iter().filter_map(Value::as_str).collect();
    let unknown = Remark::new("/acme/rack", format!("there is no rack `{rack}`"));
    (!known.contains(&rack)).then(|| unknown.hint(format!("there are: {}", known.join(", "))))
}

fn annotation(service: &Manifest, rack: &str) -> Change {
    let path = pointer(&["metadata", "annotations", "acme.example/rack"]);
    service.patch("the load balancer asks for the rack").add(&path, rack).into()
}

fn config_map(request: &Request, rack: &str) -> Change {
    let config_map = json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": { "name": "acme-rack", "namespace": platform::namespace(request) },
        "data": { "rack": rack },
    });
    Change::add(config_map, "pods look their rack up here")
}

// Makes a component of the crate. Natively, in tests, it does nothing.
render_plugin_sdk::export!(crate::Acme, "description.json");

#[cfg(test)]
mod tests {
    use render_plugin_sdk::{Plugin, Request};
    use serde_json::json;

    use super::Acme;

    #[test]
    fn a_rack_that_does_not_exist_is_a_mistake() {
        let values = json!({ "acme": { "rack": "r9", "racks": ["r1", "r2"] } });
        let request = Request { environment: "test".to_owned(), values, manifests: Vec::new() };
        let response = Acme::transform(&request);
        assert_eq!(response.mistakes[0].message, "there is no rack `r9`");
        assert!(response.changes.is_empty());
    }
}
