//! The doctor with servers on loopback that say what real ones say.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use super::*;
use crate::settings::{Override, Sources, load};
use axum::Json;
use axum::Router;
use axum::http::{HeaderMap, StatusCode, Uri};
use serde_json::{Value, json};
use std::path::PathBuf;
use tempfile::TempDir;

/// 2026-11-15T00:00:00Z.
const NOW: Millis = Millis(1_794_700_800_000);

const TOKEN: &str = "123456:a-token-that-nobody-may-see";

/// A server that answers each path as told, and with 404 what it was not told.
async fn server(answers: &[(&str, u16, Value)]) -> String {
    let answers: Vec<_> = answers.iter().map(|(p, s, v)| ((*p).to_owned(), *s, v.clone())).collect();
    let app = Router::new().fallback(move |uri: Uri, headers: HeaderMap| {
        let given = |name| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("").to_owned();
        let asked = format!("{} {}{}", uri, given("authorization"), given("api-key")).trim_end().to_owned();
        let answer = answers.iter().find(|(path, ..)| *path == asked).cloned();
        async move {
            match answer {
                Some((_, status, body)) => {
                    (StatusCode::from_u16(status).unwrap(), [("date", "Sun, 15 Nov 2026 00:00:05 GMT")], Json(body))
                }
                None => {
                    (StatusCode::NOT_FOUND, [("date", "Sun, 15 Nov 2026 00:00:05 GMT")], Json(json!({"asked": asked})))
                }
            }
        }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}")
}

/// An address at which nobody listens.
async fn nobody() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

struct World {
    dir: TempDir,
    sources: Sources,
}

/// Settings of a fresh machine on which no Ollama runs.
async fn world() -> World {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let dir = TempDir::new().unwrap();
    let sources = Sources { dir: dir.path().join("config"), working_dir: dir.path().to_owned(), ..Sources::default() };
    let world = World { sources, dir };
    let data = world.dir.path().join("data").display().to_string();
    world.set("data_dir", &data).set("listen", "127.0.0.1:0").set("providers.ollama.base_url", &nobody().await)
}

impl World {
    fn set(mut self, key: &str, value: &str) -> Self {
        self.sources.set.push(Override::of_flag("--set", key, value));
        self
    }
    async fn report(&self) -> Report {
        self.report_with(async { Ok(()) }).await
    }
    async fn report_with(&self, database: impl Future<Output = Result<(), String>>) -> Report {
        run(&load(&self.sources).unwrap(), NOW, database, async { Ok(Kept::Whole) }).await
    }
}

/// What is neither good nor a note.
fn amiss(report: &Report) -> Vec<String> {
    report.findings.iter().filter(|f| f.level >= Level::Warning).map(|f| f.say(Lang::En)).collect()
}

fn keys(report: &Report) -> Vec<&'static str> {
    report.findings.iter().map(|finding| finding.what.key).collect()
}

/// The disk of the machine that tests is no one's business here.
fn without_disk(mut report: Report) -> Report {
    report.findings.retain(|finding| !finding.what.key.starts_with("doctor-disk"));
    report
}

#[tokio::test]
async fn a_fresh_machine_without_anything_works() {
    let report = without_disk(world().await.report().await);
    assert!(!report.failed());
    let expected = [
        "doctor-settings",
        "doctor-data",
        "doctor-database-embedded",
        "doctor-page",
        "doctor-reading",
        "doctor-heif-off",
        "doctor-telegram-off",
        "doctor-discord-off",
        "doctor-provider-not-found",
        "doctor-models-embedded-only",
        "doctor-hearing-nobody",
        "doctor-speaking",
        "doctor-espeak",
        "doctor-drawing-nobody",
        "doctor-clock-unknown",
    ];
    assert_eq!(keys(&report), expected);
    assert!(report.say(Lang::En).ends_with("\n\nEverything that was checked works.\n"), "{}", report.say(Lang::En));
}

