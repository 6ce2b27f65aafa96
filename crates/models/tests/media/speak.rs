use super::{NOTHING, asked, provider, server};
use apprentice_models::speak::{Format, Limits, RATE, SpeakFailure, Speech, Synthesiser, Utterance, Voices};
use futures::StreamExt as _;
use sim::openai::{Config, Mouth, Server, trouble};
use sim::{Fault, Kind};
use std::collections::BTreeMap;
use std::time::Duration;

const PATH: &str = "/audio/speech";

fn synthesiser(server: &Server, limits: Limits) -> Synthesiser {
    let by_language = BTreeMap::from([("ru".to_owned(), "nova".to_owned())]);
    let voices = Voices { default: "alloy".to_owned(), by_language };
    Synthesiser::new("p", &provider(server.base_url()), "tts-1", voices, limits).unwrap()
}

fn say(text: &str) -> Utterance<'_> {
    Utterance { text, language: "en", voice: None, speed: None }
}

async fn whole(speech: Speech) -> Vec<u8> {
    let pieces: Vec<_> = speech.into_stream().map(Result::unwrap).collect().await;
    pieces.concat()
}

fn voices(server: &Server) -> Vec<(String, String)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    server.requests().iter().map(|asked| (text(&asked.body["voice"]), text(&asked.body["response_format"]))).collect()
}

#[tokio::test]
async fn speech_comes_as_samples_in_pieces_while_it_is_made() {
    let server = server(Config::default()).await;
    let mut speech = synthesiser(&server, Limits::default()).speak(&say("Good morning."), Format::Pcm).await.unwrap();
    assert_eq!((speech.format(), speech.rate()), (Format::Pcm, RATE));
    let first = speech.next().await.unwrap().unwrap();
    let rest = whole(speech).await;
    assert!(first.len() < rest.len(), "{} of {}", first.len(), rest.len());
    let samples: Vec<i16> = rest.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
    let seconds = samples.len() as f64 / f64::from(RATE);
    assert!((0.5..3.0).contains(&seconds) && samples.iter().any(|sample| sample.abs() > 3000), "{seconds} s");
    assert_eq!(server.violations(), NOTHING);
}

#[tokio::test]
async fn a_language_has_its_own_voice_unless_one_is_asked_for() {
    let server = server(Config::default()).await;
    let synthesiser = synthesiser(&server, Limits::default());
    for utterance in [
        say("Hi."),
        Utterance { language: "ru-RU", ..say("Привет.") },
        Utterance { voice: Some("onyx"), speed: Some(9.0), ..say("Hi.") },
    ] {
        synthesiser.speak(&utterance, Format::Wav).await.unwrap();
    }
    let expected = ["alloy", "nova", "onyx"].map(|voice| (voice.to_owned(), "wav".to_owned()));
    assert_eq!((voices(&server), server.violations()), (expected.to_vec(), NOTHING.to_vec()));
}

#[tokio::test]
async fn a_server_that_makes_no_samples_is_asked_for_a_file_from_then_on() {
    let mouth = Mouth { formats: vec!["wav".to_owned()], ..Mouth::default() };
    let server = server(Config { mouth, ..Config::default() }).await;
    let synthesiser = synthesiser(&server, Limits::default());
    for _ in 0..2 {
        let speech = synthesiser.speak(&say("Hi."), Format::Pcm).await.unwrap();
        assert_eq!(speech.format(), Format::Wav);
        assert!(whole(speech).await.starts_with(b"RIFF"));
    }
    assert_eq!(asked(&server, PATH), 3, "the refusal is remembered");
}

#[tokio::test]
async fn what_cannot_be_said_at_once_is_not_sent() {
    let server = server(Config::default()).await;
    let synthesiser = synthesiser(&server, Limits::default());
    let of = async |text: &str| synthesiser.speak(&say(text), Format::Pcm).await.unwrap_err();
    assert_eq!(of(" \n").await, SpeakFailure::Nothing);
    assert_eq!(of(&"word ".repeat(900)).await, SpeakFailure::TooLong { characters: 4096 });
    assert_eq!(of(&"щ".repeat(4000)).await, SpeakFailure::TooLong { characters: 4096 }, "by its tokens");
    assert_eq!(server.count(), 0);
}

#[tokio::test]
async fn failures_before_the_first_bytes_are_tried_again_and_told_apart() {
    let server = server(Config::default()).await;
    let synthesiser = synthesiser(&server, Limits::default());
    let speak = async || synthesiser.speak(&say("Hi."), Format::Pcm).await;
    server.faults().push(Fault::on(PATH, Kind::Reset));
    assert!(speak().await.is_ok());
    assert_eq!(asked(&server, PATH), 2);
    let once = self::synthesiser(&server, Limits { attempts: 1, ..Limits::default() });
    let of = async |fault: Kind| {
        server.faults().push(Fault::on(PATH, fault));
        once.speak(&say("Hi."), Format::Pcm).await.unwrap_err()
    };
    assert!(matches!(of(Kind::Garbage).await, SpeakFailure::Unreachable { .. }), "a page is no sound");
    assert_eq!(
        of(trouble::rate_limited(60)).await,
        SpeakFailure::Service { status: 429, retry_after_ms: Some(60_000) }
    );
    assert!(matches!(of(trouble::invalid_key()).await, SpeakFailure::Refused { status: 401, .. }));
    assert!(matches!(
        of(trouble::invalid("voice", "invalid_value", "No such voice")).await,
        SpeakFailure::Refused { .. }
    ));
}

#[tokio::test]
async fn a_voice_that_breaks_off_or_stalls_ends_with_a_failure_and_is_not_begun_anew() {
    let server = server(Config::default()).await;
    for (fault, stalls) in [(Kind::Cut { after: 2 }, false), (Kind::Stall { after: 2 }, true)] {
        server.faults().push(Fault::on(PATH, fault));
        let idle = if stalls { Duration::from_millis(200) } else { Limits::default().idle };
        let hasty = synthesiser(&server, Limits { idle, ..Limits::default() });
        let speech = hasty.speak(&say("A sentence of some length."), Format::Pcm).await.unwrap();
        let pieces: Vec<_> = speech.into_stream().collect().await;
        let told = pieces.last().unwrap().as_ref().unwrap_err();
        assert!(pieces.len() > 1 && matches!(told, SpeakFailure::TimedOut) == stalls, "{told:?}");
    }
    assert_eq!(asked(&server, PATH), 2);
}

#[tokio::test]
async fn more_sound_than_is_taken_is_cut_off() {
    let server = server(Config::default()).await;
    let narrow = synthesiser(&server, Limits { largest: 10_000, ..Limits::default() });
    let speech = narrow.speak(&say("Good morning to all of you."), Format::Pcm).await.unwrap();
    let pieces: Vec<_> = speech.into_stream().collect().await;
    assert_eq!(pieces.last().unwrap(), &Err(SpeakFailure::TooMuch { most: 10_000 }));
}
