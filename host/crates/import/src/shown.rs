//! What messages may show of the values. Only what the environment file has in the clear is known to be no secret, so
//! all else in the files is masked: the keys say what a message is about.

use std::collections::BTreeMap;
use std::ops::Range;

use render_text::mask::urls;
use render_text::node::{Member, Node, Origin, Tree};
use render_text::source::{Place, SourceId, Sources};

/// Masks all values of the files but those that an environment file has in the clear, each with the place that it comes
/// from.
pub(super) fn mask(layers: &[Node], environment: Option<&Node>, sources: &mut Sources) {
    let mut carried = BTreeMap::new();
    if let Some(environment) = environment {
        texts_of(environment, None, &mut carried);
    }
    for layer in layers {
        let mut found = Found::default();
        look(layer, None, &carried, &mut found);
        let comments = comments(&found.tokens, sources);
        sources.mask(found.masked.into_iter().chain(comments));
        layer.place().into_iter().for_each(|place| sources.classified(place.source));
    }
    mask_credentials(sources);
}

/// Masks the user information of URLs, wherever it stands.
fn mask_credentials(sources: &mut Sources) {
    let found = sources.iter().flat_map(|(id, source)| urls::find(&source.text).map(move |range| (id, range)));
    let found: Vec<(SourceId, Range<usize>)> = found.collect();
    let texts = found.iter().map(|(id, range)| sources.get(*id).text[range.clone()].to_owned());
    let texts: Vec<String> = texts.filter(|text| text.contains(':')).collect();
    sources.mask(found.into_iter().map(|(id, range)| Place::new(id, range)));
    sources.mask_texts(texts);
}

/// The scalars of an environment by the places that they come from. What has no place follows from what it is part of.
fn texts_of(node: &Node, above: Option<Place>, found: &mut BTreeMap<Place, Vec<String>>) {
    let mut places: Vec<Place> = node.origins.iter().filter_map(Origin::written).collect();
    if places.is_empty() {
        places.extend(above);
    }
    match &node.tree {
        Tree::Map(map) => {
            for member in map.values() {
                texts_of(&member.node, member.key.or(places.last().copied()), found);
            }
        }
        Tree::List(items) => items.iter().for_each(|item| texts_of(item, places.last().copied(), found)),
        scalar => {
            for place in places {
                found.entry(place).or_default().extend(text(scalar));
            }
        }
    }
}

/// What there is in a layer.
#[derive(Default)]
struct Found {
    masked: Vec<Place>,
    /// The places of all keys and scalars.
    tokens: Vec<Place>,
}

fn look(node: &Node, key: Option<Place>, carried: &BTreeMap<Place, Vec<String>>, found: &mut Found) {
    match &node.tree {
        Tree::Map(map) => {
            for Member { key, node } in map.values() {
                found.tokens.extend(*key);
                look(node, *key, carried, found);
            }
        }
        Tree::List(items) => items.iter().for_each(|item| look(item, key, carried, found)),
        scalar => {
            found.tokens.extend(node.place());
            let Some(text) = text(scalar).filter(|text| !is_switch(text)) else { return };
            let known = key.into_iter().chain(node.place()).filter_map(|place| carried.get(&place)).flatten();
            if !known.into_iter().any(|known| is_of(known, &text)) {
                found.masked.extend(node.place());
            }
        }
    }
}

/// Whether a text was carried over, as a whole or in part, or with more around it.
fn is_of(carried: &str, text: &str) -> bool {
    carried == text || !carried.is_empty() && !is_switch(carried) && (carried.contains(text) || text.contains(carried))
}

/// What is on or off is no secret, whatever its type.
fn is_switch(text: &str) -> bool {
    matches!(text, "" | "0" | "1" | "true" | "false" | "yes" | "no" | "on" | "off")
}

fn text(scalar: &Tree) -> Option<String> {
    match scalar {
        Tree::String(text) => Some(text.clone()),
        Tree::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The comments of a text, which has them between its keys and values.
fn comments(tokens: &[Place], sources: &Sources) -> Vec<Place> {
    let Some(source) = tokens.first().map(|token| token.source) else { return Vec::new() };
    let text = &sources.get(source).text;
    let mut tokens: Vec<Range<usize>> = tokens.iter().map(|token| token.range()).collect();
    tokens.sort_by_key(|token| token.start);
    let ends = tokens.iter().map(|token| token.end);
    let starts = tokens.iter().map(|token| token.start).chain([text.len()]);
    let gaps = std::iter::once(0).chain(ends).zip(starts).filter(|(end, start)| end < start);
    let lines = gaps.flat_map(|(end, start)| {
        let lines = text[end..start].split_inclusive('\n');
        lines.scan(end, |at, line| {
            let begin = *at;
            *at += line.len();
            Some((begin, line))
        })
    });
    lines
        .filter_map(|(begin, line)| Some(comment(begin, line, text)? + 1..line_end(text, begin)))
        .map(|range| Place::new(source, range))
        .collect()
}

/// Where a comment starts in a part of a line.
fn comment(begin: usize, part: &str, text: &str) -> Option<usize> {
    let at = begin + part.find('#')?;
    (at == 0 || text[..at].ends_with(char::is_whitespace)).then_some(at)
}

fn line_end(text: &str, from: usize) -> usize {
    text[from..].find(['\n', '\r']).map_or(text.len(), |end| from + end)
}
