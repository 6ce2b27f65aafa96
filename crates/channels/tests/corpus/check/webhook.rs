//! What holds for whatever is brought to the webhook. The fuzz target and the replay of its corpus share it.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, StatusCode};
use channels::telegram::parse::{Parsed, parse_bytes};
use channels::telegram::{AcceptError, Config, Limits, Me, Telegram, Webhook, routes};
use domain::incoming::Incoming;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

/// What Telegram says to prove itself.
const SECRET: &str = "s3cret";

/// Brings a call: its first line is what proves it, the rest is its body.
pub fn webhook(bytes: &[u8]) {
    static WORLD: OnceLock<World> = OnceLock::new();
    let world = WORLD.get_or_init(World::new);
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (secret, body) = (&bytes[..end], bytes.get(end + 1..).unwrap_or_default());
    for disk_is_full in [false, true] {
        world.bring(secret, body, disk_is_full);
    }
}

/// The routes of a bot that has met Telegram.
struct World {
    runtime: Runtime,
    telegram: Telegram,
    me: Me,
}

impl World {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (telegram, me) = runtime.block_on(async {
            let server = sim::telegram::Server::start(sim::telegram::Config::default()).await;
            let telegram = Telegram::new(config(&server)).unwrap();
            let me = telegram.me().await.unwrap();
            (telegram, me)
        });
        Self { runtime, telegram, me }
    }

    fn bring(&self, secret: &[u8], body: &[u8], disk_is_full: bool) {
        let accepted: Arc<Mutex<Vec<Incoming>>> = Arc::default();
        let ignored = self.telegram.ignored();
        let routes = self.routes(&accepted, disk_is_full);
        let status = self.runtime.block_on(routes.oneshot(call(secret, body))).unwrap().status();
        let accepted = std::mem::take(&mut *accepted.lock().unwrap_or_else(PoisonError::into_inner));
        let ignored = self.telegram.ignored() - ignored;
        if secret != SECRET.as_bytes() {
            assert_eq!((status, accepted.len(), ignored), (StatusCode::UNAUTHORIZED, 0, 0), "it proves nothing");
            return;
        }
        match parse_bytes(body, &self.me) {
            Some(Parsed::Act(incoming)) => {
                // What is not on disk comes again.
                let expected = if disk_is_full { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
                assert_eq!((status, accepted, ignored), (expected, vec![*incoming], 0));
            }
            // What is no update today must not come again for ever.
            Some(Parsed::Ignored(_)) | None => assert_eq!((status, accepted.len(), ignored), (StatusCode::OK, 0, 1)),
        }
    }

    fn routes(&self, accepted: &Arc<Mutex<Vec<Incoming>>>, disk_is_full: bool) -> Router {
        let accepted = Arc::clone(accepted);
        routes(self.telegram.clone(), move |mut happened| {
            accepted.lock().unwrap_or_else(PoisonError::into_inner).append(&mut happened);
            std::future::ready(if disk_is_full { Err(AcceptError("the disk is full".to_owned())) } else { Ok(()) })
        })
    }
}

fn call(secret: &[u8], body: &[u8]) -> Request<Body> {
    let mut call = Request::post("/telegram").body(Body::from(body.to_vec())).unwrap();
    if let Ok(secret) = HeaderValue::from_bytes(secret) {
        call.headers_mut().insert("x-telegram-bot-api-secret-token", secret);
    }
    call
}

fn config(server: &sim::telegram::Server) -> Config {
    Config {
        token: server.token().to_owned().into(),
        api_url: server.base_url().to_owned(),
        limits: Limits {
            chat_per_s: 0.0,
            group_per_min: 0,
            global_per_s: 0,
            draft_interval_ms: 0,
            edit_interval_ms: 0,
        },
        poll_timeout_s: 0,
        webhook: Some(Webhook { url: "https://bot.example".to_owned(), secret: SECRET.to_owned().into() }),
        local: false,
        local_dir: None,
    }
}
