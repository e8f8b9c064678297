//! Requests to one registry. A body is read in pieces and up to a limit, whoever sends it: the registry, its token
//! server, or the server that a redirect leads to. The body of a refusal is not read; its status says enough.
//!
//! Redirects are followed here and not by the HTTP client: credentials are for the first origin alone, and reqwest sends
//! them again on the second redirect within another one.

use docker_credential::{CredentialRetrievalError, DockerCredential};
use oci_spec::distribution::Reference;
use reqwest::header::{ACCEPT, LOCATION, WWW_AUTHENTICATE};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, Url};

use super::trouble::Trouble;
use super::{Access, answers, docker, is_plain};

/// Manifests that are asked for. An index of several is only told of: a component is the same for every machine.
const MANIFESTS: &str = "application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json";
/// How many redirects are followed, as by other clients.
const MOST_REDIRECTS: usize = 10;
/// The largest answer of a token server; tokens have some kilobytes.
const MOST_OF_TOKEN: usize = 64 << 10;

/// A registry before anybody has said who asks.
pub(super) struct Session {
    client: Client,
    registry: String,
    repository: String,
    access: Access,
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
            .redirect(Policy::none())
            .user_agent(concat!("render/", env!("CARGO_PKG_VERSION")));
        let registry = reference.resolve_registry();
        Ok(Self {
            client: client.build()?,
            registry: registry.to_owned(),
            repository: reference.repository().to_owned(),
            access,
            credentials: Identity::of_docker(reference.registry()),
        })
    }

    /// Asks what the registry wants to know of who asks, and gets a token where it wants one.
    pub(super) async fn authorized(&self) -> Result<Authorized<'_>, Trouble> {
        let answer = self.ask(self.url("")?, &Identity::Anonymous, None).await?;
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
        let response = self.ask(url, &self.credentials, None).await?;
        if !response.status().is_success() {
            return Err(Trouble::Refused);
        }
        let body = Answer(response).body("token", MOST_OF_TOKEN).await?;
        answers::token(&body).ok_or(Trouble::Nonsense)
    }

    /// Asks for a URL, and goes where redirects lead.
    async fn ask(&self, url: Url, identity: &Identity, accept: Option<&str>) -> Result<Response, Trouble> {
        let (mut url, mut identity) = (url, identity);
        for _ in 0..=MOST_REDIRECTS {
            self.may_ask(&url)?;
            let request = identity.identify(self.client.get(url.clone()));
            let request = accept.into_iter().fold(request, |request, accept| request.header(ACCEPT, accept));
            let response = request.send().await?;
            let Some(next) = redirect(&response)? else { return Ok(response) };
            if next.origin() != url.origin() {
                identity = &Identity::Anonymous;
            }
            url = next;
        }
        Err(Trouble::Nonsense)
    }

    /// Whether a server may be asked: over TLS, unless it is on this machine or the user allows http. A registry does not
    /// decide that a password leaves in the clear.
    fn may_ask(&self, url: &Url) -> Result<(), Trouble> {
        let host = url.host_str().ok_or(Trouble::Nonsense)?;
        match url.scheme() {
            "https" => Ok(()),
            "http" if is_plain(host, self.access) => Ok(()),
            "http" => Err(Trouble::Plain(host.to_owned())),
            _ => Err(Trouble::Nonsense),
        }
    }

    fn url(&self, path: &str) -> Result<Url, Trouble> {
        let scheme = if is_plain(&self.registry, self.access) { "http" } else { "https" };
        Url::parse(&format!("{scheme}://{}/v2/{path}", self.registry)).map_err(|_| Trouble::Nonsense)
    }
}

/// Where a redirect leads, if an answer is one.
fn redirect(response: &Response) -> Result<Option<Url>, Trouble> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
    let next = location.and_then(|location| response.url().join(location).ok());
    next.map(Some).ok_or(Trouble::Nonsense)
}

impl Authorized<'_> {
    pub(super) async fn manifest(&self, reference: &Reference) -> Result<Answer, Trouble> {
        let name = reference.digest().or(reference.tag()).unwrap_or("latest");
        self.get(&format!("manifests/{name}"), Some(MANIFESTS)).await
    }

    pub(super) async fn blob(&self, digest: &str) -> Result<Answer, Trouble> {
        self.get(&format!("blobs/{digest}"), None).await
    }

    async fn get(&self, path: &str, accept: Option<&str>) -> Result<Answer, Trouble> {
        let url = self.session.url(&format!("{}/{path}", self.session.repository))?;
        let response = self.session.ask(url, &self.identity, accept).await?;
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
        let credential = docker::config().map(|config| docker_credential::get_credential_from_reader(&*config, server));
        match credential.unwrap_or(Err(CredentialRetrievalError::ConfigNotFound)) {
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
