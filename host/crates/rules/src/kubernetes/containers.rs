//! What a pod is made of: its containers, volumes, mounts and variables fit together.

use render_text::diagnostic::{Diagnostic, Severity};
use render_text::suggest::closest;

use crate::view::{Field, Pod, pods, repeated};
use crate::{Find, Rule};

pub(super) static PARTS: Rule = Rule {
    code: "LK053",
    severity: Severity::Error,
    title: "containers, volumes and mounts fit together",
    why: "The API server refuses a pod template with two containers or two volumes of one name, with a mount of a volume \
          that the pod does not have, or with two mounts at one path. A Deployment that is refused leaves the old one \
          running, and a deploy that seems done.",
    find: Find::Manifests(|finished| {
        let pods = pods(finished.manifests).into_iter().filter(Pod::is_built_in);
        pods.flat_map(|pod| [names(&pod), mounts(&pod)].concat()).collect()
    }),
};

pub(super) static VARIABLES: Rule = Rule {
    code: "LK054",
    severity: Severity::Warning,
    title: "a container sets each variable once",
    why: "Of two entries for one variable the last one counts, and nothing says so. Server-side apply refuses both, and a \
          later strategic merge may keep the wrong one.",
    find: Find::Manifests(|finished| {
        let containers = pods(finished.manifests).into_iter().flat_map(|pod| pod.every_container());
        containers.flat_map(|container| variables(&container)).collect()
    }),
};

fn variables(container: &Field) -> Vec<Diagnostic> {
    let again = repeated(&container.list("env"), |one| one.text("name"));
    let finding = |(field, name): (Field, &str)| {
        let wrong = field.wrong(format!("the variable `{name}` is set twice, and the last entry counts"));
        wrong.hint("leave one of them out")
    };
    again.into_iter().map(finding).collect()
}

fn names(pod: &Pod) -> Vec<Diagnostic> {
    let lists = [("containers", pod.every_container()), ("volumes", pod.spec.list("volumes"))];
    let finding = |(what, fields): (&str, Vec<Field>)| {
        let again = repeated(&fields, |one| one.text("name"));
        let finding = |(field, name): (Field, &str)| {
            field.wrong(format!("two {what} of the pod are named `{name}`")).hint("rename one of them")
        };
        again.into_iter().map(finding).collect::<Vec<_>>()
    };
    lists.into_iter().flat_map(finding).collect()
}

fn mounts(pod: &Pod) -> Vec<Diagnostic> {
    let claims = Field::root(pod.owner()).get("spec").map_or_else(Vec::new, |spec| spec.list("volumeClaimTemplates"));
    let claims = claims.iter().filter_map(|claim| claim.get("metadata")?.text("name"));
    let volumes: Vec<&str> =
        pod.spec.list("volumes").iter().filter_map(|volume| volume.text("name")).chain(claims).collect();
    pod.every_container().iter().flat_map(|container| container_mounts(container, &volumes)).collect()
}

fn container_mounts(container: &Field, volumes: &[&str]) -> Vec<Diagnostic> {
    let mounts = container.list("volumeMounts");
    let devices = container.list("volumeDevices");
    let nameless = mounts.iter().chain(&devices).filter_map(|mount| {
        let name = mount.text("name").filter(|name| !volumes.contains(name))?;
        let wrong = mount.wrong(format!("the pod has no volume `{name}` to mount"));
        Some(wrong.hint(match closest(name, volumes.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "add it to the pod's volumes, or leave the mount out".to_owned(),
        }))
    });
    let again = repeated(&mounts, |mount| mount.text("mountPath")).into_iter().map(|(field, path)| {
        let wrong = field.wrong(format!("two volumes of the container are mounted at `{path}`"));
        wrong.hint("mount one of them elsewhere, or join them in a projected volume")
    });
    nameless.chain(again).collect()
}

#[cfg(test)]
mod tests {
    use crate::testing::in_objects;

    fn pod(spec: &str) -> String {
        format!("{{apiVersion: v1, kind: Pod, metadata: {{name: a}}, spec: {{{spec}}}}}")
    }

    #[test]
    fn containers_and_volumes_have_names_of_their_own() {
        in_objects(
            "LK053",
            &[
                (&pod("containers: [{name: a}, {name: b}], volumes: [{name: a}, {name: b}]"), &[]),
                (&pod("containers: [{name: a}, {name: a}]"), &["two containers of the pod are named `a`"]),
                (
                    &pod("containers: [{name: a}], initContainers: [{name: a}]"),
                    &["two containers of the pod are named `a`"],
                ),
                (&pod("containers: [], volumes: [{name: a}, {name: a}]"), &["two volumes of the pod are named `a`"]),
            ],
        );
    }

    #[test]
    fn mounts_are_of_volumes_and_at_paths_of_their_own() {
        let mounting = |volumes: &str, mounts: &str| {
            pod(&format!("volumes: [{volumes}], containers: [{{name: a, volumeMounts: [{mounts}]}}]"))
        };
        let twice = "{name: v, mountPath: /a, subPath: b}, {name: v, mountPath: /a, subPath: c}";
        in_objects(
            "LK053",
            &[
                (&mounting("{name: v}", "{name: v, mountPath: /a}, {name: v, mountPath: /b}"), &[]),
                (&mounting("{name: v}", "{name: w, mountPath: /a}"), &["the pod has no volume `w` to mount"]),
                (&mounting("{name: v}", twice), &["two volumes of the container are mounted at `/a`"]),
                (&pod("containers: [{name: a, volumeDevices: [{name: w, devicePath: /a}]}]"), &["no volume `w`"]),
            ],
        );
    }

    #[test]
    fn the_claims_of_a_stateful_set_are_volumes_of_its_pods() {
        let set = |claim: &str| {
            let template = "{spec: {containers: [{name: a, volumeMounts: [{name: data, mountPath: /a}]}]}}";
            let claims = format!("[{{metadata: {{name: {claim}}}}}]");
            format!(
                "{{apiVersion: apps/v1, kind: StatefulSet, metadata: {{name: a}}, \
                 spec: {{volumeClaimTemplates: {claims}, template: {template}}}}}"
            )
        };
        in_objects("LK053", &[(&set("data"), &[]), (&set("date"), &["the pod has no volume `data` to mount"])]);
    }

    #[test]
    fn templates_of_other_kinds_are_judged_by_their_own_controllers() {
        let rollout = "{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: a}, \
                       spec: {template: {spec: {containers: [{name: a}, {name: a}]}}}}";
        in_objects("LK053", &[(rollout, &[])]);
    }

    #[test]
    fn a_variable_is_set_once_in_each_container() {
        in_objects(
            "LK054",
            &[
                (&pod("containers: [{name: a, env: [{name: A}, {name: a}]}, {name: b, env: [{name: A}]}]"), &[]),
                (&pod("containers: [{name: a, env: [{name: A}, {name: A}]}]"), &["the variable `A` is set twice"]),
                (
                    &pod("containers: [], initContainers: [{name: a, env: [{name: A}, {name: A}]}]"),
                    &["`A` is set twice"],
                ),
            ],
        );
    }
}
