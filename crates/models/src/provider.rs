//! One provider: its connection, its habits, one call of chat completions.

use crate::breaker::Breaker;
use crate::content::{self, cannot_see};
use crate::drift::{Body, Habits};
use crate::stream::{self, Heard};
use crate::{Answer, Failure, ModelInfo, Provider, Stage, tokens};
use domain::chat::{ChatRequest, Finish, Tokens};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Response, StatusCode};
use secrecy::ExposeSecret as _;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Most refusals that are learnt from within one call.
const LESSONS: usize = 6;
/// How long a provider's list of models is remembered.
const REMEMBER: Duration = Duration::from_secs(600);

pub(crate) struct Client {
    name: String,
    pub(crate) config: Provider,
    pub(crate) breaker: Breaker,
    http: reqwest::Client,
    habits: Mutex<HashMap<String, Habits>>,
    listed: Mutex<Option<(Instant, Vec<String>)>>,
    room: Semaphore,
}

impl Client {
    pub(crate) fn new(name: String, config: Provider) -> Result<Self, Failure> {
        let unusable = |reason: String| Failure::Refused { status: 0, message: format!("{name}: {reason}") };
        let http = reqwest::Client::builder()
            .connect_timeout(config.timeouts.connect)
            .pool_max_idle_per_host(64)
            .tcp_nodelay(true)
            .default_headers(headers(&config).map_err(&unusable)?)
            .build()
            .map_err(|error| unusable(error.without_url().to_string()))?;
        let room = Semaphore::new(config.max_concurrency.max(1));
        let (habits, listed) = (Mutex::default(), Mutex::new(None));
        Ok(Self { name, config, breaker: Breaker::default(), http, habits, listed, room })
    }

    fn url(&self, path: &str) -> String {
        let url = format!("{}/{path}", self.config.base_url.trim_end_matches('/'));
        match &self.config.api_version {
            Some(version) => format!("{url}?api-version={version}"),
            None => url,
        }
    }

    /// The models that the provider lists.
    pub(crate) async fn list(&self) -> Result<Vec<ModelInfo>, Failure> {
        let sent = self.http.get(self.url("models")).timeout(Duration::from_secs(10)).send().await;
        let response = sent.map_err(unreachable)?;
        let (status, body) = (response.status(), response.bytes().await.map_err(unreachable)?);
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        if !status.is_success() {
            return Err(refusal(status, &HeaderMap::new(), &body));
        }
        let text = |model: &Value, field: &str| model.get(field).and_then(Value::as_str).map(str::to_owned);
        let info =
            |model: &Value| Some(ModelInfo { id: text(model, "id")?, shutdown_date: text(model, "shutdown_date") });
        Ok(body.get("data").and_then(Value::as_array).into_iter().flatten().filter_map(info).collect())
    }

    /// The model that `*` stands for: the first of the settings, else of the provider's list.
    async fn pick(&self, model: &str) -> Result<String, Failure> {
        if model != "*" {
            return Ok(model.to_owned());
        }
        if let Some(first) = self.config.models.first() {
            return Ok(first.clone());
        }
        let first = self.talkers().await?.into_iter().next();
        first.ok_or_else(|| Failure::Refused { status: 0, message: format!("{} lists no model", self.name) })
    }

