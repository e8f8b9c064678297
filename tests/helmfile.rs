//! The example for helmfile, run as helmfile runs it: the arguments of the post-renderer are templates of
//! helmfile's, and each goes to Helm as one `--post-renderer-args=VALUE`.

use std::process::Command;

use render_text::source::Sources;
use render_text::yaml;
use serde_json::Value;

use crate::support::{path, root};

#[test]
fn the_example_for_helmfile_renders_with_the_names_of_the_release() {
    if Command::new("helm").arg("version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "helm is not installed");
        return;
    }
    let rendered = as_helmfile_does("calls", "livekit");
    assert!(rendered.contains("name: calls-livekit-server\n  namespace: livekit\n"), "{rendered}");
    assert!(rendered.contains("kind: BackendConfig"), "{rendered}");
}

fn as_helmfile_does(name: &str, namespace: &str) -> String {
    let folder = root().join("deploy/helmfile");
    let text = std::fs::read_to_string(folder.join("helmfile.yaml")).unwrap();
    let text = text.replace("{{ .Release.Name }}", name).replace("{{ .Release.Namespace }}", namespace);
    let source = Sources::default().add("helmfile.yaml", text.clone());
    let helmfile = yaml::read(source, &text).unwrap()[0].to_json();
    let (defaults, release) = (&helmfile["helmDefaults"], &helmfile["releases"][0]);
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let mut helm = Command::new("helm");
    helm.args(["template", name, &word(&release["chart"]), "--namespace", namespace]);
    helm.args(["--values", &word(&release["values"][0]), "--post-renderer", &word(&defaults["postRenderer"])]);
    let arguments = defaults["postRendererArgs"].as_array().unwrap();
    helm.args(arguments.iter().map(|argument| format!("--post-renderer-args={}", word(argument))));
    let output = helm.current_dir(&folder).env("PATH", path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
