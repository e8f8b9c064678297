//! The workflows in deploy/github-actions/: each step that needs no network is run as a runner runs it, by `bash -e`
//! with the variables of workflow, job and step, in a checkout that has the environments of this repository.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use render_text::source::Sources;
use render_text::yaml;
use serde_json::{Map, Value};

use crate::rendered::manifests;
use crate::support::{path, program, root};

/// What is only there with the network.
const NETWORK: [&str; 3] = ["curl ", "docker ", "flux "];

/// A step of a job, once for each value of the job's matrix.
#[derive(Debug)]
struct Step {
    name: String,
    script: String,
    variables: Vec<(String, String)>,
}

#[test]
fn every_step_that_needs_no_network_passes() {
    for workflow in workflows() {
        let checkout = checkout();
        let (far, near): (Vec<Step>, Vec<Step>) =
            steps(&workflow).into_iter().partition(|step| NETWORK.iter().any(|program| step.script.contains(program)));
        assert!(!far.is_empty() && !near.is_empty(), "{}: {far:?} {near:?}", workflow.display());
        for step in near {
            let output = run(&step, checkout.path());
            assert!(output.status.success(), "{}: {}: {output:?}", workflow.display(), step.name);
        }
    }
}

#[test]
fn what_is_published_is_a_file_for_each_object() {
    let checkout = checkout();
    let published: Vec<Step> = of("render.yaml", "Render");
    for step in &published {
        assert!(run(step, checkout.path()).status.success());
    }
    for environment in ["stg", "prd"] {
        let folder = checkout.path().join("manifests").join(environment);
        let files = files(&folder).into_iter().filter(|file| file.extension().is_some_and(|ending| ending == "yaml"));
        assert_eq!(files.count(), manifests(environment, &[]).len(), "{environment}");
    }
}

/// What was not reviewed stops the change, and is annotated in the file that should say it.
#[test]
fn a_change_without_its_snapshot_stops() {
    let checkout = checkout();
    let file = checkout.path().join("environments/dev.yaml");
    fs::write(&file, fs::read_to_string(&file).unwrap() + "\nmonitoring: {serviceMonitor: {enabled: true}}\n").unwrap();
    let output = run(&of("render.yaml", "Compare with what was reviewed")[0], checkout.path());
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("::error file=snapshots/dev.yaml,line="), "{said}");
}

/// One environment is wrong: it is annotated in its own file, the others are checked all the same, and the step fails.
#[test]
fn a_mistake_is_annotated_and_stops_what_follows() {
    let checkout = checkout();
    let file = checkout.path().join("environments/dev.yaml");
    fs::write(&file, fs::read_to_string(&file).unwrap().replace("\nlivekit:", "\nlivkit:")).unwrap();
    let checks = of("render.yaml", "Check every environment");
    let output = run(&checks[0], checkout.path());
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.starts_with("::error file=environments/dev.yaml,line="), "{said}");
    assert!(said.contains("unknown key `livkit`") && said.contains("10 environments, "), "{said}");
}

#[test]
fn sarif_is_written_for_each_environment_and_whatever_is_found() {
    let checkout = checkout();
    let checks = of("sarif.yaml", "Check");
    assert_eq!(checks.len(), 3);
    let file = checkout.path().join("environments/dev.yaml");
    fs::write(&file, fs::read_to_string(&file).unwrap().replace("\nlivekit:", "\nlivkit:")).unwrap();
    for (step, errors) in checks.iter().zip([1, 0, 0]) {
        run(step, checkout.path());
        let sarif: Value =
            serde_json::from_str(&fs::read_to_string(checkout.path().join("render.sarif")).unwrap()).unwrap();
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        let found = results.iter().filter(|result| result["level"] == "error").count();
        assert_eq!(found, errors, "{:?}", step.variables);
    }
}

fn workflows() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("deploy/github-actions")).unwrap();
    let mut workflows: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    workflows.sort();
    assert!(!workflows.is_empty(), "there is no workflow");
    workflows
}

/// The steps of a name in a workflow. There must be one.
fn of(workflow: &str, name: &str) -> Vec<Step> {
    let mut steps = steps(&root().join("deploy/github-actions").join(workflow));
    steps.retain(|step| step.name == name);
    assert!(!steps.is_empty(), "{workflow} has no step `{name}`");
    steps
}

fn steps(workflow: &Path) -> Vec<Step> {
    let text = fs::read_to_string(workflow).unwrap();
    let source = Sources::default().add(workflow.display().to_string(), text.clone());
    let workflow = yaml::read(source, &text).unwrap()[0].to_json();
    let jobs = workflow["jobs"].as_object().unwrap();
    jobs.values().flat_map(|job| steps_of(&workflow, job)).collect()
}

fn steps_of(workflow: &Value, job: &Value) -> Vec<Step> {
    let matrix = job["strategy"]["matrix"].as_object().and_then(|matrix| matrix.iter().next());
    let turns = matrix.map_or(vec![(String::new(), String::new())], |(key, values)| {
        let turn = |value: &Value| (format!("${{{{ matrix.{key} }}}}"), value.as_str().unwrap().to_owned());
        values.as_array().unwrap().iter().map(turn).collect()
    });
    let mut all = Vec::new();
    for (expression, value) in &turns {
        for step in job["steps"].as_array().unwrap().iter().filter(|step| step["run"].is_string()) {
            let script = step["run"].as_str().unwrap().to_owned();
            assert!(!script.contains("${{"), "an expression in a script lets others write the script: {script}");
            let set = [workflow, job, step].into_iter().filter_map(|of| of["env"].as_object());
            let variables = set.flat_map(Map::iter).map(|(name, text)| {
                let text = text.as_str().unwrap();
                (name.clone(), if text == expression { value.clone() } else { text.to_owned() })
            });
            let name = step["name"].as_str().unwrap().to_owned();
            all.push(Step { name, script, variables: variables.collect() });
        }
    }
    all
}

fn run(step: &Step, checkout: &Path) -> Output {
    Command::new("bash")
        .args(["-e", "-c", &step.script])
        .current_dir(checkout)
        .env("PATH", path())
        .envs(step.variables.iter().cloned())
        .output()
        .unwrap()
}

/// Every file in a folder, at any depth.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// A folder with what such a repository has: environments, and what was reviewed of them.
fn checkout() -> tempfile::TempDir {
    let checkout = tempfile::tempdir().unwrap();
    let environments = checkout.path().join("environments");
    fs::create_dir(&environments).unwrap();
    for file in fs::read_dir(root().join("environments")).unwrap().map(|entry| entry.unwrap().path()) {
        fs::copy(&file, environments.join(file.file_name().unwrap())).unwrap();
    }
    let kept = Command::new(program()).args(["snapshot", "--update"]).current_dir(checkout.path()).output().unwrap();
    assert!(kept.status.success(), "{}", String::from_utf8_lossy(&kept.stderr));
    checkout
}
