//! The program speaks: longer text is longer sound, Russian figures are Russian words, and what goes wrong is told.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use apprentice_speech::espeak::{Espeak, Fault};
use apprentice_speech::{Lang, Piece, speakable};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

async fn said(espeak: &Espeak, text: &str, lang: Lang, speed: f32) -> Result<(u32, Vec<i16>), Fault> {
    let mut speech = espeak.speak(text, lang, speed).await?;
    let mut samples = Vec::new();
    while let Some(block) = speech.block().await? {
        assert!(!block.is_empty());
        samples.extend(block);
    }
    Ok((speech.sample_rate(), samples))
}

fn loudness(samples: &[i16]) -> f64 {
    let sum: f64 = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    (sum / samples.len().max(1) as f64).sqrt()
}

#[tokio::test]
async fn sound_is_made_and_longer_text_is_longer() {
    let espeak = Espeak::default();
    let version = espeak.version().await.expect("espeak-ng is installed by scripts/install");
    assert!(version.contains("eSpeak NG"), "{version}");
    for (lang, short, long) in [
        (Lang::En, "Good morning.", "Good morning. This is a longer sentence about nothing at all, and it goes on."),
        (Lang::Ru, "Доброе утро.", "Доброе утро. Это предложение длиннее, оно ни о чём, и оно продолжается."),
    ] {
        let (rate, brief) = said(&espeak, short, lang, 1.0).await.unwrap();
        let (_, full) = said(&espeak, long, lang, 1.0).await.unwrap();
        let (_, quick) = said(&espeak, long, lang, 2.0).await.unwrap();
        assert_eq!(rate, 22_050);
        assert!(brief.len() > rate as usize / 2, "{} samples", brief.len());
        assert!(full.len() > brief.len() * 2, "{} and {} samples", brief.len(), full.len());
        assert!(quick.len() * 3 < full.len() * 2, "{} and {} samples", quick.len(), full.len());
        assert!(loudness(&full) > 500.0, "silence");
    }
}

#[tokio::test]
async fn text_is_never_an_option_nor_a_command() {
    let espeak = Espeak::default();
    for text in ["--help", "-f /etc/hostname", "[[h@loU]] \u{1}s900 \u{0} <audio src=\"x\"/> [[[[", ""] {
        let (_, samples) = said(&espeak, text, Lang::En, 1.0).await.unwrap();
        assert!(text.is_empty() || samples.len() > 4000, "{text:?}: {} samples", samples.len());
    }
    let (_, plain) = said(&espeak, "a b", Lang::En, 1.0).await.unwrap();
    let (_, slowed) = said(&espeak, "a \u{1}80S b", Lang::En, 1.0).await.unwrap();
    assert!(slowed.len() > plain.len(), "the control character was obeyed and not left out");
}

#[tokio::test]
async fn what_goes_wrong_is_told() {
    let missing = Espeak { program: "no-such-program".into(), ..Espeak::default() };
    assert!(matches!(missing.version().await, Err(Fault::Missing(name)) if name == "no-such-program"));
    assert!(matches!(said(&missing, "a", Lang::En, 1.0).await, Err(Fault::Missing(_))));

    let voiceless = Espeak { english: "no such voice".to_owned(), ..Espeak::default() };
    let Err(Fault::Failed(why)) = said(&voiceless, "a", Lang::En, 1.0).await else { panic!("it spoke") };
    assert!(why.contains("voice"), "{why}");

    let brief = Espeak { sound: Duration::from_secs(1), ..Espeak::default() };
    assert!(matches!(said(&brief, &"one two ".repeat(50), Lang::En, 1.0).await, Err(Fault::TooLong)));
}

/// A program that does something else.
fn script(dir: &tempfile::TempDir, body: &str) -> PathBuf {
    let path = dir.path().join("speaker");
    std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[tokio::test]
async fn a_program_that_hangs_is_ended() {
    let dir = tempfile::tempdir().unwrap();
    let pid = dir.path().join("pid");
    let program = script(&dir, &format!("echo $$ > {}; exec sleep 1000", pid.display()));
    let espeak = Espeak { program, time: Duration::from_millis(1500), ..Espeak::default() };
    assert!(matches!(said(&espeak, "a", Lang::En, 1.0).await, Err(Fault::TimedOut)));
    let pid = std::fs::read_to_string(pid).expect("it was started");
    let process = PathBuf::from(format!("/proc/{}", pid.trim()));
    // Killed when dropped, and reaped by the runtime soon after.
    let gone = async {
        while process.exists() && !is_dead(&process) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), gone).await.expect("the program still runs");
}

fn is_dead(process: &std::path::Path) -> bool {
    std::fs::read_to_string(process.join("stat")).is_ok_and(|stat| stat.contains(") Z "))
}

#[tokio::test]
async fn what_is_no_sound_is_a_failure() {
    let dir = tempfile::tempdir().unwrap();
    for body in ["cat > /dev/null; echo hello there", "exit 3", "cat > /dev/null; printf 'RIFF0000WAVEdata00000000'"] {
        let espeak = Espeak { program: script(&dir, body), ..Espeak::default() };
        assert!(matches!(said(&espeak, "a", Lang::En, 1.0).await, Err(Fault::Failed(_))), "{body}");
    }
}

fn phonemes(text: &str, voice: &str) -> String {
    let mut child = Command::new("espeak-ng")
        .args(["-v", voice, "-q", "-x", "--stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("espeak-ng is installed by scripts/install");
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn what_is_written_short_sounds_as_what_is_written_in_full() {
    for (short, full, lang, voice) in [
        ("Прошло 2 мин.", "Прошло две минуты.", Lang::Ru, "ru"),
        ("Выросло на 5 %.", "Выросло на пять процентов.", Lang::Ru, "ru"),
        ("В 2026 г. вышла.", "В две тысячи двадцать шестом году вышла.", Lang::Ru, "ru"),
        ("Путь 5 км.", "Путь пять километров.", Lang::Ru, "ru"),
        ("Цена 100 000 ₽.", "Цена сто тысяч рублей.", Lang::Ru, "ru"),
        ("It is 5 km/h.", "It is five kilometers per hour.", Lang::En, "en-us"),
        ("It costs $5.", "It costs five dollars.", Lang::En, "en-us"),
        ("In 1985.", "In nineteen eighty five.", Lang::En, "en-us"),
    ] {
        let pieces = speakable(short, lang);
        let [Piece::Text { text, .. }] = pieces.as_slice() else { panic!("{pieces:?}") };
        let heard = |text: &str| phonemes(text, voice).replace([' ', '\'', ',', '_', '\n'], "");
        assert_eq!(heard(text), heard(full), "{text}");
        assert!(voice != "ru" || !phonemes(text, voice).contains("(en)"), "{text} is said in English");
    }
}
