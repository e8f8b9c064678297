//! What a plugin of `render` is written with, so that its author meets Kubernetes objects and not a wire format.
//!
//! A plugin is a type with one pure function, from a [`Request`] (what the environment says, and the manifests that the
//! plugin may read) to a [`Response`] (changes, mistakes, warnings, notes), and one line makes a component of the crate:
//!
//! ```
//! use render_plugin_sdk::{Plugin, Request, Response, pointer};
//!
//! struct Acme;
//!
//! impl Plugin for Acme {
//!     fn transform(request: &Request) -> Response {
//!         let rack = request.text("/acme/rack").unwrap_or_default();
//!         let annotation = pointer(&["metadata", "annotations", "acme.example/rack"]);
//!         let services = request.manifests.iter().filter(|manifest| manifest.kind() == "Service");
//!         let patches = services.map(|service| service.patch("racks are chosen by annotation").add(&annotation, rack));
//!         Response { changes: patches.map(Into::into).collect(), ..Response::default() }
//!     }
//! }
//!
//! render_plugin_sdk::export!(Acme, "description.json");
//! ```
//!
//! Values are read by JSON Pointers, the plugin's own section as every other. The host has checked the section against
//! the schema in the description, so what the schema requires is there. [`Request::section`] reads it into types of
//! serde instead, which is pleasant and costs a few kilobytes for each type.
//!
//! `render plugin new NAME` writes a whole crate like this one, and `render plugin test` runs its component on folders of
//! fixtures; docs/plugins.md teaches both.
//!
//! The crate is a `cdylib` for `wasm32-unknown-unknown`, linked by `wasm-component-ld`; as a `lib` too, it has plain
//! unit tests, which call `transform` natively. Natively the last line does nothing.
//!
//! `description.json` stands beside the crate's Cargo.toml. It names the plugin, gives the JSON Schema and the defaults
//! of its section, and what it may read, add, patch and remove; its own shape is `schemas/plugin-description.json`. The
//! host reads it without running anything, and enforces it on every change.

mod manifest;
mod notes;
pub mod platform;
mod request;
mod response;
#[doc(hidden)]
pub mod wire;
mod yaml;

pub use self::manifest::Manifest;
pub use self::notes::{DnsRecord, File, FirewallRule, IamBinding, Notes, SecretToCreate, Step};
pub use self::request::Request;
pub use self::response::{Change, Operation, Patch, Remark, Response, Target};
pub use self::yaml::yaml;

/// A plugin. The same request must give the same response: iterate over ordered collections only.
pub trait Plugin {
    /// Answers a request with changes, mistakes, warnings and notes.
    fn transform(request: &Request) -> Response;
}

/// The JSON Pointer (RFC 6901) of a chain of keys, each escaped, so that a key may hold a slash.
///
/// ```
/// assert_eq!(render_plugin_sdk::pointer(&["metadata", "labels", "acme.example/rack"]), "/metadata/labels/acme.example~1rack");
/// ```
#[must_use]
pub fn pointer(keys: &[&str]) -> String {
    keys.iter().fold(String::new(), |pointer, key| pointer + "/" + &key.replace('~', "~0").replace('/', "~1"))
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
                    $crate::wire::answer(&request, <$plugin as $crate::Plugin>::transform)
                }
            }

    $crate::wire::bindings::export!(Component with_types_in $crate::wire::bindings);
        };
    };
}
