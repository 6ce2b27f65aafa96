//! From a question to words: which models are asked, with what before them, and what becomes of
//! their failures.
//!
//! The chain is tried in order; `embedded` stands for the model that is always there. A language
//! model gets the lessons and passages that surely fit; the embedded model answers from them alone.

use crate::answer::Question;
use crate::bot::{Bot, now};
use crate::knowledge::Mind;
use crate::learn::lessons::one_line;
use crate::media::see::Shown;
use crate::settings::Loaded;
use domain::chat::{ChatRequest, Finish, Tokens};
use domain::context::{self, Budget, Built, Material};
use domain::exchange::{Document, LogEntry, RequestRef, Scope};
use domain::ids::{DocumentId, Millis};
use domain::person::{ChatPrefs, Lang};
use domain::text;
use models::embedded::{Recalled, Reply, Source};
use models::{Answer, Failure, ModelName, tokens};
use std::borrow::Cow;
use tokio_util::sync::CancellationToken;

/// The chain's name for the embedded model.
pub const EMBEDDED: &str = "embedded";
/// Entries counted as about to fall out of sight when the look-back is full.
const ABOUT_TO_FALL: usize = 20;

/// Who is asked, for whom, and after what: everything that thinking needs to know beside the question.
#[derive(Clone)]
pub struct Asking<'a> {
    /// The bot.
    pub bot: &'a Bot,
    /// The release that answers, and what it knows.
    pub mind: Mind,
    /// Whose lessons, documents and rules count.
    pub scopes: Vec<Scope>,
    /// What is set for the conversation.
    pub prefs: &'a ChatPrefs,
    /// The conversation so far, oldest first.
    pub log: &'a [LogEntry],
    /// What is older, in short; empty for nothing.
    pub summary: &'a str,
    /// Whether there may be more log than is looked at.
    pub looked_back_fully: bool,
    /// Whether several people talk.
    pub group: bool,
    /// The language of the bot's own words.
    pub lang: Lang,
    /// Whether only the release itself may answer, and no other model in its place.
    pub alone: bool,
    /// Pictures that were shown here.
    pub shown: Shown,
    /// Documents that are talked about here, newest last.
    pub read: &'a [DocumentId],
    /// Ends the answer when cancelled.
    pub stop: &'a CancellationToken,
}

/// An answer and how it came about.
#[derive(Clone, Debug)]
pub struct Thought {
    /// The answer in Markdown, with its citations.
    pub markdown: String,
    /// Why it ended.
    pub finish: Finish,
    /// Tokens used.
    pub tokens: Tokens,
    /// Which model, `embedded` for the embedded one.
    pub model: String,
    /// The exact request, by reference.
    pub request: RequestRef,
    /// When the first word came.
    pub first: Option<Millis>,
    /// How many of the oldest entries of the turn's log were left out, or soon will be.
    pub out_of_sight: usize,
}

