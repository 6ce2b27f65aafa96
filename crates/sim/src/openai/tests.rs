//! The simulator itself, by plain HTTP.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod media;
mod training;

use super::schema::description;
use super::*;
use crate::{Fault, Kind};
use futures::StreamExt as _;
use serde_json::json;
use std::time::Duration;

struct Client {
    server: Server,
    http: reqwest::Client,
}

impl Client {
    async fn new(config: Config) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let server = Server::start(config).await;
        Self { server, http: reqwest::Client::builder().no_proxy().build().unwrap() }
    }
    async fn post(&self, body: &Value) -> reqwest::Result<reqwest::Response> {
        let url = format!("{}/chat/completions", self.server.base_url());
        self.http.post(url).bearer_auth(self.server.key()).json(body).send().await
    }
    async fn get(&self, path: &str) -> (u16, Value) {
        let url = format!("{}{path}", self.server.base_url());
        let response = self.http.get(url).bearer_auth(self.server.key()).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }
    async fn refused(&self, body: &Value) -> (u16, String) {
        let response = self.post(body).await.unwrap();
        let status = response.status().as_u16();
        let body: Value = response.json().await.unwrap();
        assert_eq!(description().check_named("ErrorResponse", &body), []);
        (status, body["error"]["code"].as_str().unwrap_or_default().to_owned())
    }
    async fn events(&self, body: &Value) -> Vec<String> {
        let text = self.post(body).await.unwrap().text().await.unwrap();
        text.split_terminator("\n\n").map(|event| event.strip_prefix("data: ").unwrap().to_owned()).collect()
    }
}

fn ask(text: &str) -> Value {
    json!({"model": "sim-large", "messages": [{"role": "system", "content": "be brief"}, {"role": "user", "content": text}]})
}

fn streamed(text: &str) -> Value {
    let mut body = ask(text);
    body["stream"] = true.into();
    body
}

fn said(events: &[String]) -> String {
    let chunk = |event: &String| serde_json::from_str::<Value>(event).ok();
    events
        .iter()
        .filter_map(chunk)
        .filter_map(|c| c["choices"][0]["delta"]["content"].as_str().map(str::to_owned))
        .collect()
}

const NOTHING: [String; 0] = [];

#[tokio::test]
async fn a_plain_answer_keeps_the_description() {
    let client = Client::new(Config::answering(Answer::script(&[("6 × 7", "42")]))).await;
    let body: Value = client.post(&ask("What is 6 × 7?")).await.unwrap().json().await.unwrap();
    assert_eq!(description().check_answer("post /chat/completions", &body), []);
    assert_eq!(
        (&body["choices"][0]["message"]["content"], &body["choices"][0]["finish_reason"]),
        (&json!("42"), &json!("stop"))
    );
    let request = client.server.requests().remove(0);
    assert_eq!((request.path.as_str(), request.body), ("/chat/completions", ask("What is 6 × 7?")));
    assert_eq!(client.server.violations(), NOTHING);
}

#[tokio::test]
async fn a_streamed_answer_keeps_the_description_and_ends_with_usage_and_done() {
    let client = Client::new(Config::default()).await;
    let mut body = streamed("один два three");
    body["stream_options"] = json!({"include_usage": true});
    let mut events = client.events(&body).await;
    assert_eq!(events.pop().unwrap(), "[DONE]");
    for event in &events {
        assert_eq!(
            description().check_named("CreateChatCompletionStreamResponse", &serde_json::from_str(event).unwrap()),
            [],
            "{event}"
        );
    }
    assert_eq!(said(&events), "один два three");
    let usage: Value = serde_json::from_str(events.last().unwrap()).unwrap();
    assert_eq!((&usage["choices"], &usage["usage"]["completion_tokens"]), (&json!([]), &json!(3)));
    assert_eq!(client.events(&streamed("a b")).await.len(), 5);
}

#[tokio::test]
async fn models_are_listed_with_their_end() {
    let models = vec![Model::new("old").ending("2026-10-23"), Model::new("new")];
    let client = Client::new(Config { models, ..Config::default() }).await;
    let (_, list) = client.get("/models").await;
    assert_eq!(description().check_answer("get /models", &list), []);
    assert_eq!(list["data"][0]["shutdown_date"], "2026-10-23");
    assert_eq!(client.get("/models/new").await.1["shutdown_date"], Value::Null);
    assert_eq!(client.get("/models/other").await.1["error"]["code"], "model_not_found");
}

