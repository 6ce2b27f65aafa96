//! A request's way: its faults, its key, the check against the description, and what answers it.

use super::form::{self, Form};
use super::{Model, Received, Shared, chat, drawing, files, hearing, schema, speaking, trouble, tuning};
use crate::fault::Kind;
use crate::wire::{self, Cut};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::Response;
use bytes::Bytes;
use serde_json::{Value, json};
use std::sync::Arc;

/// The longest request that is read, where it holds no file.
const LONGEST: u64 = 32 * 1024 * 1024;
/// The longest request with sound or pictures that is read; each operation has limits of its own below that.
const LARGEST_MEDIA: u64 = 256 * 1024 * 1024;
/// What a form has beside its file, at most.
const AROUND: u64 = 64 * 1024;

/// A request whose rules were checked.
pub(super) struct Asked<'a> {
    /// What stands in the places of the path.
    pub(super) places: &'a [&'a str],
    pub(super) query: &'a [(String, String)],
    pub(super) body: Value,
    pub(super) file: Bytes,
    /// Every file, with the name of its field.
    pub(super) files: Vec<(String, Bytes)>,
    /// `Idempotency-Key`, where the client sent one.
    pub(super) key: Option<String>,
}

impl Asked<'_> {
    /// What stands in the first place of the path.
    pub(super) fn id(&self) -> &str {
        self.places.first().copied().unwrap_or_default()
    }
    /// A field of the query.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str())
    }
    /// A text of the body.
    pub(super) fn text(&self, name: &str) -> &str {
        self.body.get(name).and_then(Value::as_str).unwrap_or_default()
    }
}

/// What an operation gives.
pub(super) enum Given {
    Json(Value),
    Bytes(Bytes),
    /// JSON or plain text.
    Heard(hearing::Told),
}

pub(super) async fn answer_request(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    request: Request,
) -> Response {
    shared.count.fetch_add(1, std::sync::atomic::Ordering::AcqRel);
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().strip_prefix("/v1").unwrap_or(parts.uri.path()).to_owned();
    let known = schema::description().operation(parts.method.as_str(), &path);
    let operation = known.as_ref().map_or(path.as_str(), |(operation, _)| *operation);
    let fault = shared.faults.draw(operation);
    let form = match form::bytes(body, longest(&shared, &path, &parts.headers)).await {
        Ok(bytes) => Form::read(&parts, bytes).await,
        Err(refused) => return chat::respond(&refused),
    };
    remember(&shared, &parts.headers, &path, &form);
    if let Some(response) = before(fault.as_ref(), &cut).await {
        return response;
    }
    if let Some(id) = path.strip_prefix("/pictures/") {
        return picture(&shared, id, &parts.headers);
    }
    if let Some(refused) = refuse_key(&shared, &parts.headers) {
        return refused;
    }
    let response = match known {
        Some((operation, places)) => perform(&shared, operation, &places, &parts, form, fault.clone()).await,
        None => unknown(&shared, parts.method.as_str(), &path),
    };
    if fault == Some(Kind::ResetAfter) {
        cut.now();
    }
    response
}

fn longest(shared: &Shared, path: &str, headers: &HeaderMap) -> u64 {
    if path.starts_with("/audio/") || path.starts_with("/images/") {
        return LARGEST_MEDIA;
    }
    let holds_file = headers.get("content-type").is_some_and(|media| media.as_bytes().starts_with(b"multipart/"));
    let largest = shared.config().tuning.as_ref().map_or(0, |tuning| tuning.largest_file);
    if holds_file { largest.saturating_add(AROUND) } else { LONGEST }
}

fn remember(shared: &Shared, headers: &HeaderMap, path: &str, form: &Form) {
    if shared.config().record {
        let text = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
            (name.as_str().to_owned(), value.to_str().unwrap_or_default().to_owned())
        };
        let headers = headers.iter().map(text).collect();
        let body = form.value.clone().unwrap_or(Value::Null);
        shared.state().requests.push(Received { path: path.to_owned(), headers, body });
    }
}

async fn before(fault: Option<&Kind>, cut: &Cut) -> Option<Response> {
    match fault? {
        refused @ (Kind::TooMany { .. } | Kind::Status(_) | Kind::Answer { .. } | Kind::Garbage) => {
            Some(chat::respond(refused))
        }
        Kind::Reset => {
            cut.now();
            Some(wire::garbage())
        }
        Kind::Slow(time) => {
            tokio::time::sleep(*time).await;
            None
        }
        _ => None,
    }
}

/// The key may stand in `api-key`, as Azure has it.
fn refuse_key(shared: &Shared, headers: &HeaderMap) -> Option<Response> {
    let config = shared.config();
    let key = config.key.as_ref()?;
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let given = text("authorization").and_then(|value| value.strip_prefix("Bearer ")).or_else(|| text("api-key"));
    let taken = given.is_some_and(|given| given == key || (key.ends_with('-') && given.starts_with(key.as_str())));
    (!taken).then(|| chat::respond(&trouble::invalid_key()))
}

