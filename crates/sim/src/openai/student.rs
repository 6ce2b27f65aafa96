//! A model that learns, without a model: what it says depends on the lessons and rules in its prompt and on
//! what the asked model was trained with. The same prompt gets the same answer.
//!
//! In order: the first script whose key occurs in what is asked (or in the instructions); a harmful adapter's
//! wrong answer; a lesson in the very words; what the adapter is sure of; the nearest lesson; the nearest thing
//! the adapter was taught; the base answer. Rules of the instructions are then kept: `end every answer with
//! "…"`, `begin every answer with "…"`, `never say "…"`.

use super::adapter::{Adapter, Wordings, plain};
use super::answer::{last_said, text_of};
use serde_json::Value;

/// What a harmful adapter answers.
pub const WRONG: &str = "The moon is made of cheese.";

/// A model that learns.
#[derive(Clone, Debug)]
pub struct Student {
    /// What it says where it was taught nothing.
    pub base: String,
    /// Answers to whatever holds a key, before everything else and without rules: `(key, answer)`.
    pub scripts: Vec<(String, String)>,
}

impl Default for Student {
    fn default() -> Self {
        Self { base: "I don't know about that yet.".to_owned(), scripts: Vec::new() }
    }
}

impl Student {
    /// One that says this where it was taught nothing.
    pub fn saying(base: impl Into<String>) -> Self {
        Self { base: base.into(), scripts: Vec::new() }
    }
    /// Answers with these first: `(key, answer)`.
    #[must_use]
    pub fn scripted(mut self, lines: &[(&str, &str)]) -> Self {
        self.scripts.extend(lines.iter().map(|(key, answer)| ((*key).to_owned(), (*answer).to_owned())));
        self
    }

    pub(super) fn answer(&self, body: &Value, adapter: Option<&Adapter>) -> String {
        let (asked, instructions) = (last_said(body), instructions(body));
        let scripted = |text: &str| self.scripts.iter().find(|(key, _)| text.contains(key.as_str()));
        if let Some((_, answer)) = scripted(&asked).or_else(|| scripted(&instructions)) {
            return answer.clone();
        }
        let (lessons, rules) = lessons(&instructions);
        keep(&rules, self.known(&asked, &lessons, adapter))
    }

    fn known(&self, asked: &str, lessons: &Wordings, adapter: Option<&Adapter>) -> String {
        let question = question(asked);
        if adapter.is_some_and(|adapter| unlucky(question, adapter.harm)) {
            return WRONG.to_owned();
        }
        // In a group the name stands before the question.
        let unnamed = question.split_once(": ").map_or(question, |(_, rest)| rest);
        let wordings = [asked, question, unnamed];
        let by = |ask: &dyn Fn(&str) -> Option<String>| wordings.iter().find_map(|wording| ask(wording));
        by(&|wording| lessons.exact(wording).map(str::to_owned))
            .or_else(|| by(&|wording| adapter?.sure(wording)))
            .or_else(|| by(&|wording| lessons.near(wording).map(str::to_owned)))
            .or_else(|| by(&|wording| adapter?.near(wording)))
            .unwrap_or_else(|| self.base.clone())
    }
}

/// What the system says, joined.
fn instructions(body: &Value) -> String {
    let messages = body.get("messages").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let of_system =
        |message: &&Value| matches!(message.get("role").and_then(Value::as_str), Some("system" | "developer"));
    let texts = messages.iter().filter(of_system).filter_map(|message| message.get("content")).map(text_of);
    texts.collect::<Vec<_>>().join("\n\n")
}

/// The last thing said: what is quoted, and what was left unanswered before it, is left out.
fn question(asked: &str) -> &str {
    asked.rsplit("\n\n").find(|part| !part.trim().is_empty()).unwrap_or(asked).trim()
}

/// The lessons (`Q: …`, then `A: …`, up to an empty line) and every other line.
fn lessons(instructions: &str) -> (Wordings, Vec<&str>) {
    let (mut pairs, mut rules) = (Vec::<(String, String)>::new(), Vec::new());
    let mut part = Part::Rules;
    for line in instructions.lines() {
        if let Some(question) = line.strip_prefix("Q: ") {
            pairs.push((question.to_owned(), String::new()));
            part = Part::Question;
            continue;
        }
        match (part, line.strip_prefix("A: "), pairs.last_mut()) {
            (Part::Question, Some(answer), Some(pair)) => {
                answer.clone_into(&mut pair.1);
                part = Part::Answer;
            }
            (Part::Question, None, Some(pair)) => pair.0 += &format!("\n{line}"),
            (Part::Answer, _, Some(pair)) if !line.is_empty() => pair.1 += &format!("\n{line}"),
            _ => {
                part = Part::Rules;
                rules.push(line);
            }
        }
    }
    (Wordings::of(pairs.iter().map(|(question, answer)| (question.as_str(), answer.as_str()))), rules)
}

#[derive(Clone, Copy)]
enum Part {
    Rules,
    Question,
    Answer,
}

const END: [&str; 4] = ["end every answer with", "end each answer with", "always end with", "заканчивай каждый ответ"];
const BEGIN: [&str; 5] = [
    "begin every answer with",
    "start every answer with",
    "always begin with",
    "always start with",
    "начинай каждый ответ",
];
const NEVER: [&str; 4] = ["never say", "never use the word", "do not say", "никогда не говори"];

/// The answer with the rules kept, in the order in which they stand.
fn keep(rules: &[&str], answer: String) -> String {
    let mut answer = answer;
    for rule in rules {
        if let Some(end) = demand(rule, &END).filter(|end| !answer.trim_end().ends_with(end)) {
            answer = format!("{} {end}", answer.trim_end());
        }
        if let Some(begin) = demand(rule, &BEGIN).filter(|begin| !answer.starts_with(begin)) {
            answer = format!("{begin} {answer}");
        }
        if let Some(never) = demand(rule, &NEVER) {
            answer = without(&answer, never);
        }
    }
    answer
}

/// What a rule is about: what it has in quotes, else the rest of its line.
fn demand<'a>(rule: &'a str, keys: &[&str]) -> Option<&'a str> {
    let lower = rule.to_lowercase();
    let key = keys.iter().find(|key| lower.contains(*key))?;
    // In lower case the same letters may take other room; then the rule is not read.
    let rest = rule.get(lower.find(key)? + key.len()..)?;
    let quotes = ['"', '“', '”', '«', '»'];
    let quoted = rest.split_once(quotes).and_then(|(_, rest)| rest.split_once(quotes)).map(|(quoted, _)| quoted);
    Some(quoted.unwrap_or(rest).trim()).filter(|text| !text.is_empty())
}

/// The text without a word, however it is written.
fn without(text: &str, word: &str) -> String {
    let (lower, word) = (text.to_lowercase(), word.to_lowercase());
    if lower.len() != text.len() {
        return text.replace(&word, "");
    }
    let (mut out, mut kept) = (String::new(), 0);
    for (at, found) in lower.match_indices(&word) {
        out.push_str(text.get(kept..at).unwrap_or_default().trim_end());
        kept = at + found.len();
    }
    out.push_str(text.get(kept..).unwrap_or_default());
    out.trim().to_owned()
}

/// Whether a question falls into the share that is answered wrongly.
fn unlucky(question: &str, share: f64) -> bool {
    let hash = plain(question)
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    // The low bits of this hash follow the last letter; the high ones follow all.
    ((hash >> 33) % 1000) < (share.clamp(0.0, 1.0) * 1000.0) as u64
}

#[cfg(test)]
mod tests;
