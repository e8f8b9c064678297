//! Any template of a user's own, with any values, makes manifests or is refused with a word: it ends, in little memory,
//! and nothing that it makes is larger than the limits say.

use std::sync::LazyLock;

use indexmap::IndexMap;
use render_pipeline::load::{Request, Set};
use render_pipeline::merged::Merged;
use render_pipeline::options::Options;
use render_pipeline::resolved::Resolved;
use render_platform::templates::render_own;
use render_platform::values::Values;
use render_plugins::open::Runtime;
use render_text::diagnostic::Failure;
use render_text::source::Sources;

use super::choices::Choices;

/// What a template can make at most, as JSON: the total of the limits, and what JSON escapes.
const LARGEST: usize = 1 << 30;

/// The text of a template; behind a NUL, choices of values that it reads.
pub fn check(bytes: &[u8]) {
    let mut parts = bytes.splitn(2, |byte| *byte == 0);
    let text = String::from_utf8_lossy(parts.next().unwrap_or_default());
    let mut choices = Choices::of(parts.next().unwrap_or_default());
    let mut values = VALUES.clone();
    for key in ["a", "b", "c"] {
        values.json["custom"][key] = choices.value(0);
    }
    let mut sources = Sources::default();
    let source = sources.add(NAME, text.as_ref());
    match render_own(&values, &IndexMap::from([(NAME.to_owned(), source)]), &mut sources) {
        Ok(set) => {
            let size: usize = set.iter().map(|manifest| manifest.value.to_string().len()).sum();
            assert!(size < LARGEST, "{size} bytes were made");
        }
        Err(found) => super::told(&found, &sources),
    }
}

const NAME: &str = "template.yaml";

/// Values that name the template.
static VALUES: LazyLock<Values> = LazyLock::new(|| {
    let sets = ["provider=null", "livekit.config.rtc.use_external_ip=false"].map(|set| Set::Json(set.to_owned()));
    let request = Request { sets: sets.to_vec(), ..Request::default() };
    let runtime = Runtime::default();
    let mut sources = Sources::default();
    let merged = Merged::load(&request, &runtime, &mut sources);
    let valid = merged.and_then(|merged| merged.validate(&mut sources));
    match valid.and_then(|valid| valid.resolve(Options::default(), &mut sources)) {
        Ok(Resolved { mut values, .. }) => {
            values.platform.templates = vec![NAME.to_owned()];
            values
        }
        Err(Failure::Input(found)) => panic!("{found:?}"),
        Err(Failure::Internal(message)) => panic!("{message}"),
    }
});