#[tokio::test]
async fn everything_set_up_well_is_said_to_be_well() {
    let me = json!({"ok": true, "result": {"id": 1, "username": "helper_bot", "can_read_all_group_messages": true}});
    let hook = json!({"ok": true, "result": {"url": "", "pending_update_count": 2}});
    let telegram =
        server(&[(&format!("/bot{TOKEN}/getMe"), 200, me), (&format!("/bot{TOKEN}/getWebhookInfo"), 200, hook)]).await;
    let discord = server(&[("/v10/users/@me Bot d", 200, json!({"username": "helper"}))]).await;
    let list = json!({"data": [{"id": "m"}, {"id": "n", "shutdown_date": null}]});
    let openai = server(&[("/v1/models Bearer k", 200, list.clone())]).await;
    let azure = server(&[("/openai/v1/models?api-version=2 a", 200, list)]).await;
    let world = world().await.set("telegram.token", TOKEN).set("telegram.api_url", &telegram);
    let world = world.set("discord.token", "d").set("discord.api_url", &discord).set("access.owner", "telegram:5");
    let world = world.set("providers.openai.key", "k").set("providers.openai.base_url", &format!("{openai}/v1"));
    let world = world.set("providers.azure.key", "a").set("providers.azure.api_version", "2");
    let world = world.set("providers.azure.base_url", &format!("{azure}/openai/v1"));
    let report = world.set("model.chain", "openai/m,azure/n,embedded").report().await;
    assert_eq!(amiss(&without_disk(report.clone())), Vec::<String>::new());
    let said = report.say(Lang::En);
    for part in ["@helper_bot", "as helper.", "2 updates wait", "openai answers and has 2 models", "The clock is right"]
    {
        assert!(said.contains(part), "{part} in\n{said}");
    }
}

#[tokio::test]
async fn a_wrong_token_is_an_error_with_advice_and_is_not_repeated() {
    let refusal = json!({"ok": false, "error_code": 401, "description": "Unauthorized"});
    let telegram = server(&[(&format!("/bot{TOKEN}/getMe"), 401, refusal)]).await;
    let discord = server(&[("/v10/users/@me Bot d", 401, json!({"message": "401: Unauthorized"}))]).await;
    let openai = server(&[("/models Bearer secret-key", 401, json!({"error": {"message": "bad key"}}))]).await;
    let world = world().await.set("telegram.token", TOKEN).set("telegram.api_url", &telegram).set("discord.token", "d");
    let world = world.set("discord.api_url", &discord).set("providers.openai.base_url", &openai);
    let report = world.set("providers.openai.key", "secret-key").report().await;
    assert!(report.failed());
    let expected = ["doctor-telegram-token", "doctor-discord-token", "doctor-provider-key"];
    let errors = report.findings.iter().filter(|finding| finding.level == Level::Error);
    assert_eq!(errors.map(|finding| finding.what.key).collect::<Vec<_>>(), expected);
    for lang in [Lang::En, Lang::Ru] {
        let said = report.say(lang);
        assert!(
            said.contains("@BotFather") && !said.contains("nobody-may-see") && !said.contains("secret-key"),
            "{said}"
        );
    }
    assert!(report.say(Lang::Ru).ends_with("Не работает: 3 пункта.\n"));
}

#[tokio::test]
async fn servers_that_do_not_answer_are_named_without_the_token() {
    let url = nobody().await;
    let world = world().await.set("telegram.token", TOKEN).set("telegram.api_url", &url);
    let world = world.set("providers.lab.base_url", &url).set("discord.token", "d").set("discord.api_url", &url);
    let report = world.report().await;
    assert_eq!(keys(&report).iter().filter(|key| **key == "doctor-net-refused").count(), 3);
    assert!(!report.say(Lang::En).contains("nobody-may-see"), "{}", report.say(Lang::En));
}

