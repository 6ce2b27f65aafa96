//! `/voice` and `/say`.

use crate::learn::lessons::labelled;
use crate::media::speak;
use crate::teach;
use crate::turn::Turn;
use domain::outgoing::Outgoing;
use domain::person::VoiceMode;

/// Longest text that is said aloud at one request, characters.
const LONGEST: usize = 8_000;

/// `/voice [off | mirror | always | ru | en | auto]`
pub fn command(turn: &mut Turn<'_>, argument: &str) {
    let word = argument.trim().to_lowercase();
    if word.is_empty() {
        return show(turn);
    }
    if let Some(mode) = VoiceMode::find(&word) {
        turn.person.prefs.voice = mode;
    } else if word == "auto" || is_language(&word) {
        turn.person.prefs.spoken = Some(word.clone());
    } else {
        let usage = turn.text("voice-usage");
        turn.reply(usage);
        return;
    }
    turn.record.person = Some(turn.person.clone());
    let key = match VoiceMode::find(&word) {
        Some(VoiceMode::Off) => "voice-set-off",
        Some(VoiceMode::Mirror) => "voice-set-mirror",
        Some(VoiceMode::Always) => "voice-set-always",
        None if word == "auto" => "voice-set-auto",
        None => "voice-set-language",
    };
    let mut said = turn.text_with(key, &[("language", named(turn, &word))]);
    if !speak::can(turn.bot) && turn.person.prefs.voice != VoiceMode::Off {
        said = format!("{said}\n\n{}", turn.text("voice-nobody"));
    }
    turn.reply(said);
}

/// A language tag that begins as servers take it, by two letters: `ru`, `ru-RU`.
fn is_language(word: &str) -> bool {
    let mut parts = word.split(['-', '_']);
    let letters = |part: &str, from: usize, to: usize| {
        (from..=to).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    parts.next().is_some_and(|first| letters(first, 2, 2)) && parts.all(|part| letters(part, 2, 8))
}

/// What a language is called, where there is a name for its tag.
fn named(turn: &Turn<'_>, tag: &str) -> String {
    match tag {
        "en" => turn.text("voice-language-en"),
        "ru" => turn.text("voice-language-ru"),
        other => other.to_owned(),
    }
}

fn show(turn: &mut Turn<'_>) {
    let spoken = match turn.person.prefs.spoken.as_deref() {
        None => turn.text("voice-language-own"),
        Some("auto") => turn.text("voice-language-auto"),
        Some(language) => named(turn, language),
    };
    let mode = turn.text(&format!("voice-mode-{}", turn.person.prefs.voice.name()));
    let markdown = turn.text_with("voice-now", &[("mode", mode), ("language", spoken)]);
    let modes = [VoiceMode::Off, VoiceMode::Mirror, VoiceMode::Always];
    let row = modes
        .map(|mode| labelled(turn.text(&format!("button-voice-{}", mode.name())), format!("/voice {}", mode.name())));
    turn.deliver(Outgoing { markdown, buttons: vec![row.to_vec()], ..Outgoing::default() });
}

/// `/say [text]`: the text, what is replied to, or the last answer.
pub async fn say(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    if !speak::can(turn.bot) {
        let nobody = turn.text("voice-nobody");
        turn.reply(nobody);
        return Ok(());
    }
    let replied = turn.message().and_then(|message| message.reply_to.clone());
    let text = match (argument.trim(), &replied) {
        ("", Some(reply)) if !reply.ours && !reply.text.trim().is_empty() => reply.text.clone(),
        ("", _) => teach::replied_or_last(turn).await?.map(|exchange| exchange.answer).unwrap_or_default(),
        // The page's button names the answer that it stands under.
        (text, _) => match teach::named(turn, text).await?.filter(|exchange| exchange.id.as_str() == text) {
            Some(exchange) => exchange.answer,
            None => text.to_owned(),
        },
    };
    let length = text.chars().count();
    if text.trim().is_empty() || length > LONGEST {
        let key = if length > LONGEST { "say-too-long" } else { "say-usage" };
        let reply = turn.text_with(key, &[("limit", LONGEST.to_string())]);
        turn.reply(reply);
        return Ok(());
    }
    let notes = speak::whole(turn, &text, None);
    turn.record.also.extend(notes);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_told_from_other_words() {
        for language in ["ru", "en-GB", "ru-ru", "de", "zh-hant-tw"] {
            assert!(is_language(language), "{language}");
        }
        for other in ["", "r", "deu", "loud", "ru-", "ру", "ru ru"] {
            assert!(!is_language(other), "{other}");
        }
    }
}
