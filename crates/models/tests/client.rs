//! The client against a server that speaks the real protocol, checks every request and fails on demand.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use apprentice_models::{Answer, Config, Failure, ModelName, Models, Provider, Stage, Timeouts};
use domain::chat::{ChatRequest, Finish, Role, Turn};
use sim::openai::{self, Server, trouble};
use sim::{Fault, Kind};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const CHAT: &str = "/chat/completions";

fn provider(server: &Server) -> Provider {
    Provider {
        base_url: server.base_url().to_owned(),
        key: Some("sk-sim-key".to_owned().into()),
        headers: BTreeMap::new(),
        api_version: None,
        models: Vec::new(),
        detect: false,
        max_concurrency: 8,
        timeouts: Timeouts {
            connect: Duration::from_secs(2),
            first_token: Duration::from_secs(5),
            idle: Duration::from_secs(5),
            total: Duration::from_secs(20),
        },
    }
}

fn models(providers: Vec<(&str, Provider)>) -> Models {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let providers = providers.into_iter().map(|(name, provider)| (name.to_owned(), provider)).collect();
    Models::new(Config { providers }).unwrap()
}

fn request(text: &str) -> ChatRequest {
    let turn = |role, content: &str| Turn::new(role, content);
    ChatRequest {
        turns: vec![turn(Role::System, "Be kind."), turn(Role::User, text)],
        max_tokens: Some(500),
        temperature: Some(0.5),
    }
}

async fn ask(models: &Models, chain: &[&str], text: &str) -> (Result<Answer, Failure>, String) {
    let chain: Vec<ModelName> = chain.iter().map(|name| name.parse().unwrap()).collect();
    let mut heard = String::new();
    let told = models.ask(&chain, &request(text), &CancellationToken::new(), &mut |piece| heard.push_str(piece)).await;
    (told, heard)
}

async fn server() -> Server {
    Server::start(openai::Config::default()).await
}