#[tokio::test]
async fn a_webhook_that_does_not_fit_the_settings_is_explained() {
    let me = json!({"ok": true, "result": {"username": "b", "can_read_all_group_messages": false}});
    let hook = json!({"ok": true, "result": {
        "url": "https://old.example/secret-path", "pending_update_count": 0, "last_error_message": "Connection refused"}});
    let answers = [(&*format!("/bot{TOKEN}/getMe"), 200, me), (&format!("/bot{TOKEN}/getWebhookInfo"), 200, hook)];
    let telegram = server(&answers).await;
    let world = world().await.set("telegram.token", TOKEN).set("telegram.api_url", &telegram);
    let report = world.report().await;
    let said = amiss(&without_disk(report.clone())).join("\n");
    assert!(said.contains("https://old.example, but") && said.contains("Connection refused"), "{said}");
    assert!(!report.say(Lang::En).contains("secret-path"));
    assert!(keys(&report).contains(&"doctor-telegram-privacy"));
}

#[tokio::test]
async fn models_that_are_missing_or_will_end_are_named() {
    let list = json!({"data": [
        {"id": "good-model"},
        {"id": "old", "shutdown_date": "2026-11-30"},
        {"id": "gone", "shutdown_date": "2026-11-01"},
        {"id": "later", "shutdown_date": "2027-11-01"},
    ]});
    let lab = server(&[("/models", 200, list)]).await;
    let world = world().await.set("providers.lab.base_url", &lab);
    let report = world.set("model.chain", "lab/god-model,lab/old,lab/gone,lab/later").report().await;
    let said = report.say(Lang::En);
    for part in [
        "✗ The provider lab has no model “god-model”.\n    → Correct model.chain; the nearest it has is “good-model”.",
        "! The model “old” will be taken away by its provider on 2026-11-30 (in 15 days).",
        "✗ The model “gone” was taken away by its provider on 2026-11-01.",
        "· The model “later” will be taken away",
    ] {
        assert!(said.contains(part), "{part} in\n{said}");
    }
}

#[tokio::test]
async fn a_clock_that_is_off_is_found_by_what_servers_say() {
    let lab = server(&[("/models", 200, json!({"data": [{"id": "m"}]}))]).await;
    let world = world().await.set("providers.lab.base_url", &lab);
    let loaded = load(&world.sources).unwrap();
    let level = async |now| {
        let report = run(&loaded, now, async { Ok(()) }, async { Ok(Kept::Whole) }).await;
        report.findings.iter().find(|f| f.what.key.starts_with("doctor-clock")).unwrap().level
    };
    assert_eq!(level(NOW).await, Level::Good);
    assert_eq!(level(NOW.plus(60_000)).await, Level::Warning);
    assert_eq!(level(NOW.plus(-3_600_000)).await, Level::Error);
}

#[tokio::test]
async fn a_database_that_does_not_open_is_an_error_without_its_password() {
    let world = world().await.set("database.url", "postgres://ann:topsecret@db.example/app");
    let why = "no route to postgres://ann:topsecret@db.example/app with topsecret".to_owned();
    let report = world.report_with(async { Err(why) }).await;
    assert!(report.failed());
    let said = report.say(Lang::En);
    assert!(said.contains("does not open: no route") && !said.contains("topsecret"), "{said}");
}

#[tokio::test]
async fn faults_of_the_settings_are_said_in_the_persons_language() {
    let problem = load(&world().await.set("lisen", "1").sources).unwrap_err();
    let report = of_problem(&problem);
    assert!(report.failed());
    assert!(
        report.say(Lang::Ru).starts_with("✗ Настройки: командная строка --set: неизвестный ключ «lisen»; ближайший")
    );
    let mut odd = world().await;
    odd.sources.env.insert("MODE".into(), "fast".into());
    let said = odd.report().await.say(Lang::Ru);
    assert!(said.contains("! Настройка пропущена: переменная MODE: «MODE»: нужно одно из слов"), "{said}");
}

#[tokio::test]
async fn a_data_directory_that_cannot_be_written_is_an_error() {
    let world = world().await;
    let file = world.dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let world = world.set("data_dir", &file.join("below").display().to_string());
    let report = world.report().await;
    assert!(report.failed());
    assert!(keys(&report).contains(&"doctor-data-not-writable"));
}