async fn perform(
    shared: &Arc<Shared>,
    operation: &str,
    places: &[&str],
    parts: &Parts,
    form: Form,
    fault: Option<Kind>,
) -> Response {
    let query = query(parts.uri.query().unwrap_or_default());
    let mut body = form.value;
    if let (Ok(fields), true) = (&mut body, form.is_form) {
        schema::description().read_form(operation, fields);
    }
    let body = match checked(shared, operation, &query, body) {
        Ok(body) => body,
        Err(response) => return *response,
    };
    let key = parts.headers.get("idempotency-key").and_then(|key| key.to_str().ok()).map(str::to_owned);
    let asked = Asked { places, query: &query, body, file: form.file, files: form.files, key };
    let given = match operation {
        "post /chat/completions" => return chat::complete(shared, &asked.body, fault),
        "post /audio/transcriptions" => hearing::transcribe(shared, &asked).await.map(Given::Heard),
        "post /audio/speech" => return speaking::speak(shared, &asked, fault).await,
        "post /images/generations" | "post /images/edits" | "post /images/variations" => {
            return drawing::draw(shared, operation, &asked, fault);
        }
        "get /models" => Ok(Given::Json(models(shared))),
        "get /models/{model}" => one_model(shared, asked.id()),
        "delete /models/{model}" => delete_model(shared, asked.id()),
        _ if shared.config().tuning.is_none() => {
            Err(trouble::no_such_path(parts.method.as_str(), parts.uri.path().trim_start_matches("/v1")))
        }
        _ => match files::perform(shared, operation, &asked).or_else(|| tuning::perform(shared, operation, &asked)) {
            Some(given) => given,
            None => return unknown(shared, parts.method.as_str(), parts.uri.path()),
        },
    };
    match given {
        Ok(given) => whole(given, fault),
        Err(refused) => chat::respond(&refused),
    }
}

/// The fields of a query, decoded; what every server takes beside the description is left out.
fn query(text: &str) -> Vec<(String, String)> {
    let url = reqwest::Url::parse(&format!("http://localhost/?{text}"));
    let pairs = url.map(|url| url.query_pairs().into_owned().collect::<Vec<_>>()).unwrap_or_default();
    pairs.into_iter().filter(|(name, _)| name != "api-version").collect()
}

fn unknown(shared: &Shared, verb: &str, path: &str) -> Response {
    let path = path.strip_prefix("/v1").unwrap_or(path);
    shared.violation(format!("{verb} {path}: no such operation"));
    chat::respond(&trouble::no_such_path(verb, path))
}

/// A picture behind an address: no key is needed, and none may be sent there.
fn picture(shared: &Shared, id: &str, headers: &HeaderMap) -> Response {
    if headers.contains_key("authorization") || headers.contains_key("api-key") {
        shared.violation(format!("/pictures/{id}: the key was sent to a picture's address"));
    }
    match shared.state().pictures.get(id) {
        Some(bytes) => wire::typed(200, "image/png", &[], bytes.clone()),
        None => chat::respond(&trouble::no_such_path("GET", "/pictures")),
    }
}

fn models(shared: &Shared) -> Value {
    let own = shared.config().models.clone();
    let mut tuned: Vec<_> = shared.state().adapters.keys().cloned().collect();
    tuned.sort();
    let all = own.into_iter().chain(tuned.into_iter().map(Model::new));
    json!({"object": "list", "data": all.map(|model| model_json(&model)).collect::<Vec<_>>()})
}

fn one_model(shared: &Shared, name: &str) -> Result<Given, Kind> {
    let model = shared.model(name).ok_or_else(|| trouble::model_not_found(name))?;
    Ok(Given::Json(model_json(&model)))
}

fn delete_model(shared: &Shared, name: &str) -> Result<Given, Kind> {
    let gone = shared.state().adapters.remove(name);
    gone.ok_or_else(|| trouble::model_not_found(name))?;
    Ok(Given::Json(json!({"id": name, "object": "model", "deleted": true})))
}

fn model_json(model: &Model) -> Value {
    json!({"id": model.id, "object": "model", "created": 1_700_000_000, "owned_by": "simulator", "shutdown_date": model.shutdown_date})
}

fn whole(given: Given, fault: Option<Kind>) -> Response {
    let body = match given {
        Given::Json(value) => Bytes::from(value.to_string()),
        Given::Bytes(bytes) => bytes,
        Given::Heard(hearing::Told::Json(value)) => Bytes::from(value.to_string()),
        Given::Heard(hearing::Told::Text(text)) => {
            return wire::typed(200, "text/plain", &[], text.into());
        }
    };
    match fault {
        Some(Kind::HalfBody) => wire::half(body),
        _ => wire::json(200, &[], body),
    }
}

/// A body that keeps the rules, or the refusal of a request that does not.
fn checked(
    shared: &Shared,
    operation: &str,
    query: &[(String, String)],
    body: Result<Value, String>,
) -> Result<Value, Box<Response>> {
    let refuse = |code, param, message: &str| {
        let told = trouble::body("invalid_request_error", code, param, message);
        Box::new(wire::json(400, &[], told.to_string()))
    };
    let body = body.map_err(|broken| {
        shared.violation(format!("{operation}: no JSON: {broken}"));
        refuse(None, None, "We could not parse the JSON body of your request.")
    })?;
    let mut wrong = schema::description().check_query(operation, query);
    wrong.extend(schema::description().check_body(operation, &body));
    let Some(first) = wrong.first() else { return Ok(body) };
    for wrong in &wrong {
        shared.violation(format!("{operation}: {}: {}", wrong.param, wrong.told));
    }
    let message = format!("Invalid '{}': {}.", first.param, first.told);
    Err(refuse(Some("invalid_value"), Some(&first.param), &message))
}
