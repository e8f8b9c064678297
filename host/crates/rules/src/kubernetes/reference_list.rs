//! What objects name of others: each reference with what it names, so that one rule asks whether the
//! object is there, and another whether it has what is wanted of it.

use render_objects::manifest::Manifest;
use render_text::resource::ResourceId;

use crate::view::{Field, Pod};

/// One object that names another.
#[derive(Debug, Clone)]
pub(crate) struct Reference<'a> {
    /// Where the name is written.
    pub(crate) field: Field<'a>,
    /// The API group and the kind of what it names.
    pub(crate) kind: (&'static str, &'static str),
    /// The namespace of what it names, where that is written.
    pub(crate) namespace: Option<&'a str>,
    /// The name.
    pub(crate) name: &'a str,
    /// The keys of it that are needed, each where it is written.
    pub(crate) keys: Vec<(Field<'a>, &'a str)>,
}

pub(crate) const SECRET: (&str, &str) = ("", "Secret");
pub(crate) const CONFIG_MAP: (&str, &str) = ("", "ConfigMap");
pub(crate) const SERVICE: (&str, &str) = ("", "Service");
pub(crate) const SERVICE_ACCOUNT: (&str, &str) = ("", "ServiceAccount");
pub(crate) const CLAIM: (&str, &str) = ("", "PersistentVolumeClaim");

impl<'a> Reference<'a> {
    /// A reference to an object of the same namespace, by the text of a field.
    pub(crate) fn by(field: Field<'a>, kind: (&'static str, &'static str)) -> Option<Self> {
        let name = field.value.as_str().filter(|name| !name.is_empty())?;
        Some(Self { namespace: field.namespace(), field, kind, name, keys: Vec::new() })
    }

    /// Whether both name one object.
    pub(crate) fn means_same(&self, other: &Self) -> bool {
        (self.kind, self.namespace, self.name) == (other.kind, other.namespace, other.name)
    }

    fn with(self, keys: Vec<(Field<'a>, &'a str)>) -> Self {
        Self { keys, ..self }
    }
}

/// What a pod cannot start without; what is optional is not among it.
pub(crate) fn of_pod<'a>(pod: &Pod<'a>) -> Vec<Reference<'a>> {
    let containers = pod.every_container();
    let variables = containers.iter().flat_map(of_container);
    let volumes = pod.spec.list("volumes").into_iter().flat_map(|volume| of_volume(&volume, &containers));
    let pulls = pod.spec.list("imagePullSecrets").into_iter();
    let pulls = pulls.filter_map(|one| Reference::by(one.get("name")?, SECRET));
    let account = pod.spec.get("serviceAccountName").and_then(|name| Reference::by(name, SERVICE_ACCOUNT));
    variables.chain(volumes).chain(pulls).chain(account).collect()
}

/// The Services that an Ingress sends to, each with the port that it asks for.
pub(crate) fn backends<'a>(ingress: &Field<'a>) -> Vec<Field<'a>> {
    let Some(spec) = ingress.get("spec") else { return Vec::new() };
    let rules = spec.list("rules");
    let paths = rules.iter().filter_map(|rule| rule.get("http")).flat_map(|http| http.list("paths"));
    let backends = paths.filter_map(|path| path.at(&["backend", "service"]));
    spec.at(&["defaultBackend", "service"]).into_iter().chain(backends).collect()
}

/// The Services that a route of the Gateway API sends to.
pub(crate) fn route_backends<'a>(route: &Field<'a>) -> Vec<Field<'a>> {
    let rules = route.get("spec").map_or_else(Vec::new, |spec| spec.list("rules"));
    let is_service = |one: &Field| {
        one.text("group").unwrap_or_default().is_empty() && one.text("kind").is_none_or(|kind| kind == "Service")
    };
    rules.iter().flat_map(|rule| rule.list("backendRefs")).filter(is_service).collect()
}