#[tokio::test]
async fn an_answer_streams_and_its_tokens_are_the_providers_own() {
    let server = server().await;
    let models = models(vec![("p", provider(&server))]);
    let (told, heard) = ask(&models, &["p/sim-small"], "Привет, 🙂 how are you?").await;
    let told = told.unwrap();
    assert_eq!(
        (told.text.as_str(), told.finish, told.model.as_str()),
        ("Привет, 🙂 how are you?", Finish::Complete, "p/sim-small")
    );
    assert_eq!(heard, told.text);
    assert!(!told.tokens.estimated && told.tokens.completion > 0);
    assert_eq!(server.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn any_model_is_the_first_that_the_provider_lists() {
    let server = server().await;
    let models = models(vec![("p", provider(&server))]);
    assert_eq!(ask(&models, &["p/*"], "hi").await.0.unwrap().model, "p/sim-large");
    assert!(ask(&models, &["nobody/x"], "hi").await.0.is_err());
}

#[tokio::test]
async fn the_next_model_answers_when_one_refuses_or_is_gone() {
    let (server, gone) = (server().await, server().await);
    let lost = Provider { base_url: "http://127.0.0.1:9/v1".to_owned(), ..provider(&server) };
    gone.faults().push(Fault::on(CHAT, Kind::Status(500)).times(50));
    let models = models(vec![("lost", lost), ("broken", provider(&gone)), ("p", provider(&server))]);
    let (told, _) = ask(&models, &["lost/m", "broken/sim-small", "p/unknown-model", "p/sim-small"], "hi").await;
    assert_eq!(told.unwrap().model, "p/sim-small");
}

#[tokio::test]
async fn a_busy_provider_is_asked_again_after_the_time_it_names() {
    let server = server().await;
    server.faults().push(Fault::on(CHAT, Kind::TooMany { retry_after: 1 }));
    let models = models(vec![("p", provider(&server))]);
    assert!(ask(&models, &["p/sim-small"], "hi").await.0.is_ok());
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn parameters_that_a_model_does_not_take_are_learnt_from_its_refusal() {
    let server = server().await;
    server.change(|config| config.models = vec![openai::Model::new("picky").refusing(&["max_tokens", "temperature"])]);
    let models = models(vec![("p", provider(&server))]);
    assert!(ask(&models, &["p/picky"], "hi").await.0.is_ok());
    let asked = server.count();
    assert!(ask(&models, &["p/picky"], "again").await.0.is_ok());
    assert_eq!(server.count(), asked + 1, "what was learnt is remembered");
}

#[tokio::test]
async fn too_long_wrong_key_and_no_money_are_told_apart_and_hold_no_secret() {
    let server = server().await;
    let models = models(vec![("p", provider(&server))]);
    server.faults().push(Fault::on(CHAT, trouble::context_length_exceeded(8192, 9000)));
    assert!(matches!(ask(&models, &["p/sim-small"], "hi").await.0, Err(Failure::TooLong { .. })));
    for (fault, status) in [(trouble::invalid_key(), 401), (trouble::insufficient_quota(), 429)] {
        server.faults().push(Fault::on(CHAT, fault));
        let (told, _) = ask(&models, &["p/sim-small"], "hi").await;
        let failure = told.unwrap_err();
        assert!(matches!(failure, Failure::Refused { status: told, .. } if told == status), "{failure:?}");
        assert!(!format!("{failure:?} {failure}").contains("sk-sim-key"));
    }
}

#[tokio::test]
async fn what_was_said_before_a_break_is_kept() {
    let server = server().await;
    server.change(|config| config.answer = openai::Answer::Text("one two three four five six".to_owned()));
    let models = models(vec![("p", provider(&server))]);
    server.faults().push(Fault::on(CHAT, Kind::Cut { after: 3 }));
    let failure = ask(&models, &["p/sim-small"], "hi").await.0.unwrap_err();
    assert!(failure.partial().starts_with("one"), "{failure:?}");
}

#[tokio::test]
async fn a_stalled_answer_ends_by_the_idle_limit_with_its_words() {
    let server = server().await;
    server.change(|config| config.answer = openai::Answer::Text("one two three four five six".to_owned()));
    let mut patient = provider(&server);
    patient.timeouts.idle = Duration::from_millis(200);
    let models = models(vec![("p", patient)]);
    server.faults().push(Fault::on(CHAT, Kind::Stall { after: 3 }));
    match ask(&models, &["p/sim-small"], "hi").await.0 {
        Err(Failure::TimedOut { stage: Stage::Idle, partial }) => assert!(partial.starts_with("one"), "{partial}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn stopping_ends_the_call_at_once_and_keeps_the_words() {
    let server = server().await;
    server.change(|config| {
        config.answer = openai::Answer::Text("word ".repeat(500));
        config.tokens_per_second = Some(50.0);
    });
    let models = models(vec![("p", provider(&server))]);
    let stop = CancellationToken::new();
    let mut heard = String::new();
    let chain = ["p/sim-small".parse().unwrap()];
    let told = models
        .ask(&chain, &request("hi"), &stop, &mut |piece| {
            heard.push_str(piece);
            if heard.len() > 20 {
                stop.cancel();
            }
        })
        .await;
    match told {
        Err(Failure::Stopped { partial }) => assert!(partial.len() > 20 && partial.len() < 200, "{partial}"),
        other => panic!("{other:?}"),
    }
    server.await_streaming(0).await;
}

#[tokio::test]
async fn a_student_answers_by_the_lessons_as_they_are_written_into_a_prompt() {
    let server = server().await;
    server.change(|config| config.answer = openai::Answer::Student(openai::Student::saying("No idea.")));
    let models = models(vec![("p", provider(&server))]);
    let lessons = [("What is the wifi password?".to_owned(), "It hangs in the kitchen.".to_owned())];
    let chain = ["p/sim-small".parse().unwrap()];
    for (question, expected) in
        [("the password of the wifi, please", "It hangs in the kitchen. Bye!"), ("Who are you?", "No idea. Bye!")]
    {
        let material = domain::context::Material {
            rules: &[],
            persona: "Always end with \"Bye!\"",
            system: "",
            lessons: &lessons,
            passages: &[],
            summary: "",
            log: &[],
            question,
            quoted: "something else",
            shown: &[],
            seen: &[],
            group: false,
            lang: domain::person::Lang::En,
        };
        let budget = domain::context::Budget { context: 4000, answer: 500 };
        let built = domain::context::build(&material, budget, &apprentice_models::tokens::count).unwrap();
        let told = models.ask(&chain, &built.request, &CancellationToken::new(), &mut |_| {}).await;
        assert_eq!(told.unwrap().text, expected);
    }
}
