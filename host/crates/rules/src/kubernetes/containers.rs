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
