//! Requests to one registry. A body is read in pieces and up to a limit, whoever sends it: the registry, its token
//! server, or the server that a redirect leads to. The body of a refusal is not read; its status says enough.

use docker_credential::DockerCredential;
use oci_spec::distribution::Reference;
use reqwest::header::{ACCEPT, WWW_AUTHENTICATE};
use reqwest::{Client, RequestBuilder, Response, Url};

use super::trouble::Trouble;
use super::{Access, answers, is_plain};

/// Manifests that are asked for. An index of several is only told of: a component is the same for every machine.
const MANIFESTS: &str = "application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json";
/// The largest answer of a token server; tokens have some kilobytes.
const MOST_OF_TOKEN: usize = 64 << 10;

/// A registry before anybody has said who asks.
pub(super) struct Session {
    client: Client,
    registry: String,
    repository: String,
    is_plain: bool,
    credentials: Identity,
}

/// Who asks.
#[derive(Clone)]
enum Identity {
    Anonymous,
    Basic { name: String, password: String },
    Bearer(String),
}

/// A registry that knows who asks, as far as it wants to.
pub(super) struct Authorized<'a> {
    session: &'a Session,
    identity: Identity,
}

/// What a registry answers to a request that it grants.
pub(super) struct Answer(Response);

impl Session {
    pub(super) fn new(reference: &Reference, access: Access) -> Result<Self, Trouble> {
        let client = Client::builder()
            .connect_timeout(access.patience)
            .read_timeout(access.patience)
            .user_agent(concat!("render/", env!("CARGO_PKG_VERSION")));
        let registry = reference.resolve_registry();
        Ok(Self {
            client: client.build()?,
            registry: registry.to_owned(),
            repository: reference.repository().to_owned(),
            is_plain: is_plain(registry, access),
            credentials: Identity::of_docker(reference.registry()),
        })
    }

    /// Asks what the registry wants to know of who asks, and gets a token where it wants one.
    pub(super) async fn authorized(&self) -> Result<Authorized<'_>, Trouble> {
        let answer = self.client.get(self.url("")).send().await?;
        let challenge = answer.headers().get(WWW_AUTHENTICATE).and_then(|header| header.to_str().ok());
        let identity = match challenge.map(answers::challenge) {
            None => Identity::Anonymous,
            Some(None) => self.credentials.clone(),
            Some(Some(challenge)) => Identity::Bearer(self.token(&challenge).await?),
        };
        Ok(Authorized { session: self, identity })
    }

    async fn token(&self, challenge: &answers::Challenge) -> Result<String, Trouble> {
        let scope = ("scope", format!("repository:{}:pull", self.repository));
        let service = challenge.service.clone().map(|service| ("service", service));
        let url = Url::parse_with_params(&challenge.realm, [scope].into_iter().chain(service));
        let url = url.map_err(|_| Trouble::Nonsense)?;
        // A password does not leave in the clear because a registry says so.
        let is_safe = self.is_plain || url.scheme() == "https";
        let identity = if is_safe { &self.credentials } else { &Identity::Anonymous };
        let response = identity.identify(self.client.get(url)).send().await?;
        if !response.status().is_success() {
            return Err(Trouble::Refused);
        }
        let body = Answer(response).body("token", MOST_OF_TOKEN).await?;
        answers::token(&body).ok_or(Trouble::Nonsense)
    }

    fn url(&self, path: &str) -> String {
        let scheme = if self.is_plain { "http" } else { "https" };
        format!("{scheme}://{}/v2/{path}", self.registry)
    }
}

impl Authorized<'_> {
    pub(super) async fn manifest(&self, reference: &Reference) -> Result<Answer, Trouble> {
        let name = reference.digest().or(reference.tag()).unwrap_or("latest");
        self.send(self.get(&format!("manifests/{name}")).header(ACCEPT, MANIFESTS)).await
    }

    pub(super) async fn blob(&self, digest: &str) -> Result<Answer, Trouble> {
        self.send(self.get(&format!("blobs/{digest}"))).await
    }

    fn get(&self, path: &str) -> RequestBuilder {
        let session = self.session;
        self.identity.identify(session.client.get(session.url(&format!("{}/{path}", session.repository))))
    }

    async fn send(&self, request: RequestBuilder) -> Result<Answer, Trouble> {
        let response = request.send().await?;
        match response.status().as_u16() {
            200 => Ok(Answer(response)),
            401 | 403 => Err(Trouble::Refused),
            404 => Err(Trouble::Missing),
            code => Err(Trouble::Status(code)),
        }
    }
}

impl Answer {
    /// The digest that the registry says it has.
    pub(super) fn digest(&self) -> Option<&str> {
        self.0.headers().get("docker-content-digest")?.to_str().ok().filter(|digest| !digest.is_empty())
    }

    /// The next piece of the body.
    pub(super) async fn piece(&mut self) -> Result<Option<impl AsRef<[u8]> + use<>>, Trouble> {
        Ok(self.0.chunk().await?)
    }

    /// The whole body, where it has no more bytes than it may.
    pub(super) async fn body(&mut self, what: &'static str, most: usize) -> Result<Vec<u8>, Trouble> {
        let mut bytes = Vec::new();
        while let Some(piece) = self.piece().await? {
            let piece = piece.as_ref();
            if bytes.len() + piece.len() > most {
                return Err(Trouble::Long { what, most });
            }
            bytes.extend_from_slice(piece);
        }
        Ok(bytes)
    }
}

impl Identity {
    /// What `docker login` and its kin wrote. Where it cannot be had, the registry says whether it needs it.
    fn of_docker(registry: &str) -> Self {
        // Docker Hub is the one registry with a name of its own in that file.
        let server = if registry == "docker.io" { "https://index.docker.io/v1/" } else { registry };
        match docker_credential::get_credential(server) {
            Ok(DockerCredential::UsernamePassword(name, password)) => Self::Basic { name, password },
            Ok(DockerCredential::IdentityToken(_)) | Err(_) => Self::Anonymous,
        }
    }

    fn identify(&self, request: RequestBuilder) -> RequestBuilder {
        match self {
            Self::Anonymous => request,
            Self::Basic { name, password } => request.basic_auth(name, Some(password)),
            Self::Bearer(token) => request.bearer_auth(token),
        }
    }
}
