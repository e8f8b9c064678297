//! What a plugin of `render` is written with, so that its author meets Kubernetes objects and not a wire format.
//!
//! A plugin is a pure function from a [`Request`] (what the environment says, and the manifests that the plugin may
//! read) to a [`Response`] (changes, mistakes, warnings, notes). A type names it, [`Plugin`] is implemented for that
//! type, and one line makes a component of the crate:
//!
//! ```
//! use render_plugin_sdk::{Plugin, Request, Response, pointer};
//!
//! /// What stands under `acme:` in an environment file.
//! #[derive(serde::Deserialize)]
//! #[serde(deny_unknown_fields)]
//! struct Values {
//!     rack: String,
//! }
//!
//! struct Acme;
//!
//! impl Plugin for Acme {
//!     const NAME: &'static str = "acme";
//!     type Values = Values;
//!
//!     fn transform(request: &Request<Values>) -> Response {
//!         let rack = pointer(["metadata", "annotations", "acme.example/rack"]);
//!         let services = request.manifests.iter().filter(|manifest| manifest.kind() == "Service");
//!         let patches = services.map(|service| service.patch("racks are chosen by annotation").add(&rack, &*request.section.rack));
//!         Response { changes: patches.map(Into::into).collect(), ..Response::default() }
//!     }
//! }
//!
//! render_plugin_sdk::export!(Acme, "description.json");
//! ```
//!
//! The crate is a `cdylib` for `wasm32-unknown-unknown`, linked by `wasm-component-ld`; as a `lib` too, it has plain
//! unit tests, which call `transform` natively. Natively the last line does nothing.
//!
//! `description.json` stands beside the crate's Cargo.toml. It names the plugin, gives the JSON Schema and the defaults
//! of its section, and what it may read, add, patch and remove; its own shape is `schemas/plugin-description.json`. The
//! host reads it without running anything, and enforces it on every change.

mod manifest;
mod notes;
mod request;
mod response;
#[doc(hidden)]
pub mod wire;

pub use self::manifest::Manifest;
pub use self::notes::{DnsRecord, FirewallRule, IamBinding, Notes, SecretToCreate, Step};
pub use self::request::Request;
pub use self::response::{Change, Operation, Patch, Remark, Response, Target};

/// A plugin: a name, the type of its values, and a pure function.
pub trait Plugin {
    /// Its name in the description, which is also the key of its section in the values.
    const NAME: &'static str;

    /// The section of the values that is the plugin's own. The host has checked it against the schema in the
    /// description; text that the schema accepts and this type refuses comes back as a mistake.
    type Values: serde::de::DeserializeOwned;

    /// Says what has to change, what is wrong, and what is left to do by hand. The same request must give the same
    /// response: iterate over ordered collections only.
    fn transform(request: &Request<Self::Values>) -> Response;
}

/// The JSON Pointer (RFC 6901) of a chain of keys, each escaped, so that a key may hold a slash.
///
/// ```
/// assert_eq!(render_plugin_sdk::pointer(["metadata", "labels", "acme.example/rack"]), "/metadata/labels/acme.example~1rack");
/// ```
#[must_use]
pub fn pointer<'a>(keys: impl IntoIterator<Item = &'a str>) -> String {
    keys.into_iter().fold(String::new(), |pointer, key| pointer + "/" + &key.replace('~', "~0").replace('/', "~1"))
}

/// Makes a component of the crate: exports a [`Plugin`], and embeds its description, a JSON file named relative to the
/// crate's Cargo.toml, as the custom section `render:description`. Natively it does nothing.
#[macro_export]
macro_rules! export {
    ($plugin:ty, $description:literal) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            const TEXT: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $description));

            #[used]
            #[unsafe(link_section = "render:description")]
            static DESCRIPTION: [u8; TEXT.len()] =
                *include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $description));

            struct Component;

            impl $crate::wire::Guest for Component {
                fn transform(request: String) -> String {
                    $crate::wire::answer::<$plugin>(&request)
                }
            }

    $crate::wire::bindings::export!(Component with_types_in $crate::wire::bindings);
        };
    };
}
