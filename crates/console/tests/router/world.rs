//! The routes over a store of their own; what is said is gathered, and the clock is set by hand.

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use console::{Console, Kept, LOGIN, Learning, Live, Unkept, hash_of};
use domain::ids::Millis;
use domain::incoming::Incoming;
use domain::outgoing::Contents;
use domain::person::{Person, Standing};
use futures::TryStreamExt as _;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use store::{BlobId, Config, Store};
use tempfile::TempDir;
use tower::ServiceExt as _;

pub const HOST: &str = "127.0.0.1:8080";
/// Largest file that may be brought, bytes.
pub const LARGEST: u64 = 100_000;
pub const ORIGIN: &str = "http://127.0.0.1:8080";

pub struct World {
    pub store: Store,
    pub live: Live,
    pub said: Arc<Mutex<Vec<Incoming>>>,
    pub now: Arc<AtomicI64>,
    /// The setting for uploads, bytes.
    pub upload: Arc<AtomicUsize>,
    routes: Router,
    _folder: TempDir,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl World {
    pub async fn new() -> Self {
        Self::with(false).await
    }

    /// A world whose page is reached by an encrypted connection, or not.
    pub async fn with(secure: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let config = Config { url: format!("sqlite://{}", at("db")), blobs: at("blobs"), ..Config::default() };
        let store = Store::open(&config).await.unwrap();
        let (live, said) = (Live::default(), Arc::new(Mutex::new(Vec::new())));
        let now = Arc::new(AtomicI64::new(1_700_000_000_000));
        let upload = Arc::new(AtomicUsize::new(1024 * 1024));
        let blobs = store.blobs().unwrap();
        let kept = blobs.clone();
        let (gathered, clock, limit) = (said.clone(), now.clone(), upload.clone());
        let console = Console {
            store: store.clone(),
            live: live.clone(),
            accept: Arc::new(move |incoming| {
                gathered.lock().unwrap().push(incoming);
                Box::pin(async { Ok(true) })
            }),
            commands: Arc::new(|_, _| Vec::new()),
            files: Arc::new(move |contents| {
                let blobs = blobs.clone();
                Box::pin(async move {
                    // What lies elsewhere is its own name here.
                    let bytes = match contents {
                        Contents::Text(text) => Bytes::from(text.into_bytes()),
                        Contents::Stored { path } => Bytes::from(path.into_bytes()),
                        Contents::Blob { id } => {
                            let id = BlobId::parse(&id).ok_or_else(|| std::io::Error::other("no blob's name"))?;
                            blobs.get(&id).await.map_err(std::io::Error::other)?
                        }
                    };
                    Ok(console::Opened::bytes(bytes))
                })
            }),
            keep: Arc::new(move |arriving, limit| {
                let kept = kept.clone();
                Box::pin(async move {
                    let pieces: Result<Vec<Bytes>, _> = arriving.try_collect().await;
                    let whole = pieces.map_err(|_| Unkept::Broken)?.concat();
                    if whole.len() as u64 > limit {
                        return Err(Unkept::TooLarge);
                    }
                    let blob = kept.put(whole.clone().into()).await.map_err(|_| Unkept::Busy)?;
                    Ok(Kept { blob: blob.as_str().to_owned(), bytes: whole.len() as u64 })
                })
            }),
            largest: Arc::new(|| LARGEST),
            draws: Arc::new(|| true),
            upload: Arc::new(move || limit.load(Ordering::Relaxed)),
            learning: Learning {
                near: Arc::new(|_| Vec::new()),
                verdict: Arc::new(|_, release| release.verdict.as_str().map(str::to_owned)),
                trial: Arc::new(|| Box::pin(async { None })),
                base: Arc::new(|| "embedded".to_owned()),
            },
            clock: Arc::new(move || Millis(clock.load(Ordering::Relaxed))),
            hosts: Arc::new(vec!["bot.example.org".to_owned()]),
            secure,
        };
        Self { store, live, said, now, upload, routes: console::router(console), _folder: folder }
    }

    pub fn now(&self) -> Millis {
        Millis(self.now.load(Ordering::Relaxed))
    }

    pub fn pass(&self, ms: i64) {
        self.now.fetch_add(ms, Ordering::Relaxed);
    }

    /// Somebody with that role.
    pub async fn person(&self, name: &str, standing: Standing) -> Person {
        let made = self.store.expect_person(&format!("web:{name}"), self.now()).await.unwrap().unwrap();
        let person = Person { standing, ..made };
        self.store.save_person(&person).await.unwrap();
        person
    }

    /// A one-time code for somebody.
    pub async fn code(&self, person: &Person, code: &str) {
        let expires = self.now().plus(60_000);
        self.store.put_code(LOGIN, &hash_of(code), expires, person.id.as_str()).await.unwrap();
    }

    /// Logs somebody in; their cookie.
    pub async fn login(&self, person: &Person) -> String {
        self.code(person, person.id.as_str()).await;
        let answer = self.get(&format!("/login?code={}", person.id), &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
    }

    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask(request("GET", path, headers, Body::empty())).await
    }

    /// A request from the page itself, unless `headers` say otherwise.
    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        let usual = [("content-type", "application/json"), ("origin", ORIGIN)];
        let said = |name: &str| headers.iter().any(|(given, _)| *given == name);
        let mut all: Vec<_> = usual.into_iter().filter(|(name, _)| !said(name)).collect();
        all.extend(headers);
        self.ask(request("POST", path, &all, body.into())).await
    }

    /// Asks, and leaves the body unread.
    pub async fn begin(&self, path: &str, headers: &[(&str, &str)]) -> axum::response::Response {
        self.routes.clone().oneshot(request("GET", path, headers, Body::empty())).await.unwrap()
    }

    async fn ask(&self, request: Request<Body>) -> Answer {
        let (parts, body) = self.routes.clone().oneshot(request).await.unwrap().into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() }
    }
}

fn request(method: &str, path: &str, headers: &[(&str, &str)], body: Body) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if !headers.iter().any(|(name, _)| *name == "host") {
        request = request.header("host", HOST);
    }
    for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
        request = request.header(*name, *value);
    }
    request.body(body).unwrap()
}
