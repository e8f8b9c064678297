//! The examples at the end of each command's help. A test parses all of them, and another one runs those
//! that need nothing but a folder of environments.

pub(super) const NOTES: &str = "Examples:
  render notes --env prd
  render notes --env prd -o tfvars > terraform.tfvars.json
  render notes --env hetzner-germany --output-dir node";

pub(super) const CHECK: &str = "Examples:
  render check --env prd --strict
  render check --all
  render check --env prd --message-format sarif > render.sarif
  render check manifests/prd --kube-version 1.36
  helm template livekit livekit/livekit-server | render check --nodes 5 -";

pub(super) const SNAPSHOT: &str = "Examples:
  render snapshot --update
  render snapshot --check
  render snapshot --env 'hetzner-*' --message-format github";

pub(super) const POST_RENDER: &str = "Examples:
  helm template calls ./chart | render post-render --values render.yaml
  helm template calls ./chart | render post-render --plugin gke --set gke.projectID=acme --allow-findings";

pub(super) const FN: &str = "Examples:
  render fn < resources.yaml
  render fn --env prd < resources.yaml";

pub(super) const ARGOCD_PARAMETERS: &str = "Examples:
  render argocd parameters";

pub(super) const ARGOCD_GENERATE: &str = r#"Examples:
  ARGOCD_APP_PARAMETERS='[{"name": "env", "string": "prd"}]' render argocd generate"#;

pub(super) const HELM_PLUGIN_INSTALL: &str = "Examples:
  render helm-plugin install
  render helm-plugin install render-plugin";

pub(super) const PLUGIN_ADD: &str = "Examples:
  render plugin add oci://ghcr.io/acme/render-plugin:1.2.0
  render plugin add oci://ghcr.io/acme/render-plugin:1.2.0 --key cosign.pub --accept
  render plugin add plugins/acme.wasm --accept";

pub(super) const PLUGIN_INSPECT: &str = "Examples:
  render plugin inspect acme.wasm
  render plugin inspect acme.wasm -o json";

pub(super) const PLUGIN_LIST: &str = "Examples:
  render plugin list";

pub(super) const PLUGIN_NEW: &str = "Examples:
  render plugin new acme --lang rust";

pub(super) const PLUGIN_PACK: &str = "Examples:
  render plugin pack component.wasm --description description.json -o acme.wasm";

pub(super) const PLUGIN_REMOVE: &str = "Examples:
  render plugin remove acme";

pub(super) const PLUGIN_TEST: &str = "Examples:
  render plugin test
  render plugin test tests/fixtures --component acme.wasm --strict
  render plugin test --bless";

pub(super) const PLUGIN_UPDATE: &str = "Examples:
  render plugin update
  render plugin update acme --accept";

pub(super) const PLUGIN_VERIFY: &str = "Examples:
  render plugin verify
  render plugin verify acme --plugin-cache .cache";

pub(super) const INIT: &str = "Examples:
  render init
  render init site";

pub(super) const IMPORT_HELM: &str = "Examples:
  helm get values calls -o yaml | render import helm --release calls --namespace livekit - > calls.yaml
  helm get manifest calls | render import helm --namespace livekit --running - -o calls.yaml common.yaml prd.yaml";

pub(super) const IMPORT_MIJNBUREAU: &str = "Examples:
  render import mijnbureau production.yaml -o mijnbureau.yaml";

pub(super) const KEYS: &str = "Examples:
  render keys --env prd";

pub(super) const SCHEMA: &str = "Examples:
  render schema > environments/schema.json
  render schema --plugin gke";

pub(super) const RULES: &str = "Examples:
  render rules";

pub(super) const COMPLETIONS: &str = "Examples:
  render completions bash > render.bash
  render completions zsh > _render";

pub(super) const MAN: &str = "Examples:
  render man | man -l -
  render man plugin add > render-plugin-add.1";

pub(super) const VERSION: &str = "Examples:
  render version
  render version -o json";

#[cfg(test)]
mod tests {
    use std::process::Command;

    use clap::{CommandFactory, Parser};

    use crate::args::Cli;

    #[test]
    fn every_command_has_examples() {
        let mut without = Vec::new();
        for command in commands() {
            let name = command.get_bin_name().unwrap_or("render");
            let lines = examples(&command);
            if lines.is_empty() || !lines.iter().all(|line| line.contains(name)) {
                without.push(name.to_owned());
            }
        }
        assert_eq!(without, Vec::<String>::new());
    }

    #[test]
    fn every_example_is_a_command_line() {
        let mut parsed = 0;
        for line in commands().iter().flat_map(examples) {
            for words in programs(&line) {
                let taken = Cli::try_parse_from(&words);
                assert!(taken.is_ok(), "{line}: {}", taken.unwrap_err());
                parsed += 1;
            }
        }
        assert!(parsed > 40, "only {parsed} examples were found");
    }

    /// The program, and each command that stands in its help and has no commands below it, in the order of the help.
    fn commands() -> Vec<clap::Command> {
        let mut root = Cli::command();
        root.build();
        let mut found = vec![root.clone()];
        add_below(&root, &mut found);
        found
    }

    fn add_below(command: &clap::Command, found: &mut Vec<clap::Command>) {
        for below in command.get_subcommands().filter(|below| !below.is_hide_set() && below.get_name() != "help") {
            if below.has_subcommands() {
                add_below(below, found);
            } else {
                found.push(below.clone());
            }
        }
    }

    /// The lines below `Examples:` in a command's help.
    fn examples(command: &clap::Command) -> Vec<String> {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let lines = help.lines().skip_while(|line| *line != "Examples:").skip(1);
        lines.take_while(|line| line.starts_with("  ")).map(|line| line.trim().to_owned()).collect()
    }

    /// The words of each call of `render` in a line of a shell, without variables before it and redirections.
    fn programs(line: &str) -> Vec<Vec<String>> {
        let mut calls = Vec::new();
        for call in words(line).split(|word| word == "|") {
            let from = call.iter().position(|word| word == "render");
            let call = from.map_or(&[][..], |from| &call[from..]);
            let until = call.iter().position(|word| [">", "<"].contains(&word.as_str())).unwrap_or(call.len());
            if !call[..until].is_empty() {
                calls.push(call[..until].to_vec());
            }
        }
        calls
    }

    /// Words as a shell splits them, which is asked.
    fn words(line: &str) -> Vec<String> {
        let quoted = line.replace('|', "'|'").replace('>', "'>'").replace('<', "'<'");
        let output = Command::new("sh").args(["-c", &format!("printf '%s\\n' {quoted}")]).output().unwrap();
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
    }
}
