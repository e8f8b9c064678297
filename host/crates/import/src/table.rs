//! What becomes of each key of another system: a table of rows, and the one walk that follows it. So the mapping is
//! data, and what no row knows is told.

use render_text::node::{Member, Node, Tree};
use render_text::source::Place;
use render_text::suggest::closest;

use super::draft::Draft;

/// The keys of another system.
pub(super) struct Table {
    /// What messages call it, as in `the chart`.
    pub(super) system: &'static str,
    /// Keys that another program reads: their beginning, and what messages call it.
    pub(super) inner: Option<(&'static str, &'static str)>,
    /// Its keys, in the order in which the environment file has them.
    pub(super) rows: &'static [Row],
    /// The maps that are about LiveKit alone: elsewhere a key that no row knows is for somebody else. The empty path is
    /// all of them.
    pub(super) own: &'static [&'static str],
}

/// A key, and what becomes of it. A key that ends in `.*` is for all keys below it that have no row of their own.
pub(super) struct Row(pub(super) &'static str, pub(super) Fate);

/// What becomes of a key.
pub(super) enum Fate {
    /// It has this name here.
    To(&'static str),
    /// The other system ignores it, and here it has this name.
    Meant(&'static str),
    /// It has this name here, and there is something to say about it: the end of a sentence about the key.
    Moved(&'static str, &'static str),
    /// It is read together with others.
    Read,
    /// It has no counterpart here: what to do instead.
    Instead(&'static str),
    /// The other system ignores it: what does here what it was probably meant to do.
    Ignored(&'static str),
}

/// Carries over what the rows know, and tells what they do not.
pub(super) fn carry(values: &Node, table: &Table, draft: &mut Draft) {
    for Row(key, fate) in table.rows {
        match (key.strip_suffix(".*"), fate) {
            (Some(above), Fate::To(target)) => {
                if let Some(member) = member(values, above) {
                    carry_others(&member.node, (above, target), table, draft);
                }
            }
            (Some(_), _) => {}
            (None, fate) => {
                if let Some(member) = member(values, key) {
                    carry_one((key, member), fate, table, draft);
                }
            }
        }
    }
    let mut others = 0;
    tell_strangers(values, "", table, (draft, &mut others));
    if others > 0 {
        let message = format!("keys of {} that are for other applications are passed over: {others}", table.system);
        draft.tell(message, None, "what of them LiveKit needs stands in the environment file");
    }
}

/// The entry at a path of keys.
pub(super) fn member<'v>(values: &'v Node, path: &str) -> Option<&'v Member> {
    let (above, last) = path.rsplit_once('.').map_or((None, path), |(above, last)| (Some(above), last));
    let map = match above {
        Some(above) => &member(values, above)?.node,
        None => values,
    };
    if let Tree::Map(map) = &map.tree { map.get(last) } else { None }
}

/// Where the entry at a path of keys stands.
pub(super) fn at(values: &Node, path: &str) -> Option<Place> {
    member(values, path).and_then(place)
}

/// Where an entry stands.
pub(super) fn place(member: &Member) -> Option<Place> {
    member.key.or_else(|| member.node.place())
}

fn carry_one((key, member): (&str, &Member), fate: &Fate, table: &Table, draft: &mut Draft) {
    let put = |draft: &mut Draft, target: &str| draft.put(&target.split('.').collect::<Vec<_>>(), member.clone());
    if draft.is_default(&member.node) {
        if let Fate::To(target) = fate {
            put(draft, target);
        }
        return;
    }
    let (at, system) = (place(member), table.reader(key));
    // An empty text is as good as none, to Helm and to what calls it.
    let is_empty = member.node.tree == Tree::String(String::new());
    match fate {
        Fate::To(_) if is_empty => {}
        Fate::To(target) => put(draft, target),
        Fate::Meant(target) if draft.has(target) => {
            draft.put_below(&target.split('.').collect::<Vec<_>>(), member.clone());
            let hint = format!("`{target}` has both, and what {system} does read wins");
            draft.tell(format!("{system} ignores `{key}`, and the environment file does not"), at, hint);
        }
        Fate::Meant(target) => {
            put(draft, target);
            let hint = format!("it is `{target}` and has an effect from now on: look whether that is still wanted");
            draft.tell(format!("{system} ignores `{key}`, and the environment file does not"), at, hint);
        }
        Fate::Moved(target, why) => {
            put(draft, target);
            draft.tell(format!("`{key}` {why}"), at, format!("it is `{target}` now"));
        }
        // What is switched off is not missed.
        Fate::Instead(_) if member.node.tree == Tree::Bool(false) => {}
        Fate::Instead(hint) => draft.tell(format!("`{key}` is not carried over"), at, *hint),
        Fate::Ignored(hint) => draft.tell(format!("{system} ignores `{key}`, so it is not carried over"), at, *hint),
        Fate::Read => {}
    }
}

/// Carries over what is below a key and has no row of its own.
fn carry_others(node: &Node, (path, target): (&str, &str), table: &Table, draft: &mut Draft) {
    let Tree::Map(map) = &node.tree else { return };
    for (key, member) in map {
        let (path, target) = (format!("{path}.{key}"), [target, key.as_str()]);
        if table.has(&path) {
            continue;
        }
        if table.has_below(&path) && matches!(member.node.tree, Tree::Map(_)) {
            carry_others(&member.node, (&path, &target.join(".")), table, draft);
            continue;
        }
        let mut target: Vec<&str> = target[0].split('.').chain([key.as_str()]).collect();
        target.retain(|key| !key.is_empty());
        draft.put(&target, member.clone());
    }
}

/// Tells the keys that no row knows, and counts those that are for others.
fn tell_strangers(node: &Node, above: &str, table: &Table, (draft, others): (&mut Draft, &mut usize)) {
    let Tree::Map(map) = &node.tree else { return };
    for (key, member) in map {
        let path = if above.is_empty() { key.clone() } else { format!("{above}.{key}") };
        if table.has(&path) || table.takes_all_of(above) {
            continue;
        }
        match (table.has_below(&path), &member.node.tree) {
            (true, Tree::Map(_)) => tell_strangers(&member.node, &path, table, (&mut *draft, &mut *others)),
            _ if !table.is_own(&path) => *others += 1,
            (true, other) => {
                let wrong = format!("`{path}` must be a map, not {}, and is not carried over", other.kind());
                draft.tell(wrong, place(member), "write `key: value` lines below it");
            }
            (false, _) => {
                let hint = match closest(key, table.keys_in(above)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "leave it out: it changes nothing".to_owned(),
                };
                draft.tell(format!("{} has no key `{path}`, and ignores it", table.system), place(member), hint);
            }
        }
    }
}

impl Table {
    fn has(&self, path: &str) -> bool {
        self.rows.iter().any(|Row(key, _)| *key == path)
    }

    fn has_below(&self, path: &str) -> bool {
        self.rows.iter().any(|Row(key, _)| key.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')))
    }

    /// Who reads a key.
    fn reader(&self, key: &str) -> &'static str {
        self.inner.filter(|(above, _)| key.starts_with(above)).map_or(self.system, |(_, reader)| reader)
    }

    /// Whether a key is about LiveKit alone.
    fn is_own(&self, path: &str) -> bool {
        self.own.iter().any(|own| own.is_empty() || path.strip_prefix(own).is_some_and(|rest| rest.starts_with('.')))
    }

    /// Whether every key of a map has a name here, too.
    fn takes_all_of(&self, path: &str) -> bool {
        let all = self.rows.iter().filter_map(|Row(key, _)| key.strip_suffix(".*"));
        let covers = |above: &str| path == above || path.strip_prefix(above).is_some_and(|rest| rest.starts_with('.'));
        all.into_iter().any(covers)
    }

    /// The keys of a map that the other system heeds.
    fn keys_in(&self, above: &str) -> impl Iterator<Item = &'static str> {
        let above = if above.is_empty() { String::new() } else { format!("{above}.") };
        let heeded = self.rows.iter().filter(|Row(_, fate)| !matches!(fate, Fate::Meant(_) | Fate::Ignored(_)));
        heeded
            .filter_map(move |Row(key, _)| key.strip_prefix(above.as_str())?.split('.').next())
            .filter(|key| *key != "*")
    }
}
