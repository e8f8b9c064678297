//! Which of Kubernetes' own kinds have a namespace: the `OpenAPI` definitions do not say it, the types of k8s-openapi do.

#![expect(
    clippy::disallowed_methods,
    reason = "a developer's command is not a stage: files and the environment are its work"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use syn::{Expr, ImplItem, Item, Lit, Type};

/// `Namespaced` or `Cluster`, by `apiVersion` and `kind`. What exists only below an object is not in it.
pub(super) type Scopes = BTreeMap<(String, String), String>;

/// The scopes of one minor.
pub(super) fn read(sources: &Path, minor: u32) -> Result<Scopes, String> {
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

fn in_file(text: &str) -> Result<Scopes, String> {
    let mut scopes = Scopes::new();
    for item in syn::parse_file(text).map_err(|error| error.to_string())?.items {
        let Item::Impl(item) = item else { continue };
        if item.trait_.as_ref().is_none_or(|found| last(&found.0) != "Resource") {
            continue;
        }
        let constant = |name: &str| item.items.iter().find_map(|item| text_of(item, name));
        let name = constant("API_VERSION").zip(constant("KIND")).ok_or("a resource without a name")?;
        let scope = item.items.iter().find_map(scope_of).ok_or_else(|| format!("{}: no scope", name.1))?;
        match scope.as_str() {
            "NamespaceResourceScope" => drop(scopes.insert(name, "Namespaced".to_owned())),
            "ClusterResourceScope" => drop(scopes.insert(name, "Cluster".to_owned())),
            "SubResourceScope" => {}
            _ => return Err(format!("{}: the scope {scope} is not known", name.1)),
        }
    }
    Ok(scopes)
}

/// The last name of the type that a resource calls its scope.
fn scope_of(item: &ImplItem) -> Option<String> {
    match item {
        ImplItem::Type(item) if item.ident == "Scope" => match &item.ty {
            Type::Path(path) => Some(last(&path.path)),
            _ => None,
        },
        _ => None,
    }
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

#[cfg(test)]
mod tests {
    use super::in_file;

    fn resource(scope: &str) -> String {
        let constants = r#"const API_VERSION: &'static str = "apps/v1"; const KIND: &'static str = "Deployment";"#;
        format!("impl crate::Resource for Deployment {{ {constants} type Scope = crate::{scope}; }}")
    }

    #[test]
    fn a_resource_is_in_its_scope_and_a_part_of_an_object_in_none() {
        let name = ("apps/v1".to_owned(), "Deployment".to_owned());
        let scope = |text: &str| in_file(text).unwrap().get(&name).cloned();
        assert_eq!(scope(&resource("NamespaceResourceScope")).as_deref(), Some("Namespaced"));
        assert_eq!(scope(&resource("ClusterResourceScope")).as_deref(), Some("Cluster"));
        assert_eq!(scope(&resource("SubResourceScope")), None);
        assert_eq!(scope("impl crate::ListableResource for Deployment {}"), None);
    }

    #[test]
    fn another_scope_is_an_error() {
        assert_eq!(in_file(&resource("Galaxy")).unwrap_err(), "Deployment: the scope Galaxy is not known");
        assert!(in_file("impl crate::Resource for Deployment {}").is_err());
    }
}
