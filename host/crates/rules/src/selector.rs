//! Labels and what selects by them, as the API server compares them.

use super::view::{Field, Labels};

/// What selects by labels.
#[derive(Debug, Clone)]
pub(super) enum Selector<'a> {
    /// A map of labels, as Services have it.
    Map(Field<'a>),
    /// `matchLabels` and `matchExpressions`, as all others have it.
    Full(Field<'a>),
}

impl<'a> Selector<'a> {
    /// Where the selector is.
    pub(super) fn field(&self) -> &Field<'a> {
        match self {
            Self::Map(field) | Self::Full(field) => field,
        }
    }

    /// Whether it asks for nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.keys().is_empty()
    }

    /// Whether it selects what has these labels. An empty one selects everything, as it does in Kubernetes
    /// outside of Services.
    pub(super) fn selects(&self, labels: Labels) -> bool {
        self.refusals(labels).is_empty()
    }

    /// What of it these labels do not meet: the label that each condition asks for, and the condition.
    pub(super) fn refusals(&self, labels: Labels) -> Vec<(&'a str, Field<'a>)> {
        let wants = self.wants().into_iter().filter(|(key, want)| labels.get(key) != want.value.as_str());
        let expressions = self.expressions().into_iter().filter(|(_, one)| !is_met(one, labels));
        wants.chain(expressions).collect()
    }

    /// The labels that it asks for.
    pub(super) fn keys(&self) -> Vec<&'a str> {
        self.wants().into_iter().chain(self.expressions()).map(|(key, _)| key).collect()
    }

    fn wants(&self) -> Vec<(&'a str, Field<'a>)> {
        match self {
            Self::Map(field) => field.entries(),
            Self::Full(field) => field.get("matchLabels").map_or_else(Vec::new, |labels| labels.entries()),
        }
    }

    fn expressions(&self) -> Vec<(&'a str, Field<'a>)> {
        match self {
            Self::Map(_) => Vec::new(),
            Self::Full(field) => {
                let all = field.list("matchExpressions").into_iter();
                all.filter_map(|one| one.text("key").map(|key| (key, one))).collect()
            }
        }
    }
}

fn is_met(expression: &Field, labels: Labels) -> bool {
    let Some(key) = expression.text("key") else { return true };
    let among = |value: &str| expression.list("values").iter().any(|one| one.value.as_str() == Some(value));
    match (expression.text("operator"), labels.get(key)) {
        (Some("In"), value) => value.is_some_and(among),
        (Some("NotIn"), value) => !value.is_some_and(among),
        (Some("Exists"), value) => value.is_some(),
        (Some("DoesNotExist"), value) => value.is_none(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use render_objects::manifest::ManifestSet;

    use super::*;

    #[test]
    fn expressions_select_as_the_api_server_does() {
        for (expression, with, without) in [
            (json!({"key": "a", "operator": "In", "values": ["b"]}), true, false),
            (json!({"key": "a", "operator": "In", "values": ["c"]}), false, false),
            (json!({"key": "a", "operator": "NotIn", "values": ["b"]}), false, true),
            (json!({"key": "a", "operator": "NotIn", "values": ["c"]}), true, true),
            (json!({"key": "a", "operator": "Exists"}), true, false),
            (json!({"key": "a", "operator": "DoesNotExist"}), false, true),
        ] {
            let mut set = ManifestSet::default();
            let object = json!({"apiVersion": "v1", "kind": "A", "metadata": {"name": "a"}, "spec": {"matchExpressions": [expression]}});
            let manifest = set.push(object, "").unwrap();
            let selector = Selector::Full(Field::root(manifest).get("spec").unwrap());
            for (labels, selects) in [(json!({"a": "b"}), with), (json!({}), without)] {
                let object = json!({"metadata": {"labels": labels}});
                assert_eq!(selector.selects(Labels::of(&object)), selects, "{expression} {labels}");
            }
        }
    }
}
