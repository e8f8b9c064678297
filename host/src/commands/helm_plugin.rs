//! `render` as a plugin of Helm 4, which takes a post-renderer only by the name of a plugin that is installed.

use std::path::{Path, PathBuf};

use serde_json::json;

use render_pipeline::emit;
use render_text::diagnostic::Failure;
use render_text::yaml;

use crate::surroundings::variable;
use crate::terminal;

/// Writes the plugin, and says where.
pub(super) fn install(folder: Option<&Path>) -> Result<(), Failure> {
    let path = |name: &str| variable(name).map(PathBuf::from);
    let folders = Folders {
        plugins: path("HELM_PLUGINS"),
        helm_data: path("HELM_DATA_HOME"),
        data: path("XDG_DATA_HOME"),
        home: path("HOME"),
    };
    let unknown = |error| Failure::Internal(format!("this program does not know where it is: {error}"));
    let program = std::env::current_exe().map_err(unknown)?;
    terminal::say(&written(folder, &folders, &program)?)
}

/// Where Helm looks for plugins, as far as variables say it.
#[derive(Debug, Clone, Default)]
struct Folders {
    /// `HELM_PLUGINS`.
    plugins: Option<PathBuf>,
    /// `HELM_DATA_HOME`.
    helm_data: Option<PathBuf>,
    /// `XDG_DATA_HOME`.
    data: Option<PathBuf>,
    /// `HOME`.
    home: Option<PathBuf>,
}

/// Writes the plugin into a folder, or into Helm's own one, and returns what to tell. `program` is the absolute
/// path of this program, which the plugin starts: an update of it is one of the plugin too.
///
/// # Errors
/// [`Failure::Internal`] when no variable names a folder, or the file cannot be written.
fn written(folder: Option<&Path>, folders: &Folders, program: &Path) -> Result<String, Failure> {
    let nowhere = || {
        Failure::Internal("nothing says where Helm keeps its plugins: name a folder, or set HELM_PLUGINS".to_owned())
    };
    let folder = folder.map(Path::to_owned).or_else(|| folders.own()).ok_or_else(nowhere)?;
    let file = folder.join("plugin.yaml");
    emit::file(&file, &metadata(program)?)?;
    Ok(format!("{} is written; `helm ... --post-renderer render` finds it\n", file.display()))
}

impl Folders {
    /// The folder of this plugin among Helm's.
    fn own(&self) -> Option<PathBuf> {
        let helm_data = || self.helm_data.clone().or_else(|| Some(self.data()?.join("helm")));
        Some(self.plugins.clone().or_else(|| Some(helm_data()?.join("plugins")))?.join("render"))
    }

    fn data(&self) -> Option<PathBuf> {
        let below_home = if cfg!(target_os = "macos") { "Library" } else { ".local/share" };
        self.data.clone().or_else(|| Some(self.home.as_ref()?.join(below_home)))
    }
}

/// What Helm reads. It refuses every key that it does not know.
fn metadata(program: &Path) -> Result<String, Failure> {
    let metadata = json!({
        "apiVersion": "v1",
        "type": "postrenderer/v1",
        "name": "render",
        "version": env!("CARGO_PKG_VERSION"),
        "runtime": "subprocess",
        "runtimeConfig": {"platformCommand": [{"command": program.to_string_lossy(), "args": ["post-render"]}]},
    });
    yaml::emit::document(&metadata).map_err(Failure::Internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_that_says_the_most_wins() {
        let path = |text: &str| Some(PathBuf::from(text));
        let mut folders = Folders { home: path("/home/me"), ..Folders::default() };
        assert!(folders.own().unwrap().ends_with("helm/plugins/render"));
        folders.data = path("/data");
        assert_eq!(folders.own(), path("/data/helm/plugins/render"));
        folders.helm_data = path("/helm");
        assert_eq!(folders.own(), path("/helm/plugins/render"));
        folders.plugins = path("/plugins");
        assert_eq!(folders.own(), path("/plugins/render"));
        assert_eq!(Folders::default().own(), None);
    }
}
