//! What servers answer, read leniently: `verbose_json`, `json` with or without log probabilities, or plain text.

use super::judge::{Segment, judge, judge_mean};
use super::{Heard, NotUnderstood};
use crate::endpoint::Trouble;
use serde_json::Value;

/// The words of an answer; nothing understood is an answer too.
pub(super) fn heard(bytes: &[u8], is_text: bool) -> Result<Result<Heard, NotUnderstood>, Trouble> {
    let Ok(json) = serde_json::from_slice::<Value>(bytes) else {
        let text = std::str::from_utf8(bytes).ok().filter(|_| is_text).ok_or_else(Trouble::senseless)?;
        return Ok(judge(text, &[]).map(|(text, confidence)| Heard { text, confidence, ..Heard::default() }));
    };
    let text = json.get("text").and_then(Value::as_str).ok_or_else(Trouble::senseless)?;
    let list = |name: &str| json.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let segments: Vec<Segment> = list("segments").iter().map(segment).collect();
    let judged = match segments.is_empty() {
        true => judge_mean(text, mean(list("logprobs"))),
        false => judge(text, &segments),
    };
    Ok(judged.map(|(text, confidence)| {
        let language = json.get("language").and_then(Value::as_str).map(str::to_lowercase);
        let seconds =
            json.get("duration").and_then(number).or_else(|| json.get("usage")?.get("seconds").and_then(number));
        Heard { text, language, seconds, confidence, by: String::new() }
    }))
}

fn segment(json: &Value) -> Segment {
    let figure = |name: &str| json.get(name).and_then(number);
    Segment {
        text: json.get("text").and_then(Value::as_str).unwrap_or_default().to_owned(),
        length: figure("end").unwrap_or_default() - figure("start").unwrap_or_default(),
        no_speech: figure("no_speech_prob"),
        mean_logprob: figure("avg_logprob"),
        compression: figure("compression_ratio"),
    }
}

/// A number, also where a server writes it as text.
fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok()).filter(|number| number.is_finite())
}

fn mean(tokens: &[Value]) -> Option<f64> {
    let told: Vec<f64> = tokens.iter().filter_map(|token| token.get("logprob").and_then(number)).collect();
    (!told.is_empty()).then(|| told.iter().sum::<f64>() / told.len() as f64)
}
