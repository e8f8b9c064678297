//! Lists whose items must differ: as a whole, or in the keys by which the API server tells them apart.

use std::collections::BTreeMap;

use render_text::node::Node;

use super::message;
use super::path::Path;
use super::walk::Walk;

/// What makes an item the one that it is, if that is known.
type Identity<'f> = &'f dyn Fn(&Node) -> Option<String>;

/// Reports the items that are the same as an earlier one.
pub(super) fn distinct(
    walk: &mut Walk<'_, '_>,
    items: &[Node],
    (identity, hint): (Identity<'_>, &str),
    path: &Path<'_>,
) {
    let mut seen = BTreeMap::new();
    for (index, item) in items.iter().enumerate() {
        let Some(identity) = identity(item) else { continue };
        let earlier = *seen.entry(identity).or_insert(index);
        if earlier != index {
            let path_of_item = Path::Item(path, index);
            walk.report(item, &path_of_item, message::repeated(&path_of_item, earlier, path).hint(hint));
        }
    }
}
