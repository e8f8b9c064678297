//! A release that runs: what `helm get manifest` or `kubectl get -o yaml` printed of it.

use std::path::Path;

use render_files::Roots;
use render_objects::manifest::{Manifest, ManifestSet, list};
use render_objects::stream::Written;
use render_pipeline::stream::Stream;
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::resource::ResourceId;
use render_text::source::{Place, Sources};

use super::image::{self, Image};

/// A release that runs.
pub(super) struct Running {
    /// Its objects, and perhaps others.
    pub(super) objects: ManifestSet,
    written: Written,
    pub(super) server: ResourceId,
}

/// Reads a release. With several servers there, the one with a name is meant.
///
/// # Errors
/// [`Failure::Input`] when it cannot be read, or has no LiveKit that could be meant.
pub(super) fn read(file: &Path, name: &str, sources: &mut Sources) -> Result<Running, Failure> {
    let stream = Stream::read(&[file.to_owned()], &Roots::default(), sources)?;
    let Stream { manifests: objects, written, .. } = stream;
    let servers: Vec<&Manifest> = objects.iter().filter(|object| is_server(object)).collect();
    let server = match servers.as_slice() {
        [one] => one.id.clone(),
        [] => {
            let wrong = format!("`{}` has no Deployment of LiveKit", file.display());
            let hint = "give what `helm get manifest RELEASE` prints, or `kubectl get deployment,service,... -o yaml`";
            return Err(Diagnostic::error(wrong).hint(hint).into());
        }
        several => {
            let named = several.iter().find(|server| server.id.name == name);
            named.map(|named| named.id.clone()).ok_or_else(|| {
                let all = list(several.iter().map(|server| server.id.to_string()));
                let wrong = format!("`{}` has several Deployments of LiveKit: {all}", file.display());
                Diagnostic::error(wrong)
                    .hint("name the release with --release, or give the objects of one release alone")
            })?
        }
    };
    Ok(Running { objects, written, server })
}

/// Whether an object runs the server, which its image says.
pub(super) fn is_server(object: &Manifest) -> bool {
    object.id.group == "apps" && object.id.kind == "Deployment" && image_of(object).is_some()
}

/// Which container the server is, and its image.
fn image_of(object: &Manifest) -> Option<(usize, Image<'_>)> {
    let containers = object.value.pointer("/spec/template/spec/containers")?.as_array()?;
    containers.iter().enumerate().find_map(|(index, container)| {
        let image = image::parts(container.get("image")?.as_str()?);
        (image.repository.rsplit('/').next() == Some("livekit-server")).then_some((index, image))
    })
}

impl Running {
    /// What messages call the server.
    pub(super) fn server(&self) -> &ResourceId {
        &self.server
    }

    /// Where a field of the server stands.
    pub(super) fn place(&self, pointer: &str) -> Option<Place> {
        self.place_of(&self.server, pointer)
    }

    /// Where a field of an object stands.
    pub(super) fn place_of(&self, object: &ResourceId, pointer: &str) -> Option<Place> {
        let node = self.written.get(object)?;
        node.key(pointer).or_else(|| node.nearest_place(pointer))
    }

    /// The server's image, and where it stands.
    pub(super) fn image(&self) -> Option<(Image<'_>, Option<Place>)> {
        let (index, image) = image_of(self.objects.get(&self.server)?)?;
        Some((image, self.place(&format!("/spec/template/spec/containers/{index}/image"))))
    }
}
