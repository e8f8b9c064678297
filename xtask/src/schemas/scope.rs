//! Which of Kubernetes' own kinds have a namespace: the OpenAPI definitions do not say it, the types of k8s-openapi do.

#![expect(
    clippy::disallowed_methods,
    reason = "a developer's command is not a stage: files and the environment are its work"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use syn::{Expr, ImplItem, Item, Lit, Type};

/// `Namespaced` or `Cluster`, by `apiVersion` and `kind`, of one minor. What exists only below an object is in neither.
pub(super) fn read(sources: &Path, minor: u32) -> Result<BTreeMap<(String, String), String>, String> {
    let mut files = Vec::new();
    collect(&sources.join(format!("v1_{minor}")), &mut files)?;
    let mut scopes = BTreeMap::new();
    for file in files {
        let named = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
        let text = fs::read_to_string(&file).map_err(|error| named(&error))?;
        if text.contains("impl crate::Resource for") {
            scopes.extend(in_file(&text).map_err(|error| named(&error))?);
        }
    }
    Ok(scopes)
}

fn in_file(text: &str) -> Result<Vec<((String, String), String)>, String> {
    let items = syn::parse_file(text).map_err(|error| error.to_string())?.items;
    let items = items.iter().filter_map(|item| match item {
        Item::Impl(item) if item.trait_.as_ref().is_some_and(|found| last(&found.0) == "Resource") => Some(&item.items),
        _ => None,
    });
    let found = items.map(|items| of(items).ok_or_else(|| "a resource without a scope".to_owned()));
    Ok(found.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

/// The outer option is that of an implementation that lacks a part; the inner one that of a part of an object.
fn of(items: &[ImplItem]) -> Option<Option<((String, String), String)>> {
    let constant = |name: &str| items.iter().find_map(|item| text_of(item, name));
    let scope = items.iter().find_map(|item| match item {
        ImplItem::Type(item) if item.ident == "Scope" => Some(&item.ty),
        _ => None,
    })?;
    let Type::Path(path) = scope else { return None };
    let scope = match last(&path.path).as_str() {
        "NamespaceResourceScope" => "Namespaced",
        "ClusterResourceScope" => "Cluster",
        "SubResourceScope" => return Some(None),
        _ => return None,
    };
    Some(Some(((constant("API_VERSION")?, constant("KIND")?), scope.to_owned())))
}

fn text_of(item: &ImplItem, name: &str) -> Option<String> {
    let ImplItem::Const(item) = item else { return None };
    let Expr::Lit(value) = &item.expr else { return None };
    match &value.lit {
        Lit::Str(text) if item.ident == name => Some(text.value()),
        _ => None,
    }
}

fn last(path: &syn::Path) -> String {
    path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for entry in entries {
        let path = entry.map_err(|error| format!("{}: {error}", folder.display()))?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