#[tokio::test]
async fn an_address_in_use_and_a_missing_instruction_are_warnings() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let world =
        world().await.set("listen", &address).set("instruction_file", "nowhere.md").set("access.policy", "open");
    let report = without_disk(world.report().await);
    assert!(!report.failed());
    assert_eq!(report.worst(), Level::Warning);
    let warned: Vec<_> = report.findings.iter().filter(|f| f.level == Level::Warning).map(|f| f.what.key).collect();
    assert_eq!(warned, ["doctor-access-open", "doctor-page-in-use", "doctor-instruction-unreadable"]);
}

#[test]
fn looking_at_the_data_directory_leaves_nothing_in_it() {
    let dir = TempDir::new().unwrap();
    let sources = Sources { dir: PathBuf::from("none"), working_dir: dir.path().to_owned(), ..Sources::default() };
    let data = dir.path().join("new/data");
    let mut loaded = load(&sources).unwrap();
    loaded.settings.data_dir = data.clone();
    assert!(machine::data_directory(&loaded.settings).iter().all(|f| f.level < Level::Error));
    assert_eq!(std::fs::read_dir(data).unwrap().count(), 0);
}

#[tokio::test]
async fn who_hears_speaks_and_draws_is_looked_at_with_what_to_do() {
    let list = json!({"data": []});
    let heard = server(&[("/v1/models Bearer k", 200, list)]).await;
    let spoken = server(&[("/v1/models Bearer wrong-key", 401, json!({"error": {"message": "bad key"}}))]).await;
    let drawn = nobody().await;
    let world = world().await.set("hearing.chain", "whisper-1").set("hearing.key", "k");
    let world = world.set("hearing.base_url", &format!("{heard}/v1")).set("hearing.model", "base");
    let world = world.set("speaking.chain", "tts-1,espeak").set("speaking.base_url", &format!("{spoken}/v1"));
    let world = world.set("speaking.key", "wrong-key").set("speaking.espeak", "no-such-program");
    let world = world.set("drawing.chain", "painter").set("drawing.base_url", &drawn);
    let report = world.report().await;
    let said = report.say(Lang::En);
    for part in [
        "✓ Recordings are heard by: own/whisper-1.",
        "! hearing.model names “base”, and there is no such model file.\n    → Fetch it with “apprentice models pull base”",
        "✓ The server of [hearing]",
        "✗ The server of [speaking]",
        "does not take the key.\n    → Check speaking.key.",
        "! The program that speaks cannot be run: the program no-such-program is not installed",
        "✓ Pictures are drawn by: own/painter.",
        "nothing listens there.\n    → Start the server or correct drawing.base_url.",
    ] {
        assert!(said.contains(part), "{part} in\n{said}");
    }
    assert!(!said.contains("wrong-key"), "{said}");
    assert!(!report.say(Lang::Ru).contains("doctor-"), "{}", report.say(Lang::Ru));
}

#[tokio::test]
async fn a_reader_that_is_not_shut_in_is_a_warning_and_one_that_does_not_start_an_error() {
    let loaded = load(&world().await.sources).unwrap();
    let found = async |child| reading::confinement(&loaded, async { child }).await;
    assert_eq!(found(Ok(Kept::Whole)).await.level, Level::Good);
    assert_eq!(found(Ok(Kept::LimitsAlone)).await.level, Level::Warning);
    let broken = found(Err("out of memory".to_owned())).await;
    assert_eq!(broken.level, Level::Error);
    assert!(broken.say(Lang::En).contains("512 MB"), "{}", broken.say(Lang::En));
}

#[tokio::test]
async fn a_local_bot_api_server_must_be_ones_own_and_its_files_readable() {
    let url = nobody().await;
    let local = async |api_url: &str, dir: &str| {
        let world = world().await.set("telegram.token", TOKEN).set("telegram.local", "true");
        let world = world.set("telegram.api_url", api_url).set("telegram.local_dir", dir);
        let settings = load(&world.sources).unwrap();
        platforms::telegram(&network::Client::new().unwrap(), &settings).await[0].what.key
    };
    let dir = TempDir::new().unwrap();
    assert_eq!(local(&url, dir.path().to_str().unwrap()).await, "doctor-local");
    assert_eq!(local(&url, "/nowhere/at/all").await, "doctor-local-unreadable");
}
