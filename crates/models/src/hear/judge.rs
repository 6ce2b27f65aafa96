//! What a recogniser made up where nobody spoke, told by its own figures, or by the words where it gives none.
//!
//! Whisper models write sentences into silence and noise. The limits are those by which Whisper itself takes a
//! piece for silence or tries it again: no-speech probability over 0.6 with a mean log probability under −1.0,
//! and a compression ratio over 2.4 (Radford et al. 2022, section 4.5).

use super::NotUnderstood;

/// A piece of a transcript with the recogniser's figures; what it does not tell is none.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Segment {
    pub(super) text: String,
    /// Seconds.
    pub(super) length: f64,
    pub(super) no_speech: Option<f64>,
    pub(super) mean_logprob: Option<f64>,
    pub(super) compression: Option<f64>,
}

const SILENT: f64 = 0.6;
const UNSURE: f64 = -1.0;
/// Below this a piece is a guess, speech or not: fewer than one token in five would be right.
const GUESSED: f64 = -1.6;
const REPEATING: f64 = 2.4;

#[derive(Clone, Copy, PartialEq)]
enum Verdict {
    Speech,
    Silence,
    Guess,
}

impl Segment {
    fn verdict(&self) -> Verdict {
        let unsure = |limit: f64| self.mean_logprob.is_some_and(|logprob| logprob < limit);
        match () {
            () if self.text.trim().is_empty() => Verdict::Silence,
            () if self.no_speech.is_some_and(|p| p > SILENT) && unsure(UNSURE) => Verdict::Silence,
            () if unsure(GUESSED) || self.compression.is_some_and(|ratio| ratio > REPEATING) => Verdict::Guess,
            () => Verdict::Speech,
        }
    }
}

/// The words that were spoken and how sure they are. `whole` is the transcript where no piece is to be left out.
pub(super) fn judge(whole: &str, segments: &[Segment]) -> Result<(String, Option<f64>), NotUnderstood> {
    let of = |verdict| move |segment: &&Segment| segment.verdict() == verdict;
    let spoken: Vec<&Segment> = segments.iter().filter(of(Verdict::Speech)).collect();
    let guessed = segments.iter().any(|segment| segment.verdict() == Verdict::Guess);
    let text = match segments.len() == spoken.len() {
        true => whole.trim().to_owned(),
        false => spoken.iter().map(|segment| segment.text.as_str()).collect::<String>().trim().to_owned(),
    };
    match text.is_empty() {
        true if guessed => Err(NotUnderstood::LowConfidence),
        true => Err(NotUnderstood::Empty),
        false if segments.is_empty() && is_credits(&text) => Err(NotUnderstood::Empty),
        false => Ok((text, confidence(&spoken))),
    }
}

/// The judgement on a transcript of which only the mean log probability of its tokens is told.
pub(super) fn judge_mean(whole: &str, mean_logprob: Option<f64>) -> Result<(String, Option<f64>), NotUnderstood> {
    let (text, _) = judge(whole, &[])?;
    match mean_logprob {
        Some(mean) if mean < GUESSED => Err(NotUnderstood::LowConfidence),
        mean => Ok((text, mean.map(probability))),
    }
}

/// Mean probability of the tokens, pieces weighed by their length.
fn confidence(spoken: &[&Segment]) -> Option<f64> {
    let weighed = |segment: &&Segment| Some((segment.mean_logprob?, segment.length.max(0.01)));
    let told: Vec<(f64, f64)> = spoken.iter().filter_map(weighed).collect();
    let weight: f64 = told.iter().map(|(_, weight)| weight).sum();
    let sum: f64 = told.iter().map(|(logprob, weight)| logprob * weight).sum();
    (weight > 0.0).then(|| probability(sum / weight))
}

fn probability(logprob: f64) -> f64 {
    logprob.exp().clamp(0.0, 1.0)
}

/// Credits that subtitles end with: models that learnt from subtitles write them where nobody speaks.
fn is_credits(text: &str) -> bool {
    let lower = text.to_lowercase();
    let begins = ["субтитры сделал", "субтитры создавал", "редактор субтитров", "subtitles by the amara"];
    text.chars().count() < 90 && begins.iter().any(|begin| lower.starts_with(begin))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(text: &str, no_speech: f64, mean_logprob: f64, compression: f64) -> Segment {
        let (no_speech, mean_logprob, compression) = (Some(no_speech), Some(mean_logprob), Some(compression));
        Segment { text: text.to_owned(), length: 2.0, no_speech, mean_logprob, compression }
    }

    #[test]
    fn what_was_made_up_is_left_out_of_what_was_said() {
        let said = segment(" Turn on the light.", 0.02, -0.2, 1.1);
        let silence = segment(" Thanks for watching!", 0.93, -1.2, 1.0);
        let (text, sure) =
            judge("Turn on the light. Thanks for watching!", &[said.clone(), silence.clone()]).unwrap_or_default();
        assert_eq!(text, "Turn on the light.");
        assert!(sure.is_some_and(|sure| (sure - 0.8187).abs() < 0.001), "{sure:?}");
        assert_eq!(judge("Thanks for watching!", &[silence]), Err(NotUnderstood::Empty));
        assert_eq!(judge("la la la", &[segment("la la la", 0.1, -0.3, 6.0)]), Err(NotUnderstood::LowConfidence));
        assert_eq!(judge("xyz", &[segment("xyz", 0.3, -2.0, 1.0)]), Err(NotUnderstood::LowConfidence));
    }

    #[test]
    fn a_sure_word_stands_although_there_was_much_silence() {
        assert!(judge("Yes.", &[segment("Yes.", 0.8, -0.3, 0.6)]).is_ok());
    }

    #[test]
    fn without_figures_only_nothing_and_credits_are_kept_back() {
        assert_eq!(judge("  \n", &[]), Err(NotUnderstood::Empty));
        assert_eq!(judge("Субтитры сделал кто-то", &[]), Err(NotUnderstood::Empty));
        assert_eq!(judge(" Спасибо за просмотр ", &[]), Ok(("Спасибо за просмотр".to_owned(), None)));
        assert_eq!(judge_mean("hm", Some(-2.0)), Err(NotUnderstood::LowConfidence));
        assert_eq!(judge_mean("hm", Some(0.0)), Ok(("hm".to_owned(), Some(1.0))));
    }
}
