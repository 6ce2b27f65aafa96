//! HTTP: the token in the path, faults before and after, and the envelope around every answer.

use super::params::{self, Params};
use super::refusal::Refusal;
use super::{Shared, Told, methods};
use crate::fault::Kind;
use crate::wire::{self, Cut};
use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request, State};
use axum::response::Response;
use bytes::Bytes;
use futures::StreamExt as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new().fallback(answer).layer(DefaultBodyLimit::max(shared.largest + params::FIELDS)).with_state(shared)
}

enum Route {
    Method(String),
    File(String),
    Unauthorized,
    Nothing,
}

fn route(path: &str, token: &str) -> Route {
    let (rest, file) = match path.strip_prefix("/file/bot") {
        Some(rest) => (Some(rest), true),
        None => (path.strip_prefix("/bot"), false),
    };
    let Some((given, name)) = rest.and_then(|rest| rest.split_once('/')) else { return Route::Nothing };
    match (given == token, file) {
        (false, _) => Route::Unauthorized,
        (true, true) => Route::File(name.to_owned()),
        (true, false) => Route::Method(name.to_owned()),
    }
}

async fn answer(State(shared): State<Arc<Shared>>, ConnectInfo(cut): ConnectInfo<Cut>, request: Request) -> Response {
    match route(request.uri().path(), &shared.token) {
        Route::Method(method) => call(shared, cut, method, request).await,
        Route::File(path) => {
            let fault = shared.faults.draw("file");
            let broken = before(&shared, fault.as_ref(), &cut).await;
            broken.unwrap_or_else(|| file(&shared, &path, fault.as_ref()))
        }
        Route::Unauthorized => envelope(Err(Refusal::new(401, "Unauthorized"))),
        Route::Nothing => envelope(Err(Refusal::new(404, "Not Found"))),
    }
}

async fn call(shared: Arc<Shared>, cut: Cut, method: String, request: Request) -> Response {
    let _busy = (method != "getUpdates").then(|| shared.busy());
    let fault = shared.faults.draw(&method);
    if matches!(fault, Some(Kind::ResetUpload)) {
        // The first piece has come; the others find nobody.
        let _ = request.into_body().into_data_stream().next().await;
        cut.now();
        return envelope(Ok("true".to_owned()));
    }
    let params = Params::read(&method, request, shared.largest).await;
    if let Some(response) = before(&shared, fault.as_ref(), &cut).await {
        return response;
    }
    // Its own task: what the server accepted happens, also when the bot dies before the answer.
    let told = if method == "getUpdates" {
        methods::call(&shared, &method, params).await
    } else {
        let shared = Arc::clone(&shared);
        let task = tokio::spawn(async move { methods::call(&shared, &method, params).await });
        task.await.unwrap_or_else(|_| Err(Refusal::new(500, "Internal Server Error")))
    };
    match fault {
        Some(Kind::ResetAfter) => {
            cut.now();
            envelope(told)
        }
        Some(Kind::HalfBody) => wire::half(Bytes::from(body(told).1)),
        _ => envelope(told),
    }
}

/// What a fault answers instead of processing.
async fn before(shared: &Shared, fault: Option<&Kind>, cut: &Cut) -> Option<Response> {
    match fault? {
        Kind::TooMany { retry_after } => Some(envelope(Err(Refusal::too_many(*retry_after)))),
        Kind::Status(code) => Some(envelope(Err(Refusal::new(*code, status_text(*code))))),
        Kind::Answer { status, headers, body } => Some(wire::json(*status, headers, body.clone())),
        Kind::Garbage => Some(wire::garbage()),
        Kind::Reset => {
            cut.now();
            Some(envelope(Ok("true".to_owned())))
        }
        Kind::Slow(time) => {
            tokio::time::sleep(*time).await;
            None
        }
        Kind::DuplicateUpdates => {
            shared.world().queue.duplicate = true;
            None
        }
        Kind::ReverseUpdates => {
            shared.world().queue.reverse = true;
            None
        }
        _ => None,
    }
}

fn status_text(code: u16) -> &'static str {
    match code {
        400 => "Bad Request",
        403 => "Forbidden",
        413 => "Request Entity Too Large",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Internal Server Error",
    }
}

fn file(shared: &Shared, path: &str, fault: Option<&Kind>) -> Response {
    let world = shared.world();
    match (world.files.values().find(|file| file.path == path), fault) {
        (Some(file), Some(Kind::HalfBody)) => wire::half(file.bytes.clone()),
        (Some(file), Some(Kind::Truncated)) => Response::new(file.bytes.slice(..file.bytes.len() / 2).into()),
        (Some(file), _) => Response::new(file.bytes.clone().into()),
        (None, _) => envelope(Err(Refusal::new(404, "Not Found"))),
    }
}

fn body(told: Told) -> (u16, String) {
    match told {
        Ok(result) => (200, format!(r#"{{"ok":true,"result":{result}}}"#)),
        Err(refusal) => (refusal.code, refusal.body()),
    }
}

fn envelope(told: Told) -> Response {
    let (status, body) = body(told);
    wire::json(status, &[], body)
}

/// Counts a request as running until it is dropped.
pub(super) struct Busy<'a>(&'a Shared);

impl Shared {
    fn busy(&self) -> Busy<'_> {
        self.running.fetch_add(1, Ordering::AcqRel);
        self.requests.fetch_add(1, Ordering::AcqRel);
        Busy(self)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::AcqRel);
    }
}
