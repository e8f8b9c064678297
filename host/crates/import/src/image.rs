//! The server's image: what runs is kept as it is, also where a digest fixes it.

use render_text::source::Place;

use super::draft::Draft;

/// An image by its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Image<'t> {
    /// The registry and the path.
    pub(super) repository: &'t str,
    /// The tag, which a digest can do without.
    pub(super) tag: Option<&'t str>,
    /// The digest.
    pub(super) digest: Option<&'t str>,
}

const REPOSITORY: &str = "livekit.image.repository";
const TAG: &str = "livekit.image.tag";
const DIGEST: &str = "livekit.image.digest";
/// The image of everybody who names none.
const USUAL: [&str; 2] = ["livekit/livekit-server", "docker.io/livekit/livekit-server"];

/// The parts of an image. What a port is of and what a tag, the slash behind it says.
pub(super) fn parts(image: &str) -> Image<'_> {
    let (name, digest) = image.split_once('@').map_or((image, None), |(name, digest)| (name, Some(digest)));
    let (repository, tag) = match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag)),
        _ => (name, None),
    };
    Image { repository, tag, digest }
}

/// Takes a digest for one, which values without a key for it have in the tag or, but for its digits, in the repository.
pub(super) fn pin(draft: &mut Draft) {
    let (repository, tag) = (draft.text(REPOSITORY).unwrap_or_default(), draft.text(TAG).unwrap_or_default());
    if !repository.0.contains('@') && !tag.0.contains('@') {
        return;
    }
    let whole = [repository.0, tag.0].join(":");
    let image = parts(&whole);
    draft.remove(&["livekit", "image", "tag"]);
    for (path, part, at) in [
        (REPOSITORY, Some(image.repository).filter(|part| !part.is_empty()), repository.1),
        (TAG, image.tag, tag.1),
        (DIGEST, image.digest, tag.1.or(repository.1)),
    ] {
        if let Some(part) = part {
            draft.set(path, part, at);
        }
    }
    if image.tag.is_none() {
        without_version(tag.1.or(repository.1), draft);
    }
}

/// Keeps the image that runs, where the values do not name another.
pub(super) fn keep(image: Image<'_>, at: Option<Place>, draft: &mut Draft) {
    if draft.has_default(REPOSITORY) && !USUAL.contains(&image.repository) {
        draft.set(REPOSITORY, image.repository, at);
    }
    let written = draft.text(TAG).filter(|_| !draft.has_default(TAG)).map(|(tag, _)| tag);
    match (written, image.tag, image.digest) {
        _ if draft.has(DIGEST) => {}
        (Some(tag), running, Some(digest)) if running == Some(tag.as_str()) => draft.set(DIGEST, digest, at),
        (Some(_), _, Some(_)) => {
            let message = "what runs is fixed by a digest, and the values name another tag, which is kept";
            draft.tell(message, at, "set `livekit.image.digest`, if what runs is to stay");
        }
        (Some(_), _, None) => {}
        (None, tag, digest) => {
            if let Some(tag) = tag {
                draft.set(TAG, tag, at);
            }
            if let Some(digest) = digest {
                draft.set(DIGEST, digest, at);
            }
            if tag.is_none() {
                without_version(at, draft);
            }
        }
    }
}

fn without_version(at: Option<Place>, draft: &mut Draft) {
    let hint =
        "set `livekit.image.tag` to it: rules go by the version, and where no digest is set the tag is what is pulled";
    draft.tell("the server's image has no tag, so its version is not known", at, hint);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_behind_the_last_slash_and_a_digest_behind_the_at() {
        for (image, repository, tag, digest) in [
            ("livekit/livekit-server:v1.9.0", "livekit/livekit-server", Some("v1.9.0"), None),
            ("host:5000/livekit-server", "host:5000/livekit-server", None, None),
            ("host:5000/a:v1@sha256:0f", "host:5000/a", Some("v1"), Some("sha256:0f")),
            ("a@sha256:0f", "a", None, Some("sha256:0f")),
        ] {
            assert_eq!(parts(image), Image { repository, tag, digest });
        }
    }
}
