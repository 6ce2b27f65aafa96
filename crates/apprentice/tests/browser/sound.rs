//! Speaking to the page and being answered aloud, with a microphone that plays a file.

use crate::visit::Visit;
use sim::openai::{self, Answer, Ears, Program};
use std::path::{Path, PathBuf};
use std::process::Command;
use thirtyfour::Key;

const ASKED: &str = "what is the weather in london";
/// Whether something is being recorded.
const RECORDING: &str = "!document.querySelector('#recording').hidden";

/// Runs a program that makes something for a test.
fn make(program: &str, arguments: &[&str]) {
    let status = Command::new(program).args(arguments).output();
    let output = status.unwrap_or_else(|error| panic!("{program} is missing ({error}): apt-get install {program}"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Somebody who says a sentence, again and again.
fn speech(directory: &Path, words: &str) -> PathBuf {
    let (raw, wav) = (directory.join("raw.wav"), directory.join("speech.wav"));
    make("flite", &["-voice", "slt", "-t", words, "-o", raw.to_str().unwrap()]);
    make(
        "ffmpeg",
        &["-y", "-i", raw.to_str().unwrap(), "-af", "adelay=600,apad=pad_dur=1", "-ar", "48000", wav.to_str().unwrap()],
    );
    wav
}

/// The arguments of a browser with that microphone.
fn microphone(wav: &Path) -> Vec<String> {
    vec![
        "--use-fake-device-for-media-stream".to_owned(),
        "--use-fake-ui-for-media-stream".to_owned(),
        format!("--use-file-for-fake-audio-capture={}", wav.display()),
    ]
}

/// A Python that has pocketsphinx.
fn python() -> PathBuf {
    let usual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python/bin/python");
    let python = std::env::var_os("APPRENTICE_TEST_PYTHON").map_or(usual, PathBuf::from);
    assert!(python.is_file(), "{} is missing: `make test` makes it", python.display());
    python
}

/// Somebody at the page with a microphone, heard by these ears.
async fn visit(languages: &str, ears: Ears, answer: &str) -> (tempfile::TempDir, Visit) {
    let directory = tempfile::tempdir().unwrap();
    let wav = speech(directory.path(), ASKED);
    let config = openai::Config { ears, ..openai::Config::answering(Answer::Text(answer.to_owned())) };
    let visit = Visit::in_browser(languages, Some(config), &microphone(&wav)).await;
    (directory, visit)
}

impl Visit {
    /// Records until the clock says so, and sends it.
    async fn speak(&self, until: &str) {
        self.find("#record").await.click().await.unwrap();
        self.until(RECORDING).await;
        self.until(&format!("document.querySelector('#clock').innerText >= '{until}'")).await;
        self.find("#send-recording").await.click().await.unwrap();
    }
}

#[tokio::test]
async fn what_is_said_is_heard_answered_in_words_and_aloud_and_is_there_after_a_reload() {
    let ears = Ears::Program(Program::pocketsphinx(&python(), &[ASKED, "send the letter tomorrow"]).unwrap().into());
    let (_files, visit) = visit("en-US,en", ears, "It is raining in London. Take an umbrella with you.").await;
    visit.find("#record").await.click().await.unwrap();
    visit.until("Number(document.querySelector('#level').dataset.loud) > 0.4").await;
    visit.keep("recording").await;
    visit.until("document.querySelector('#clock').innerText >= '0:05'").await;
    visit.find("#send-recording").await.click().await.unwrap();
    visit.until("document.querySelector('.mine .player audio') !== null").await;
    visit
        .until("document.querySelector('[data-card^=\"heard:\"] blockquote')?.innerText.includes('weather in london')")
        .await;
    visit.until("document.querySelector('.theirs[data-exchange]')?.innerText.includes('Take an umbrella')").await;
    visit.quiet().await;
    // Whoever spoke hears the answer without asking for it.
    visit.until("[...document.querySelectorAll('.aloud audio')].some((audio) => audio.played.length > 0)").await;
    visit.until("document.querySelector('.aloud audio').duration > 1").await;
    let order = "[...document.querySelectorAll('#log article')].map((one) => one.dataset.card ? 'heard' : one.dataset.exchange ? 'answer' : one.classList.contains('aloud') ? 'aloud' : 'mine')";
    visit.until(&format!("{order}.length === 4")).await;
    let shown = ["mine", "heard", "answer", "aloud"];
    assert_eq!(visit.see::<Vec<String>>(order).await, shown);
    visit.until_nothing_is_open().await;
    visit.keep("spoken").await;
    visit.reload().await;
    assert_eq!(visit.see::<Vec<String>>(order).await, shown, "the reload shows something else");
    let heard: u32 = visit.see("document.body.innerText.split('weather in london').length - 1").await;
    assert_eq!(heard, 1, "what was heard is shown on its card, once");
    visit.find(".mine [data-play]").await.click().await.unwrap();
    visit.until("document.querySelector('.mine audio').played.length > 0").await;
    visit.until("document.querySelector('.mine input').valueAsNumber > 0").await;
    visit.end().await;
}

#[tokio::test]
async fn what_was_heard_otherwise_is_put_right_and_answered_anew() {
    let answer = Answer::func(|body| format!("You said: {}", openai::last_said(body)));
    let (_files, visit) = visit("en-US,en", Ears::saying("send the pear to Anna"), "").await;
    visit.world.openai.change(|config| config.answer = answer);
    visit.speak("0:02").await;
    visit.until("document.querySelector('.theirs[data-exchange]')?.innerText.includes('the pear')").await;
    visit.quiet().await;
    visit.find("[data-misheard]").await.click().await.unwrap();
    visit.until("!document.querySelector('#replying').hidden").await;
    assert_eq!(visit.see::<String>("document.querySelector('#words').value").await, "send the pear to Anna");
    visit.keys("send the letter to Anna".to_owned() + Key::Enter).await;
    visit.told("You said: send the letter to Anna").await;
    visit.quiet().await;
    visit.until("document.querySelector('[data-card^=\"heard:\"]').innerText.includes('Corrected by you')").await;
    assert!(visit.see::<bool>("document.querySelector('#replying').hidden").await);
    visit.end().await;
}

#[tokio::test]
async fn by_keyboard_alone_a_recording_is_begun_given_up_and_sent() {
    let (_files, visit) = visit("ru-RU,ru", Ears::saying("привет"), "Здравствуйте.").await;
    visit.find("#record").await.focus().await.unwrap();
    visit.keys(Key::Enter + "").await;
    visit.until(&format!("{RECORDING} && document.activeElement.id === 'send-recording'")).await;
    visit.until("document.querySelector('#clock').innerText >= '0:01'").await;
    visit.keys(Key::Escape + "").await;
    visit.until(&format!("!({RECORDING}) && document.activeElement.id === 'record'")).await;
    assert_eq!(visit.transcript().await, [""; 0]);
    visit.keys(Key::Enter + "").await;
    visit.until(&format!("{RECORDING} && document.querySelector('#clock').innerText >= '0:02'")).await;
    visit.keys(Key::Enter + "").await;
    visit.until("document.querySelector('.theirs[data-exchange]')?.innerText.includes('Здравствуйте')").await;
    visit.quiet().await;
    let card: String = visit.see("document.querySelector('[data-card^=\"heard:\"]').innerText").await;
    assert!(card.contains("Что я услышал") && card.contains("привет") && card.contains("Я сказал не это"), "{card}");
    visit.end().await;
}

#[tokio::test]
async fn a_button_reads_an_answer_aloud() {
    let visit = Visit::with(openai::Config::answering(Answer::Text("The second answer.".to_owned()))).await;
    visit.ask("Tell me", "The second answer.").await;
    visit.find("[data-press^='say:/say ']").await.click().await.unwrap();
    visit.until("document.querySelector('.aloud audio')?.played.length > 0").await;
    visit.until("!document.querySelector('.acts [aria-busy=true]')").await;
    let said = visit.world.openai.requests();
    let said: Vec<_> = said.iter().filter(|request| request.path.ends_with("/audio/speech")).collect();
    assert_eq!(said.len(), 1);
    assert!(said[0].body["input"].as_str().unwrap().contains("The second answer"), "{}", said[0].body);
    // A player asks for parts of a sound.
    let part = "fetch(document.querySelector('.aloud audio').src, { headers: { range: 'bytes=0-3' } }).then(async (answer) => `${answer.status} ${answer.headers.get('content-type')} ${await answer.text()}`)";
    assert_eq!(visit.see_later(part).await, "206 audio/ogg OggS");
    visit.end().await;
}

#[tokio::test]
async fn a_microphone_that_is_refused_gets_a_clear_sentence_and_none_at_all_no_button() {
    let arguments = ["--use-fake-device-for-media-stream", "--deny-permission-prompts"].map(str::to_owned);
    let visit = Visit::in_browser("en-US,en", Some(openai::Config::default()), &arguments).await;
    visit.find("#record").await.click().await.unwrap();
    visit.noted("does not let this page use the microphone").await;
    assert!(!visit.see::<bool>(RECORDING).await);
    let without = serde_json::json!({"source": "delete Navigator.prototype.mediaDevices"});
    visit.browser.driver.cdp().send_raw("Page.addScriptToEvaluateOnNewDocument", without).await.unwrap();
    visit.reload().await;
    assert!(visit.see::<bool>("document.querySelector('#record').hidden").await);
    assert!(!visit.see::<bool>("document.querySelector('#send').hidden").await);
    visit.end().await;
}
