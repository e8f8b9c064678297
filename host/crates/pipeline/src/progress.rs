//! How far a run came: whoever reads that something is wrong also wants to know what was not looked at.

/// How far a run came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// The stage that was reached.
    pub stage: Stage,
    /// How many objects there were at the last look.
    pub objects: usize,
}

/// The stages that find mistakes, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Stage {
    /// Files are read and merged.
    #[default]
    Load,
    /// Values are held against the schemas.
    Validate,
    /// Rules read the values.
    Values,
    /// Templates make objects.
    Template,
    /// A plugin changes them.
    Plugins,
    /// The user's patches change them.
    Patches,
    /// Rules read the finished objects.
    Finished,
}

impl Stage {
    /// The stages behind this one.
    #[must_use]
    pub(crate) fn after(self) -> Vec<Self> {
        let all =
            [Self::Load, Self::Validate, Self::Values, Self::Template, Self::Plugins, Self::Patches, Self::Finished];
        all.into_iter().filter(|stage| *stage > self).collect()
    }

    /// What the stage holds the environment against.
    #[must_use]
    pub(crate) fn checks(self) -> &'static str {
        match self {
            Self::Load => "the files",
            Self::Validate => "the schemas",
            Self::Values => "the rules on values",
            Self::Template => "the templates",
            Self::Plugins => "the plugin",
            Self::Patches => "the patches",
            Self::Finished => "the checks of finished objects",
        }
    }
}
