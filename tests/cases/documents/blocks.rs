//! The blocks of code in a Markdown page, as CommonMark reads them.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

/// A block of code.
pub(crate) struct Block<'page> {
    pub(crate) language: Language,
    /// Its text, without the fences.
    pub(crate) range: Range<usize>,
    /// Programs without which it cannot be run.
    pub(crate) needs: Vec<&'page str>,
}

/// What a block holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// Commands and what they print.
    Console,
    /// Commands that succeed.
    Shell,
    /// A file.
    Yaml,
    /// A picture, such as a tree of files.
    Text,
    /// A drawn picture.
    Mermaid,
}

/// The blocks of a page, in order. Blocks that are indented, or in another language, are mistakes: nothing would run
/// them.
pub(crate) fn of(page: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut needs = Vec::new();
    let mut language = None;
    let mut range: Option<Range<usize>> = None;
    for (event, place) in Parser::new(page).into_offset_iter() {
        match event {
            Event::Html(_) => needs = named(&page[place]).unwrap_or(needs),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(name))) => language = Some(read(&name)),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)) => {
                panic!("a block without a language: {}", &page[place])
            }
            Event::Text(_) if language.is_some() => {
                range = Some(range.map_or(place.start, |range| range.start)..place.end);
            }
            Event::End(TagEnd::CodeBlock) => {
                let language = language.take().unwrap();
                let range = range.take().unwrap_or_else(|| panic!("an empty block: {}", &page[place]));
                assert!(
                    language != Language::Text || !has_command(&page[range.clone()]),
                    "nothing runs: {}",
                    &page[range.clone()]
                );
                blocks.push(Block { language, range, needs: needs.clone() });
            }
            _ => {}
        }
    }
    blocks
}

/// The programs of a comment `<!-- needs: ... -->`.
fn named(comment: &str) -> Option<Vec<&str>> {
    Some(comment.trim().strip_prefix("<!-- needs:")?.strip_suffix("-->")?.split_whitespace().collect())
}

fn has_command(text: &str) -> bool {
    text.lines().any(|line| {
        ["$ ", "render ", "cargo ", "kubectl ", "helm "].iter().any(|start| line.trim_start().starts_with(start))
    })
}

fn read(name: &str) -> Language {
    match name {
        "console" => Language::Console,
        "sh" => Language::Shell,
        "yaml" => Language::Yaml,
        "text" => Language::Text,
        "mermaid" => Language::Mermaid,
        _ => panic!("a block in `{name}`, which no test runs"),
    }
}