    /// The listed models that can talk; the list is remembered for a while.
    pub(crate) async fn talkers(&self) -> Result<Vec<String>, Failure> {
        let known = self.listed.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, models)) = known.filter(|(at, _)| at.elapsed() < REMEMBER) {
            return Ok(models);
        }
        // Models that make pictures, sound or vectors cannot talk.
        let talks = |id: &String| {
            !["embed", "whisper", "tts", "image", "moderation", "rerank", "audio", "transcribe"]
                .iter()
                .any(|w| id.contains(w))
        };
        let models: Vec<String> = self.list().await?.into_iter().map(|info| info.id).filter(talks).collect();
        *self.listed.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), models.clone()));
        Ok(models)
    }

    /// Asks once, learning from refusals of parameters.
    pub(crate) async fn ask(
        &self,
        model: &str,
        request: &ChatRequest,
        cancel: &CancellationToken,
        on_text: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Answer, Failure> {
        let mut partial = String::new();
        let told = {
            let mut keep = |piece: &str| {
                partial.push_str(piece);
                on_text(piece);
            };
            let asking = self.ask_patiently(model, request, &mut keep);
            tokio::select! {
                told = asking => Some(told),
                () = cancel.cancelled() => None,
            }
        };
        match told {
            Some(told) => told.map_err(|(failure, _)| failure),
            None => Err(Failure::Stopped { partial }),
        }
    }

    async fn ask_patiently(
        &self,
        model: &str,
        request: &ChatRequest,
        on_text: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Answer, (Failure, Value)> {
        let model = self.pick(model).await.map_err(plain)?;
        let _place = self.room.acquire().await.map_err(|_| plain(Failure::Busy { retry_after_ms: None }))?;
        let shows = request.shows();
        for _ in 0..LESSONS {
            let habits = self.habits().get(&model).copied().unwrap_or_default();
            if shows && habits.sees == Some(false) {
                return Err(plain(self.blind(&model)));
            }
            match self.once(&model, request, habits, on_text).await {
                Ok(answer) => {
                    if shows {
                        self.habits().entry(model).or_default().sees = Some(true);
                    }
                    return Ok(answer);
                }
                Err((failure @ Failure::CannotSee { .. }, _)) => {
                    tracing::info!(provider = self.name, model, "the model cannot see pictures");
                    self.habits().entry(model).or_default().sees = Some(false);
                    return Err(plain(failure));
                }
                Err((failure, error)) => match habits.after(&error) {
                    Some(learnt) => {
                        tracing::info!(provider = self.name, model, ?learnt, "the provider takes other parameters");
                        self.habits().insert(model.clone(), learnt);
                    }
                    None => return Err((failure, error)),
                },
            }
        }
        Err(plain(Failure::Refused { status: 400, message: "its parameters are not understood".to_owned() }))
    }

    /// Whether a model sees pictures, as far as that was told.
    pub(crate) fn sees(&self, model: &str) -> Option<bool> {
        self.habits().get(model)?.sees
    }

    fn habits(&self) -> std::sync::MutexGuard<'_, HashMap<String, Habits>> {
        self.habits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn once(
        &self,
        model: &str,
        request: &ChatRequest,
        habits: Habits,
        on_text: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Answer, (Failure, Value)> {
        let times = self.config.timeouts;
        let deadline = Instant::now() + times.total;
        let mut body = body(model, request);
        habits.apply(&mut body);
        let first = times.first_token.min(times.total);
        let sent = tokio::time::timeout(first, self.http.post(self.url("chat/completions")).json(&body).send()).await;
        let response = match sent {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(plain(unreachable(error))),
            Err(_) => return Err(plain(Failure::TimedOut { stage: Stage::FirstToken, partial: String::new() })),
        };
        if !response.status().is_success() {
            return Err(self.refused(model, request.shows(), response).await);
        }
        match stream::hear(response, times, deadline, on_text).await {
            Ok(heard) => Ok(self.answer(model, request, heard)),
            // Some servers refuse within the stream.
            Err(Failure::Unreachable { reason, partial })
                if request.shows() && partial.is_empty() && cannot_see(&reason) =>
            {
                Err(plain(self.blind(model)))
            }
            Err(failure) => Err(plain(failure)),
        }
    }

    fn blind(&self, model: &str) -> Failure {
        Failure::CannotSee { model: format!("{}/{model}", self.name) }
    }

    async fn refused(&self, model: &str, shows: bool, response: Response) -> (Failure, Value) {
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await.unwrap_or_default();
        let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let failure = refusal(status, &headers, &body);
        if shows && cannot_see(&String::from_utf8_lossy(&bytes)) {
            return plain(self.blind(model));
        }
        let teaches = matches!(status, StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY);
        let error = body.get("error").cloned().filter(|_| teaches && !matches!(failure, Failure::TooLong { .. }));
        (failure, error.unwrap_or_default())
    }

    fn answer(&self, model: &str, request: &ChatRequest, heard: Heard) -> Answer {
        let counted = || Tokens {
            prompt: request.turns.iter().map(|turn| tokens::count(&turn.content) as u64).sum(),
            completion: tokens::count(&heard.text) as u64,
            estimated: true,
        };
        let tokens = heard.tokens.unwrap_or_else(counted);
        Answer {
            text: heard.text,
            reasoning: heard.reasoning,
            finish: heard.finish.unwrap_or(Finish::Complete),
            tokens,
            model: format!("{}/{model}", self.name),
            tool_calls: heard.tool_calls,
        }
    }
}

fn plain(failure: Failure) -> (Failure, Value) {
    (failure, Value::Null)
}

pub(crate) fn headers(config: &Provider) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    let mut put = |name: &str, value: String| -> Result<(), String> {
        let name = HeaderName::try_from(name).map_err(|_| format!("{name} is no header"))?;
        let mut value = HeaderValue::try_from(value).map_err(|_| format!("the value of {name} cannot be sent"))?;
        value.set_sensitive(true);
        headers.insert(name, value);
        Ok(())
    };
    if let Some(key) = &config.key {
        match config.api_version {
            Some(_) => put("api-key", key.expose_secret().to_owned())?,
            None => put("authorization", format!("Bearer {}", key.expose_secret()))?,
        }
    }
    for (name, value) in &config.headers {
        put(name, value.expose_secret().to_owned())?;
    }
    Ok(headers)
}

fn body<'a>(model: &str, request: &'a ChatRequest) -> Body<'a> {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| drop(fields.insert(name.to_owned(), value));
    put("model", json!(model));
    put("stream", json!(true));
    put("stream_options", json!({"include_usage": true}));
    if let Some(limit) = request.max_tokens {
        put("max_tokens", json!(limit));
    }
    if let Some(temperature) = request.temperature {
        put("temperature", json!(temperature));
    }
    Body { fields, messages: content::messages(&request.turns) }
}

