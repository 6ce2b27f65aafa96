use super::{NOTHING, asked, provider, server, wav};
use apprentice_models::hear::{
    HearFailure, Heard, Hint, Limits, NotUnderstood, Recogniser, Recognisers, Server as Listener, Sound, Source,
};
use apprentice_models::speak::{self, Format, Synthesiser, Utterance, Voices};
use sim::openai::{Config, Ears, Program, Script, Server, trouble};
use sim::{Fault, Kind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

const PATH: &str = "/audio/transcriptions";

fn sound() -> Sound {
    let bytes = wav(&[0, 1000, -1000, 0], 16_000).into();
    Sound { source: Source::Bytes(bytes), name: "voice.wav".to_owned(), mime: "audio/wav".to_owned(), seconds: None }
}

async fn hearing(ears: Ears) -> Server {
    server(Config { ears, ..Config::default() }).await
}

fn listener(server: &Server, model: &str) -> Listener {
    Listener::new("p", &provider(server.base_url()), model, Limits::default()).unwrap()
}

async fn transcribe(server: &Server, model: &str) -> Result<Heard, HearFailure> {
    listener(server, model).transcribe(&sound(), &Hint::default()).await
}

#[tokio::test]
async fn a_file_is_sent_from_the_disk_and_its_words_come_back_with_their_figures() {
    let server = hearing(Ears::scripted(|sound| {
        assert_eq!(
            (sound.name.as_str(), sound.language.as_deref(), sound.prompt.as_str()),
            ("voice.wav", Some("ru"), "Иван")
        );
        assert_eq!(sound.bytes.len(), 3_000_044, "the whole file came");
        Script::of(" Привет, мир ")
    }))
    .await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), wav(&vec![7; 1_500_000], 16_000)).unwrap();
    let sound = Sound { source: Source::File(file.path().to_owned()), ..sound() };
    let hint = Hint { language: Some("ru-RU".to_owned()), prompt: " Иван ".to_owned() };
    let heard = listener(&server, "whisper-1").transcribe(&sound, &hint).await.unwrap();
    assert_eq!((heard.text.as_str(), heard.language.as_deref()), ("Привет, мир", Some("russian")));
    assert_eq!((heard.seconds, heard.by.as_str()), (Some(2.0), "p/whisper-1"));
    assert!((heard.confidence.unwrap() - 0.8187).abs() < 0.001);
    assert_eq!(server.violations(), NOTHING);
}

#[tokio::test]
async fn a_server_that_answers_only_in_short_is_asked_so_from_then_on() {
    let server = hearing(Ears::saying("hello")).await;
    server.faults().push(Fault::on(PATH, trouble::unsupported_value("response_format", "verbose_json")));
    let listener = listener(&server, "local-whisper");
    for _ in 0..2 {
        let heard = listener.transcribe(&sound(), &Hint::default()).await.unwrap();
        assert_eq!((heard.text.as_str(), heard.confidence), ("hello", None));
    }
    assert_eq!(asked(&server, PATH), 3, "the refusal is remembered");
    assert_eq!(server.violations(), NOTHING);
}

#[tokio::test]
async fn a_newer_model_is_asked_in_short_at_once_and_tells_how_sure_it_is() {
    let server = hearing(Ears::saying("turn it off")).await;
    let heard = transcribe(&server, "gpt-4o-transcribe").await.unwrap();
    assert!((heard.confidence.unwrap() - 0.8187).abs() < 0.001);
    assert_eq!(transcribe(&server, "gpt-transcribe").await.unwrap().confidence, None);
    assert_eq!((asked(&server, PATH), server.violations()), (2, NOTHING.to_vec()));
}

