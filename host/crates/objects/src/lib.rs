//! Objects of Kubernetes: sets of them, streams of another renderer, patches, checksums, and sets without their secrets.

pub mod identity;
pub mod manifest;
pub mod masked;
pub mod patch;
pub mod seal;
pub mod secret_places;
pub mod stream;
