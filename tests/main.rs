//! The program as its user meets it. One test binary, so that everything links once; one module for
//! each subject, with its fixtures in the folder of the same name.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test reads its fixtures, stops at the first surprise, and says what it passes over"
)]

/// Hostile inputs, and surroundings that fail.
mod abuse;
/// Objects against the API of Kubernetes: the reference implementation agrees.
mod api;
/// Secrets never leak.
mod canaries;
/// Builds components from a few lines of WebAssembly text.
mod component;
/// The examples in the help of each command.
/// The script that keeps the external address current.
mod examples;
mod external_address;
/// Many environments in one run.
mod fleet;
/// Findings for programs, beside the schemas that describe them.
mod formats;
/// What holds for any input, and the inputs that once broke it.
mod fuzz;
/// The example for helmfile, as helmfile runs it.
mod helmfile;
/// Plugins that misbehave, and the whole message that each of them earns.
mod hostile;
/// The author's kit: `render plugin new|test|inspect|pack`, and the example in four languages.
mod kit;
/// The real kubectl reads what is rendered.
mod kubectl;
/// Paths with selectors, and what is said when they lead nowhere.
/// Plugins that behave: what they are shown, what becomes of their changes, and where their code comes from.
mod plugins;
/// What the environments promise, found in manifests and notes.
mod promises;
/// What holds for generated values, and for a text wherever a template puts it.
mod properties;
/// The rendered Redis, started.
mod redis;
/// The documents, generated and written.
mod reference;
/// Plugins that are not built in: files, and a real registry.
mod registry;
/// What an environment renders to, as data.
mod rendered;
/// Values against schemas: what is said, and that the reference implementation agrees.
mod schema;
/// The committed schemas are what the types say.
mod schemas;
/// `--set`, beside Helm's own answers.
mod set;
/// What nests, on the smallest stack.
mod stack;
/// The built plugins are those of the sources.
mod stamps;
/// What every test needs.
mod support;
/// What the house asks of every source file.
mod tidy;
/// The workflows for GitHub Actions, as a runner runs them.
mod workflow;
/// YAML as kubectl reads and writes it.
mod yaml;