#[tokio::test]
async fn what_a_model_makes_up_in_silence_is_not_taken_for_words() {
    let made_up = |no_speech, mean_logprob, compression| {
        Ears::scripted(move |_| Script { no_speech, mean_logprob, compression, ..Script::of("Thanks for watching!") })
    };
    for (ears, expected) in [
        (Ears::Deaf, NotUnderstood::Empty),
        (made_up(0.9, -1.3, 1.0), NotUnderstood::Empty),
        (made_up(0.1, -0.4, 5.0), NotUnderstood::LowConfidence),
        (made_up(0.3, -2.5, 1.0), NotUnderstood::LowConfidence),
    ] {
        let server = hearing(ears).await;
        assert_eq!(transcribe(&server, "whisper-1").await, Err(HearFailure::NotUnderstood(expected)));
    }
}

#[tokio::test]
async fn each_failure_is_told_by_what_can_be_done_about_it() {
    let server = hearing(Ears::saying("x")).await;
    let limits = Limits { attempts: 1, ..Limits::default() };
    let once = Listener::new("p", &provider(server.base_url()), "whisper-1", limits).unwrap();
    let of = async |fault: Kind| {
        server.faults().push(Fault::on(PATH, fault));
        once.transcribe(&sound(), &Hint::default()).await.unwrap_err()
    };
    assert_eq!(of(Kind::Status(500)).await, HearFailure::Service { status: 500, retry_after_ms: None });
    let busy = of(trouble::rate_limited(60)).await;
    assert_eq!(busy, HearFailure::Service { status: 429, retry_after_ms: Some(60_000) });
    assert!(matches!(of(Kind::Reset).await, HearFailure::Unreachable { .. }));
    assert!(matches!(of(Kind::Garbage).await, HearFailure::Unreachable { .. }));
    assert!(matches!(of(Kind::HalfBody).await, HearFailure::Unreachable { .. }));
    assert!(matches!(of(trouble::insufficient_quota()).await, HearFailure::Refused { status: 429, .. }));
    let told = of(trouble::invalid_key()).await;
    assert!(matches!(told, HearFailure::Refused { status: 401, .. }) && !told.to_string().contains("sk-sim-key"));
}

#[tokio::test]
async fn a_sound_that_is_broken_or_too_long_is_told_apart_before_or_after_it_is_sent() {
    let server = hearing(Ears::saying("x")).await;
    let listener = listener(&server, "whisper-1");
    let of = async |sound: Sound| listener.transcribe(&sound, &Hint::default()).await.unwrap_err();
    let bytes = |bytes: &'static [u8]| Source::Bytes(bytes.into());
    assert!(matches!(of(Sound { source: bytes(b""), ..sound() }).await, HearFailure::BadSound { .. }));
    let missing = Source::File(PathBuf::from("/nowhere/voice.ogg"));
    assert!(matches!(of(Sound { source: missing, ..sound() }).await, HearFailure::BadSound { .. }));
    assert!(matches!(of(Sound { seconds: Some(1e6), ..sound() }).await, HearFailure::TooLong { .. }));
    assert_eq!(server.count(), 0, "nothing was sent");
    assert!(matches!(of(Sound { source: bytes(b"no sound at all"), ..sound() }).await, HearFailure::BadSound { .. }));
    assert!(matches!(of(Sound { name: "voice.xyz".to_owned(), ..sound() }).await, HearFailure::BadSound { .. }));
    let large = Sound { source: Source::Bytes(wav(&vec![0; 14 << 20], 16_000).into()), ..sound() };
    assert!(matches!(of(large.clone()).await, HearFailure::TooLong { .. }));
    let limits = Limits { largest: 1 << 30, ..Limits::default() };
    let taking = Listener::new("p", &provider(server.base_url()), "whisper-1", limits).unwrap();
    assert!(matches!(taking.transcribe(&large, &Hint::default()).await, Err(HearFailure::TooLong { .. })));
}

#[tokio::test]
async fn a_server_that_hangs_is_left_after_the_time_for_that_sound() {
    let server = hearing(Ears::saying("x")).await;
    server.faults().push(Fault::on(PATH, Kind::Slow(Duration::from_secs(600))));
    let limits = Limits { base: Duration::from_millis(200), ..Limits::default() };
    let hasty = Listener::new("p", &provider(server.base_url()), "whisper-1", limits).unwrap();
    assert_eq!(hasty.transcribe(&sound(), &Hint::default()).await, Err(HearFailure::TimedOut));
    assert_eq!(asked(&server, PATH), 1, "a time limit is not waited for twice");
}

