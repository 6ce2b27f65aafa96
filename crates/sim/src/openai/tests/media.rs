//! Sounds and pictures by plain HTTP: what is answered keeps the description.

use super::*;
use reqwest::multipart::{Form, Part};

async fn post(client: &Client, path: &str, form: Form) -> (u16, Value) {
    let url = format!("{}{path}", client.server.base_url());
    let response = client.http.post(url).bearer_auth(client.server.key()).multipart(form).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

async fn draw(client: &Client, body: &Value) -> reqwest::Response {
    let url = format!("{}/images/generations", client.server.base_url());
    client.http.post(url).bearer_auth(client.server.key()).json(body).send().await.unwrap()
}

fn sound() -> Form {
    Form::new().part("file", Part::bytes(b"RIFF....WAVE".to_vec()).file_name("a.wav"))
}

#[tokio::test]
async fn a_transcription_keeps_the_description_in_each_of_its_forms() {
    let client = Client::new(Config { ears: Ears::saying("good morning"), ..Config::default() }).await;
    for (model, format) in [("whisper-1", "verbose_json"), ("whisper-1", "json"), ("gpt-4o-transcribe", "json")] {
        let mut form = sound().text("model", model).text("response_format", format).text("temperature", "0.5");
        if model.starts_with("gpt") {
            form = form.text("include[]", "logprobs");
        }
        let (status, body) = post(&client, "/audio/transcriptions", form).await;
        assert_eq!((status, &body["text"]), (200, &json!("good morning")));
        assert_eq!(description().check_answer("post /audio/transcriptions", &body), []);
    }
    assert_eq!(client.server.violations(), NOTHING);
    let (status, body) = post(&client, "/audio/transcriptions", sound()).await;
    assert_eq!((status, description().check_named("ErrorResponse", &body)), (400, Vec::new()));
    assert_eq!(client.server.violations(), ["post /audio/transcriptions: model: missing"]);
}

#[tokio::test]
async fn a_form_is_checked_as_a_body_is() {
    let client = Client::new(Config::default()).await;
    let form = Form::new().text("model", "gpt-image-1").text("prompt", "x").text("n", "11").text("colour", "red");
    assert_eq!(
        post(&client, "/images/edits", form.part("image", Part::bytes(Vec::new()).file_name("a.png"))).await.0,
        400
    );
    let mut told = client.server.violations();
    told.sort();
    assert_eq!(
        told,
        [
            "post /images/edits: colour: unknown parameter",
            "post /images/edits: n: 11 is not within Some(1.0) and Some(10.0)"
        ]
    );
}

#[tokio::test]
async fn pictures_keep_the_description_whole_and_streamed() {
    let client = Client::new(Config::default()).await;
    let mut asked = json!({"model": "gpt-image-1", "prompt": "a fox", "size": "1536x1024"});
    let body: Value = draw(&client, &asked).await.json().await.unwrap();
    assert_eq!(description().check_answer("post /images/generations", &body), []);
    asked["stream"] = true.into();
    asked["partial_images"] = 1.into();
    let text = draw(&client, &asked).await.text().await.unwrap();
    let events = text.lines().filter_map(|line| line.strip_prefix("data: "));
    let events: Vec<Value> = events.map(|event| serde_json::from_str(event).unwrap()).collect();
    assert_eq!(description().check_named("ImageGenPartialImageEvent", &events[0]), []);
    assert_eq!(description().check_named("ImageGenCompletedEvent", &events[1]), []);
    assert_eq!((events.len(), client.server.violations()), (2, NOTHING.to_vec()));
}

#[tokio::test]
async fn a_model_refuses_what_its_kind_does_not_know() {
    let client = Client::new(Config::default()).await;
    let newer = json!({"model": "gpt-image-1", "prompt": "x"});
    let older = json!({"model": "dall-e-3", "prompt": "x"});
    for (base, field, value) in [
        (&newer, "response_format", json!("url")),
        (&newer, "size", json!("256x256")),
        (&newer, "prompt", json!(format!("some {FORBIDDEN}"))),
        (&older, "background", json!("transparent")),
        (&older, "n", json!(2)),
        (&older, "prompt", json!("x".repeat(4001))),
    ] {
        let mut asked = base.clone();
        asked[field] = value;
        let response = draw(&client, &asked).await;
        assert_eq!(response.status(), 400, "{asked}");
        assert_eq!(description().check_named("ErrorResponse", &response.json().await.unwrap()), []);
    }
}
