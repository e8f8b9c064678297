//! Every link of every document leads to a file of this repository, and to exactly one heading if it names one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::support::{anchor, root};

pub(crate) fn every_link_leads_somewhere() {
    let pages = pages();
    assert!(pages.len() > 20, "only {} pages were found", pages.len());
    let broken: Vec<String> = pages
        .iter()
        .flat_map(|(page, text)| links(text).into_iter().map(move |link| (page, link)))
        .filter(|(page, link)| !leads(&pages, page, link))
        .map(|(page, link)| format!("{}: {link}", page.display()))
        .collect();
    assert_eq!(broken, Vec::<String>::new());
}

/// Paths that the documents for developers name, as in `host/crates/rules/src/lib.rs`. A name in capitals stands for others.
pub(crate) fn every_path_of_the_code_exists() {
    let mut named = 0;
    let mut lost = Vec::new();
    for page in ["ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let text = fs::read_to_string(root().join(page)).unwrap();
        for path in code(&text).into_iter().filter(|span| is_path(span)) {
            named += 1;
            if !root().join(&path).exists() {
                lost.push(format!("{page}: {path}"));
            }
        }
    }
    assert!(named > 60, "only {named} paths were found");
    assert_eq!(lost, Vec::<String>::new());
}

/// What a page shows as code within a line.
fn code(text: &str) -> Vec<String> {
    let span = |event| match event {
        Event::Code(code) => Some(code.into_string()),
        _ => None,
    };
    Parser::new_ext(text, Options::ENABLE_TABLES).filter_map(span).collect()
}

fn is_path(span: &str) -> bool {
    const FOLDERS: [&str; 9] =
        ["deploy/", "docs/", "environments/", "host/", "plugins/", "schemas/", "snapshots/", "tests/", "xtask/"];
    const STANDS_FOR_ANOTHER: [&str; 5] = ["NAME", "RESOURCE", "acme", "lab", "<"];
    FOLDERS.iter().any(|folder| span.starts_with(folder))
        && !STANDS_FOR_ANOTHER.iter().any(|other| span.contains(other))
        && !span.contains(' ')
}

/// The documents, by their paths in the repository.
fn pages() -> BTreeMap<PathBuf, String> {
    let mut open = vec![root().join("docs")];
    let mut found: Vec<PathBuf> = markdown(&root()).collect();
    while let Some(folder) = open.pop() {
        found.extend(markdown(&folder));
        open.extend(entries(&folder).filter(|path| path.is_dir()));
    }
    let relative = |path: PathBuf| (path.strip_prefix(root()).unwrap().to_owned(), fs::read_to_string(&path).unwrap());
    found.into_iter().map(relative).collect()
}

fn markdown(folder: &Path) -> impl Iterator<Item = PathBuf> {
    entries(folder).filter(|path| path.extension().is_some_and(|ending| ending == "md"))
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path())
}

/// The targets of a page's links, but for those that lead elsewhere.
fn links(text: &str) -> Vec<String> {
    let link = |event| match event {
        Event::Start(Tag::Link { dest_url, .. }) => Some(dest_url.into_string()),
        _ => None,
    };
    Parser::new_ext(text, Options::ENABLE_TABLES).filter_map(link).filter(|link| !link.contains("://")).collect()
}

fn leads(pages: &BTreeMap<PathBuf, String>, page: &Path, link: &str) -> bool {
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = if file.is_empty() { page.to_owned() } else { below(page.parent().unwrap(), file) };
    match anchor {
        "" => root().join(target).exists(),
        anchor => pages.get(&target).is_some_and(|text| anchors(text).filter(|name| name == anchor).count() == 1),
    }
}

/// The path of a file that is named from a folder.
fn below(folder: &Path, file: &str) -> PathBuf {
    let mut path = folder.to_owned();
    for part in Path::new(file).components() {
        match part {
            Component::ParentDir => assert!(path.pop(), "{file} leads out of the repository"),
            part => path.push(part),
        }
    }
    path
}

/// The names by which links reach the headings of a page.
fn anchors(text: &str) -> impl Iterator<Item = String> {
    let mut heading: Option<String> = None;
    Parser::new(text).filter_map(move |event| match event {
        Event::Start(Tag::Heading { .. }) => {
            heading = Some(String::new());
            None
        }
        Event::Text(text) | Event::Code(text) => {
            heading = heading.take().map(|heading| heading + &text);
            None
        }
        Event::End(TagEnd::Heading(_)) => heading.take().map(|heading| anchor(&heading)),
        _ => None,
    })
}