#[tokio::test]
async fn a_passing_failure_is_tried_again_and_a_lasting_one_hands_over_to_the_next_recogniser() {
    let (first, second) = (hearing(Ears::saying("one")).await, hearing(Ears::saying("two")).await);
    let chain = Recognisers(vec![
        Recogniser::Server(listener(&first, "whisper-1")),
        Recogniser::Server(listener(&second, "whisper-1")),
    ]);
    let hear = async || chain.transcribe(&sound(), &Hint::default()).await;
    first.faults().push(Fault::on(PATH, Kind::Status(503)));
    assert_eq!(hear().await.unwrap().text, "one");
    assert_eq!(asked(&first, PATH), 2);
    first.faults().push(Fault::on(PATH, trouble::invalid_key()));
    assert_eq!(hear().await.unwrap().text, "two");
    first.change(|config| config.ears = Ears::Deaf);
    assert_eq!(hear().await, Err(HearFailure::NotUnderstood(NotUnderstood::Empty)), "silence is an answer");
}

#[tokio::test]
async fn a_server_that_keeps_failing_is_left_alone_for_a_while() {
    let server = hearing(Ears::saying("x")).await;
    let listener = listener(&server, "whisper-1");
    server.faults().push(Fault::on(PATH, Kind::Status(500)).times(5));
    for _ in 0..2 {
        assert!(listener.transcribe(&sound(), &Hint::default()).await.is_err());
    }
    assert_eq!((asked(&server, PATH), listener.state().starts_with('✗')), (5, true));
}

/// The Python that has the packages which tests need.
fn python() -> PathBuf {
    let usual = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/python/bin/python"));
    let python = std::env::var_os("APPRENTICE_TEST_PYTHON").map_or(usual, PathBuf::from);
    assert!(python.exists(), "{} is missing: scripts/install test makes it", python.display());
    python
}

#[tokio::test]
async fn what_is_spoken_aloud_is_understood_again_by_a_real_recogniser() {
    let sentences = [
        "turn on the light in the kitchen",
        "what is six times seven",
        "tell me a story about a dog",
        "what is the weather in london today",
    ];
    let program = Program::pocketsphinx(&python(), &sentences).unwrap();
    let server = hearing(Ears::Program(Arc::new(program))).await;
    let synthesiser = Synthesiser::new(
        "p",
        &provider(server.base_url()),
        "tts-1",
        Voices { default: "alloy".to_owned(), ..Voices::default() },
        speak::Limits::default(),
    )
    .unwrap();
    // A slow machine takes its time to load a recogniser.
    let limits = Limits { base: Duration::from_secs(300), ..Limits::default() };
    let listener = Listener::new("p", &provider(server.base_url()), "whisper-1", limits).unwrap();
    for text in ["Turn on the light in the kitchen.", "What is six times seven?"] {
        let utterance = Utterance { text, language: "en", voice: None, speed: None };
        let mut speech = synthesiser.speak(&utterance, Format::Pcm).await.unwrap();
        let mut bytes = Vec::new();
        while let Some(piece) = speech.next().await.unwrap() {
            bytes.extend(piece);
        }
        let samples: Vec<i16> = bytes.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
        let sound = Sound { source: Source::Bytes(wav(&samples, speech.rate()).into()), ..sound() };
        let heard = listener.transcribe(&sound, &Hint::default()).await.unwrap();
        assert_eq!(heard.text, text.to_lowercase().trim_end_matches(['.', '?']));
    }
    let silence = Sound { source: Source::Bytes(wav(&[0; 16_000], 16_000).into()), ..sound() };
    let told = listener.transcribe(&silence, &Hint::default()).await;
    assert_eq!(told, Err(HearFailure::NotUnderstood(NotUnderstood::Empty)));
    assert_eq!(server.violations(), NOTHING);
}
