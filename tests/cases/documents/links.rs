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