/// No answer, and what to say about it.
#[derive(Clone, Debug)]
pub struct Sorry {
    /// Fluent key of the sentence for the person.
    pub key: &'static str,
    /// Its arguments.
    pub args: Vec<(&'static str, String)>,
    /// The last model that was asked.
    pub model: String,
    /// What happened, for the log; no words of people.
    pub reason: String,
}

/// Asks the conversation's chain of models.
pub async fn think(
    asking: &Asking<'_>,
    question: &Question,
    on_text: &mut (dyn FnMut(&str) + Send),
) -> anyhow::Result<Result<Thought, Sorry>> {
    let chain = chain(asking);
    let (named, embedded) = split(&chain);
    if named.is_empty() {
        return Ok(match asking.shown.now.is_empty() {
            true => Ok(ask_embedded(asking, question)),
            false => Err(sees_nothing()),
        });
    }
    let settings = asking.bot.settings.current();
    let recalled = asking.mind.recall(&question.text, &asking.scopes, &settings.retrieval);
    let recalled = with_what_is_read(asking, question, recalled).await?;
    let failed = match ask_language_model(asking, question, &named, &recalled, on_text).await {
        Ok(thought) => return Ok(Ok(thought)),
        Err(sorry) => sorry,
    };
    let shows = !asking.shown.now.is_empty();
    // A server that is only looked for and is not there is no language model that failed.
    if embedded && only_looked_for(asking, &named) && failed.key != "sorry-cannot-see" {
        return Ok(if shows { Err(sees_nothing()) } else { Ok(ask_embedded(asking, question)) });
    }
    // What was taught still answers when no language model does, but not what is asked about a picture.
    if embedded
        && !shows
        && let Some(thought) = embedded_if_sure(asking, question)
    {
        tracing::warn!(reason = failed.reason, "the embedded model answers instead");
        return Ok(Ok(thought));
    }
    Ok(Err(failed))
}

/// Somebody shows a picture, and only the embedded model is there.
fn sees_nothing() -> Sorry {
    let reason = "a picture was shown to the embedded model".to_owned();
    Sorry { key: "sorry-sees-nothing", args: Vec::new(), model: EMBEDDED.to_owned(), reason }
}

/// Puts the documents that are talked about before what was recalled: short ones whole, of long ones the passages that
/// fit the question best.
async fn with_what_is_read(
    asking: &Asking<'_>,
    question: &Question,
    recalled: Vec<Recalled>,
) -> anyhow::Result<Vec<Recalled>> {
    if asking.read.is_empty() {
        return Ok(recalled);
    }
    let settings = asking.bot.settings.current();
    let (lessons, rest): (Vec<_>, Vec<_>) =
        recalled.into_iter().partition(|piece| matches!(piece.source, Source::Lesson(_)));
    let (mut whole, mut long) = (Vec::new(), Vec::new());
    let mut room = room_for_documents(&settings);
    for id in asking.read.iter().rev() {
        let document = asking.bot.store.document(id).await?;
        let Some(document) = document.filter(|document| asking.scopes.contains(&document.scope)) else { continue };
        match room.checked_sub(tokens::count(&document.whole())) {
            Some(left) => {
                room = left;
                whole.push(all_of(&document));
            }
            None => long.push(document),
        }
    }
    let ids: Vec<DocumentId> = long.iter().map(|document| document.id.clone()).collect();
    let mut found = asking.mind.known().look_in(&question.text, &asking.scopes, &ids, settings.retrieval.passages);
    if let Some(newest) = long.first().filter(|_| found.is_empty()) {
        found = beginning_of(newest);
    }
    let mut pieces = lessons;
    for piece in whole.into_iter().chain(found).chain(rest) {
        if !pieces.iter().any(|kept: &Recalled| covers(kept, &piece)) {
            pieces.push(piece);
        }
    }
    Ok(pieces)
}

/// Tokens of the documents that are put whole before a model: what the settings say, and never so much that there is no
/// room for the conversation.
fn room_for_documents(settings: &Loaded) -> usize {
    let prompt = settings.model.context_tokens.saturating_sub(settings.model.answer_tokens);
    (settings.reading.whole_tokens as usize).min(prompt as usize / 3)
}

/// A document as a piece that stands nowhere, because it is all of it.
fn all_of(document: &Document) -> Recalled {
    piece_of(document, "", document.whole().into_owned())
}

/// What a long document begins with: what is asked about it as a whole is found nowhere in it.
fn beginning_of(document: &Document) -> Vec<Recalled> {
    const PASSAGES: usize = 3;
    let first = document.passages.iter().take(PASSAGES);
    first.map(|passage| piece_of(document, &passage.place, passage.text.clone())).collect()
}

fn piece_of(document: &Document, place: &str, text: String) -> Recalled {
    let (id, title) = (document.id.clone(), document.title.clone());
    let source = Source::Document { id, title, place: place.to_owned() };
    Recalled { source, question: String::new(), text, score: 1.0 }
}

/// Whether a piece says what another says.
fn covers(kept: &Recalled, piece: &Recalled) -> bool {
    match (&kept.source, &piece.source) {
        (Source::Document { id, place, .. }, Source::Document { id: other, .. }) => {
            id == other && (place.is_empty() || kept.text == piece.text)
        }
        _ => false,
    }
}

/// Whether all of these are servers that are used only when they are found running.
fn only_looked_for(asking: &Asking<'_>, named: &[ModelName]) -> bool {
    let providers = &asking.bot.settings.current().settings.providers;
    named.iter().all(|name| providers.get(&name.provider).is_none_or(|provider| provider.detect))
}

/// The model names to try, in order: the conversation's choice first.
pub fn chain(asking: &Asking<'_>) -> Vec<String> {
    let settings = asking.bot.settings.current();
    // What somebody chose for this conversation counts before what was promoted for everybody.
    let first = asking.prefs.model.as_ref().or(asking.mind.model());
    let own = asking.mind.model().is_some() && asking.alone;
    let rest = settings.model.chain.iter().filter(|name| first != Some(*name) && !own);
    first.into_iter().chain(rest).cloned().collect()
}

/// The language models before the embedded one, and whether the embedded one follows.
fn split(chain: &[String]) -> (Vec<ModelName>, bool) {
    let named = chain.iter().take_while(|name| *name != EMBEDDED).filter_map(|name| name.parse().ok()).collect();
    (named, chain.iter().any(|name| name == EMBEDDED))
}

fn embedded_reply(asking: &Asking<'_>, question: &Question) -> Reply {
    let settings = asking.bot.settings.current();
    asking.mind.answer(&question.text, &asking.scopes, asking.lang, &settings.retrieval)
}

fn ask_embedded(asking: &Asking<'_>, question: &Question) -> Thought {
    let (markdown, sources) = match embedded_reply(asking, question) {
        Reply::Answer { markdown, sources, score } => (markdown, sources.into_iter().map(|s| (s, score)).collect()),
        Reply::Unknown { markdown } | Reply::Smalltalk { markdown } => (markdown, Vec::new()),
    };
    embedded_thought(question, markdown, sources)
}

fn embedded_if_sure(asking: &Asking<'_>, question: &Question) -> Option<Thought> {
    match embedded_reply(asking, question) {
        Reply::Answer { markdown, sources, score } => {
            Some(embedded_thought(question, markdown, sources.into_iter().map(|s| (s, score)).collect()))
        }
        Reply::Unknown { .. } | Reply::Smalltalk { .. } => None,
    }
}

fn embedded_thought(question: &Question, markdown: String, sources: Vec<(Source, f32)>) -> Thought {
    let mut request =
        RequestRef { hash: blake3::hash(question.text.as_bytes()).to_hex().to_string(), ..RequestRef::default() };
    for (source, score) in sources {
        note_source(&mut request, source, score);
    }
    Thought {
        markdown,
        finish: Finish::Complete,
        tokens: Tokens { estimated: true, ..Tokens::default() },
        model: EMBEDDED.to_owned(),
        request,
        first: Some(now()),
        out_of_sight: 0,
    }
}

fn note_source(request: &mut RequestRef, source: Source, score: f32) {
    let thousandths = (score.clamp(0.0, 1.0) * 1000.0) as u32;
    match source {
        Source::Lesson(id) => request.lessons.push((id, thousandths)),
        Source::Document { id, place, .. } => request.passages.push((id, place, thousandths)),
        Source::Guide { place, .. } => request.passages.push(("guide".into(), place, thousandths)),
    }
}

async fn ask_language_model(
    asking: &Asking<'_>,
    question: &Question,
    chain: &[ModelName],
    recalled: &[Recalled],
    on_text: &mut (dyn FnMut(&str) + Send),
) -> Result<Thought, Sorry> {
    let model = &asking.bot.settings.current().model;
    let full = Budget { context: model.context_tokens as usize, answer: model.answer_tokens as usize };
    let mut first = None;
    let mut heard = |piece: &str| {
        first.get_or_insert_with(now);
        on_text(piece);
    };
    let mut built = build(asking, question, recalled, full)?;
    let mut asked = asking.bot.models.ask(chain, &built.request, asking.stop, &mut heard).await;
    // What was shown earlier is not what is asked about now: whoever cannot see answers without it.
    if matches!(asked, Err(Failure::CannotSee { .. })) && asking.shown.now.is_empty() {
        let unseeing = Asking { shown: Shown::default(), ..asking.clone() };
        built = build(&unseeing, question, recalled, full)?;
        asked = asking.bot.models.ask(chain, &built.request, asking.stop, &mut heard).await;
    }
    if matches!(asked, Err(Failure::TooLong { .. })) {
        built = build(asking, question, recalled, full.smaller())?;
        asked = asking.bot.models.ask(chain, &built.request, asking.stop, &mut heard).await;
    }
    match asked {
        Ok(answer) => Ok(thought(asking, question, recalled, &built, answer, first)),
        Err(failure) => rescue(asking, question, recalled, &built, failure, chain, first),
    }
}

fn build(asking: &Asking<'_>, question: &Question, recalled: &[Recalled], budget: Budget) -> Result<Built, Sorry> {
    let settings = asking.bot.settings.current();
    let temperature = settings.model.temperature;
    let persona = settings.persona(asking.prefs.persona.as_deref());
    let (lessons, passages) = pieces(recalled);
    let rules: Vec<String> = asking.mind.rules(&asking.scopes).into_iter().map(|rule| rule.text).collect();
    let asked = match &question.forwarded {
        None => Cow::Borrowed(question.text.as_str()),
        Some(from) => {
            let mark = text::say_with(asking.lang, "prompt-forwarded", &[("from", whose(asking.lang, from))]);
            Cow::Owned(format!("{mark}\n{}", question.text))
        }
    };
    let material = Material {
        persona: &persona,
        system: asking.prefs.system.as_deref().unwrap_or(""),
        rules: &rules,
        lessons: &lessons,
        passages: &passages,
        summary: asking.summary,
        log: asking.log,
        question: &asked,
        quoted: &question.quoted,
        shown: &asking.shown.now,
        seen: &asking.shown.before,
        group: asking.group,
        lang: asking.lang,
    };
    let mut built = context::build(&material, budget, &tokens::count).map_err(|too_long| Sorry {
        key: "sorry-question-too-long",
        args: vec![("tokens", too_long.tokens.to_string()), ("limit", too_long.limit.to_string())],
        model: String::new(),
        reason: format!("question of {} tokens, room for {}", too_long.tokens, too_long.limit),
    })?;
    built.request.temperature = temperature;
    Ok(built)
}

/// Whose words they are that somebody passes on. A name is what its owner likes, and is kept to one short line.
fn whose(lang: Lang, from: &str) -> String {
    let name: String = one_line(from).chars().take(64).collect();
    if name.trim().is_empty() { text::say(lang, "forwarded-nobody") } else { format!("«{name}»") }
}

/// Two texts that belong together: question and answer, place and passage.
type Pair = (String, String);

fn pieces(recalled: &[Recalled]) -> (Vec<Pair>, Vec<Pair>) {
    let mut lessons = Vec::new();
    let mut passages = Vec::new();
    for piece in recalled {
        match &piece.source {
            Source::Lesson(_) => lessons.push((piece.question.clone(), piece.text.clone())),
            Source::Document { title, place, .. } if place.is_empty() => {
                passages.push((title.clone(), piece.text.clone()));
            }
            Source::Document { title, place, .. } => passages.push((format!("{title}, {place}"), piece.text.clone())),
            Source::Guide { place, .. } => passages.push((place.clone(), piece.text.clone())),
        }
    }
    (lessons, passages)
}

fn thought(
    asking: &Asking<'_>,
    question: &Question,
    recalled: &[Recalled],
    built: &Built,
    answer: Answer,
    first: Option<Millis>,
) -> Thought {
    Thought {
        markdown: answer.text,
        finish: answer.finish,
        tokens: answer.tokens,
        model: answer.model,
        request: reference(asking, question, recalled, built),
        first,
        out_of_sight: built.dropped.max(if asking.looked_back_fully { ABOUT_TO_FALL } else { 0 }),
    }
}

fn reference(asking: &Asking<'_>, question: &Question, recalled: &[Recalled], built: &Built) -> RequestRef {
    let mut request = RequestRef {
        log: built.log,
        rules: asking.mind.rules(&asking.scopes).into_iter().map(|rule| rule.id).collect(),
        hash: hash(&built.request, question),
        tokens: built.tokens as u64,
        ..RequestRef::default()
    };
    let (lessons, passages) = built.kept;
    let is_lesson = |piece: &&Recalled| matches!(piece.source, Source::Lesson(_));
    let kept = recalled.iter().filter(is_lesson).take(lessons);
    for piece in kept.chain(recalled.iter().filter(|piece| !is_lesson(piece)).take(passages)) {
        note_source(&mut request, piece.source.clone(), piece.score);
    }
    request
}

fn hash(request: &ChatRequest, question: &Question) -> String {
    let mut hasher = blake3::Hasher::new();
    if serde_json::to_writer(&mut hasher, request).is_err() {
        hasher.update(question.text.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

/// What was said before a failure is kept as an answer that was cut off; else the failure is put
/// into words.
fn rescue(
    asking: &Asking<'_>,
    question: &Question,
    recalled: &[Recalled],
    built: &Built,
    failure: Failure,
    chain: &[ModelName],
    first: Option<Millis>,
) -> Result<Thought, Sorry> {
    let model = chain.first().map(ToString::to_string).unwrap_or_default();
    let (finish, partial) = match &failure {
        Failure::Stopped { partial } => (Finish::Stopped, partial.clone()),
        other if !other.partial().is_empty() => (Finish::CutOff, other.partial().to_owned()),
        _ => return Err(sorry(&failure, model)),
    };
    let used = Tokens { prompt: built.tokens as u64, completion: tokens::count(&partial) as u64, estimated: true };
    let answer = Answer { text: partial, finish, tokens: used, model, ..Answer::default() };
    Ok(thought(asking, question, recalled, built, answer, first))
}

fn sorry(failure: &Failure, model: String) -> Sorry {
    let key = match failure {
        Failure::TooLong { .. } => "sorry-too-long",
        Failure::Refused { .. } => "sorry-refused",
        Failure::Busy { .. } => "sorry-busy",
        Failure::TimedOut { .. } => "sorry-timed-out",
        Failure::Unreachable { .. } => "sorry-unreachable",
        Failure::Filtered => "sorry-filtered",
        Failure::CannotSee { .. } => "sorry-cannot-see",
        Failure::Stopped { .. } => "ended-stopped",
    };
    Sorry { key, args: Vec::new(), model, reason: failure.to_string() }
}