pub(crate) fn unreachable(error: reqwest::Error) -> Failure {
    let reason = if error.is_connect() { "no connection".to_owned() } else { error.without_url().to_string() };
    Failure::Unreachable { reason, partial: String::new() }
}

/// A provider's refusal, by what can be done about it.
pub(crate) fn refusal(status: StatusCode, headers: &HeaderMap, body: &Value) -> Failure {
    let error = body.get("error").unwrap_or(body);
    let text = |field: &str| error.get(field).and_then(Value::as_str).unwrap_or_default();
    let message: String = [text("message"), error.as_str().unwrap_or_default()].concat().chars().take(300).collect();
    let (code, lower) = (text("code"), message.to_lowercase());
    let too_long = code == "context_length_exceeded"
        || (status.is_client_error()
            && (lower.contains("context length")
                || lower.contains("context window")
                || lower.contains("too many tokens")
                || lower.contains("prompt is too long")));
    if too_long || status == StatusCode::PAYLOAD_TOO_LARGE {
        return Failure::TooLong { message };
    }
    if code == "content_filter" || code == "content_policy_violation" {
        return Failure::Filtered;
    }
    match status.as_u16() {
        // Without money no waiting helps.
        429 if code == "insufficient_quota" => Failure::Refused { status: 429, message },
        429 => Failure::Busy { retry_after_ms: retry_after(headers) },
        503 | 529 if headers.contains_key("retry-after") => Failure::Busy { retry_after_ms: retry_after(headers) },
        500.. => Failure::Unreachable { reason: format!("status {status}"), partial: String::new() },
        status => Failure::Refused { status, message },
    }
}

/// Milliseconds by `retry-after-ms`, or `Retry-After` in seconds or as a date.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<u64> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(ms) = text("retry-after-ms").and_then(|ms| ms.parse().ok()) {
        return Some(ms);
    }
    let after = text("retry-after")?;
    if let Ok(seconds) = after.trim().parse::<f64>() {
        return Some((seconds.clamp(0.0, 86_400.0) * 1000.0) as u64);
    }
    let at = httpdate::parse_http_date(after).ok()?;
    let wait = at.duration_since(std::time::SystemTime::now()).unwrap_or_default();
    u64::try_from(wait.as_millis()).ok()
}
