//! The examples at the end of each command's help. A test parses all of them, and runs those that need nothing but a
//! folder of environments.

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