#[tokio::test]
async fn requests_are_refused_in_the_apis_own_shape() {
    let models = vec![Model::new("sim-large").holding(30).refusing(&["max_tokens", "temperature"])];
    let client = Client::new(Config { models, ..Config::default() }).await;
    let with = |name: &str, value: Value| {
        let mut body = ask("x");
        body[name] = value;
        body
    };
    let check =
        async |body: Value, status: u16, code: &str| assert_eq!(client.refused(&body).await, (status, code.to_owned()));
    check(with("max_tokens", 5.into()), 400, "unsupported_parameter").await;
    check(with("temperature", 0.5.into()), 400, "unsupported_value").await;
    check(with("model", "other".into()), 404, "model_not_found").await;
    check(ask(&"word ".repeat(40)), 400, "context_length_exceeded").await;
    assert_eq!(client.server.violations(), NOTHING);
    check(with("colour", 1.into()), 400, "invalid_value").await;
    assert_eq!(client.server.violations(), ["post /chat/completions: colour: unknown parameter"]);
    client.server.change(|config| config.key = Some("other".to_owned()));
    let url = format!("{}/models", client.server.base_url());
    assert_eq!(client.http.get(url).bearer_auth("wrong").send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn the_answer_ends_at_the_asked_length() {
    let client = Client::new(Config::default()).await;
    let mut body = ask("a b c d");
    body["max_completion_tokens"] = 2.into();
    let answer: Value = client.post(&body).await.unwrap().json().await.unwrap();
    assert_eq!(
        (&answer["choices"][0]["message"]["content"], &answer["choices"][0]["finish_reason"]),
        (&json!("a b"), &json!("length"))
    );
}

#[tokio::test]
async fn faults_break_answers_as_asked() {
    let client = Client::new(Config::default()).await;
    let push = |kind| client.server.faults().push(Fault::on("/chat/completions", kind));
    push(trouble::rate_limited(7));
    let refused = client.post(&ask("x")).await.unwrap();
    assert_eq!((refused.status().as_u16(), refused.headers()["retry-after"].to_str().unwrap()), (429, "7"));
    push(trouble::rate_limited_until("Fri, 31 Dec 1999 23:59:59 GMT"));
    assert_eq!(client.post(&ask("x")).await.unwrap().headers()["retry-after"], "Fri, 31 Dec 1999 23:59:59 GMT");
    push(trouble::insufficient_quota());
    assert_eq!(client.refused(&ask("x")).await, (429, "insufficient_quota".to_owned()));
    push(Kind::Status(503));
    assert_eq!(client.refused(&ask("x")).await.0, 503);
    push(Kind::Reset);
    assert!(client.post(&ask("x")).await.is_err());
    push(Kind::ContentFilter);
    let answer: Value = client.post(&ask("a b c")).await.unwrap().json().await.unwrap();
    assert_eq!(answer["choices"][0]["finish_reason"], "content_filter");
}

#[tokio::test]
async fn a_cut_stream_breaks_after_its_pieces() {
    let client = Client::new(Config::default()).await;
    client.server.faults().push(Fault::on("*", Kind::Cut { after: 2 }));
    let mut stream = client.post(&streamed("a b c d")).await.unwrap().bytes_stream();
    let mut text = String::new();
    let broken = loop {
        match stream.next().await {
            Some(Ok(piece)) => text += std::str::from_utf8(&piece).unwrap(),
            Some(Err(_)) => break true,
            None => break false,
        }
    };
    assert!(broken && text.contains("\" b\"") && !text.contains("\" c\""), "{text}");
}

#[tokio::test]
async fn a_stalled_stream_ends_when_its_reader_leaves() {
    let client = Client::new(Config::default()).await;
    client.server.faults().push(Fault::on("*", Kind::Stall { after: 1 }));
    let mut stream = client.post(&streamed("a b c")).await.unwrap().bytes_stream();
    stream.next().await.unwrap().unwrap();
    client.server.await_streaming(1).await;
    drop(stream);
    client.server.await_streaming(0).await;
}

#[tokio::test]
async fn a_paced_stream_is_stopped_by_leaving_it() {
    let config = Config { tokens_per_second: Some(2.0), ..Config::answering(Answer::Text("word ".repeat(1000))) };
    let client = Client::new(config).await;
    let stream = client.post(&streamed("x")).await.unwrap();
    client.server.await_streaming(1).await;
    drop(stream);
    client.server.await_streaming(0).await;
    client.server.change(|config| config.tokens_per_second = None);
    client.server.faults().push(Fault::on("*", Kind::Slow(Duration::from_millis(10))));
    assert_eq!(said(&client.events(&streamed("x")).await), "word ".repeat(1000));
}