/// Whether an object is a route to Services: the Gateway API's, or STUNner's.
pub(crate) fn is_route(manifest: &Manifest) -> bool {
    matches!(manifest.id.group.as_str(), "gateway.networking.k8s.io" | "stunner.l7mp.io")
        && manifest.id.kind.ends_with("Route")
}

/// Whether a route is one that STUNner serves, which sends to the pods of any Service at any port, with no
/// regard to the ports that the Service has and to who grants what.
pub(crate) fn is_stunner(route: &ResourceId) -> bool {
    route.group == "stunner.l7mp.io" || route.kind == "UDPRoute"
}

fn of_container<'a>(container: &Field<'a>) -> Vec<Reference<'a>> {
    let env = container.list("env");
    let single = env.iter().filter_map(|one| one.get("valueFrom")).filter_map(|from| {
        let secret = from.get("secretKeyRef").map(|wanted| (wanted, SECRET));
        let (wanted, kind) = secret.or_else(|| from.get("configMapKeyRef").map(|wanted| (wanted, CONFIG_MAP)))?;
        let keys = key_of(&wanted, "key").into_iter().collect();
        needed(&wanted, "name", kind).map(|reference| reference.with(keys))
    });
    let whole = container.list("envFrom");
    let whole = whole.iter().filter_map(|from| {
        let secret = from.get("secretRef").and_then(|wanted| needed(&wanted, "name", SECRET));
        secret.or_else(|| needed(&from.get("configMapRef")?, "name", CONFIG_MAP))
    });
    single.chain(whole).collect()
}

fn of_volume<'a>(volume: &Field<'a>, containers: &[Field<'a>]) -> Vec<Reference<'a>> {
    let claim = volume.get("persistentVolumeClaim").and_then(|claim| needed(&claim, "claimName", CLAIM));
    let source = volume.get("secret").map(|source| (source, "secretName", SECRET));
    let source = source.or_else(|| volume.get("configMap").map(|source| (source, "name", CONFIG_MAP)));
    let plain = source.and_then(|(source, name, kind)| {
        let mut keys = items(&source);
        if keys.is_empty() {
            keys = sub_paths(volume, containers);
        }
        needed(&source, name, kind).map(|reference| reference.with(keys))
    });
    let sources = volume.get("projected").map_or_else(Vec::new, |projected| projected.list("sources"));
    let projected = sources.iter().filter_map(|one| {
        let secret = one.get("secret").map(|source| (source, SECRET));
        let (source, kind) = secret.or_else(|| one.get("configMap").map(|source| (source, CONFIG_MAP)))?;
        needed(&source, "name", kind).map(|reference| reference.with(items(&source)))
    });
    claim.into_iter().chain(plain).chain(projected).collect()
}

/// The reference under a key of something that may be optional, when it is not.
fn needed<'a>(wanted: &Field<'a>, key: &str, kind: (&'static str, &'static str)) -> Option<Reference<'a>> {
    if wanted.is("optional") { None } else { Reference::by(wanted.get(key)?, kind) }
}

fn items<'a>(source: &Field<'a>) -> Vec<(Field<'a>, &'a str)> {
    source.list("items").iter().filter_map(|item| key_of(item, "key")).collect()
}

/// The files of a volume that are mounted one by one: each is a key of what the volume is made of.
fn sub_paths<'a>(volume: &Field<'a>, containers: &[Field<'a>]) -> Vec<(Field<'a>, &'a str)> {
    let mounts = containers.iter().flat_map(|container| container.list("volumeMounts"));
    let mounts = mounts.filter(|mount| mount.text("name") == volume.text("name"));
    let is_file = |(_, path): &(Field, &str)| !path.is_empty() && !path.contains('/') && *path != ".";
    mounts.filter_map(|mount| key_of(&mount, "subPath")).filter(is_file).collect()
}

fn key_of<'a>(field: &Field<'a>, key: &str) -> Option<(Field<'a>, &'a str)> {
    let field = field.get(key)?;
    let text = field.value.as_str()?;
    Some((field, text))
}
