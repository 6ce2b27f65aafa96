//! A model as judge: whether an answer means what was expected, or which of two is better. It is asked in both orders, and
//! where it says something else the other way round, it has said nothing. How far it agrees with people is measured on
//! the choices that they made themselves; below [`kappa::LEAST`] it decides about no release.

use crate::bot::Bot;
use crate::learn::ask::Sample;
use crate::learn::oracle;
use crate::learn::run::Problem;
use domain::example::{Example, Origin};
use domain::ids::Millis;
use domain::object::Object;
use domain::person::Lang;
use domain::text;
use learning::grade::{Grade, Grader};
use learning::kappa;
use models::ModelName;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

/// Choices of people that a judge is held against.
const CHOICES: u32 = 100;

/// The judge of the settings.
pub struct Judge<'a> {
    bot: &'a Bot,
    model: ModelName,
    stop: &'a CancellationToken,
}

/// How far a judge agrees with people.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    /// Cohen's kappa, -1 to 1.
    pub kappa: f64,
    /// Human verdicts that it was held against.
    pub verdicts: usize,
}

impl Agreement {
    /// Whether the judge may decide about a release.
    pub fn is_enough(self) -> bool {
        self.verdicts >= kappa::FEWEST && self.kappa >= kappa::LEAST
    }
}

/// What the judge said once; asked again, the same.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Verdict {
    id: String,
    first: bool,
    at: Millis,
}

impl Object for Verdict {
    const KIND: &'static str = "verdict";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn state(&self) -> &'static str {
        "said"
    }
    fn person(&self) -> &'static str {
        ""
    }
    fn at(&self) -> Millis {
        self.at
    }
}

#[derive(Deserialize)]
struct Said {
    better: String,
}

impl<'a> Judge<'a> {
    /// The judge, where the settings name one.
    pub fn of(bot: &'a Bot, stop: &'a CancellationToken) -> Option<Self> {
        let model = bot.settings.current().learning.judge.as_ref()?.parse().ok()?;
        Some(Self { bot, model, stop })
    }

    /// The judge's model, `provider/model`.
    pub fn name(&self) -> String {
        self.model.to_string()
    }

    /// Whether an answer means what was expected; none when the judge cannot say.
    pub async fn means(
        &self,
        question: &str,
        expected: &str,
        answer: &str,
    ) -> anyhow::Result<Result<Option<bool>, Problem>> {
        let (one, other) = (
            self.ask("means", question, expected, answer).await?,
            self.ask("means", question, answer, expected).await?,
        );
        Ok(both(one, other).map(|(one, other)| (one == other).then_some(one)))
    }

    /// Whether the first of two answers is better; none when the judge cannot say.
    pub async fn prefers(
        &self,
        question: &str,
        one: &str,
        other: &str,
    ) -> anyhow::Result<Result<Option<bool>, Problem>> {
        let (said, turned) =
            (self.ask("better", question, one, other).await?, self.ask("better", question, other, one).await?);
        Ok(both(said, turned).map(|(said, turned)| (said != turned).then_some(said)))
    }

    /// One question to the judge: of two texts, whether they mean the same, or whether the first is better.
    async fn ask(&self, what: &str, question: &str, one: &str, other: &str) -> anyhow::Result<Result<bool, Problem>> {
        let key = [what, &self.name(), question, one, other].join("\n\u{1}");
        let id = blake3::hash(key.as_bytes()).to_hex().to_string();
        if let Some(kept) = self.bot.store.object::<Verdict>(&id).await? {
            return Ok(Ok(kept.first));
        }
        let instruction =
            text::say(Lang::En, if what == "means" { "prompt-judge-means" } else { "prompt-judge-better" });
        let args = [("question", question.to_owned()), ("one", one.to_owned()), ("other", other.to_owned())];
        let material = text::say_with(Lang::En, "prompt-judge-material", &args);
        let chain = std::slice::from_ref(&self.model);
        let said: Said = match oracle::ask_of(self.bot, chain, &instruction, &material, self.stop).await {
            Ok(said) => said,
            Err(problem) => return Ok(Err(problem)),
        };
        let first = matches!(said.better.to_lowercase().as_str(), "1" | "first" | "yes" | "same");
        self.bot.store.put(&Verdict { id, first, at: crate::bot::now() }).await?;
        Ok(Ok(first))
    }

    /// How far it agrees with the choices that people made between two answers.
    pub async fn agreement(&self) -> anyhow::Result<Result<Agreement, Problem>> {
        let approved: Vec<Example> = self.bot.store.latest("approved", "", 5000).await?;
        let choices = approved.into_iter().filter(|example| example.origin == Origin::Choice).take(CHOICES as usize);
        let mut pairs = Vec::new();
        for (at, choice) in choices.enumerate() {
            let (Some(chosen), Some(rejected)) = (choice.datum.chosen, choice.datum.rejected) else { continue };
            // Every other pair is shown the other way round, so that always saying the same agrees by chance only.
            let turned = at % 2 == 1;
            let (one, other) = if turned { (&rejected, &chosen) } else { (&chosen, &rejected) };
            match self.prefers(&choice.datum.question, one, other).await? {
                Ok(Some(first)) => pairs.push((!turned, first)),
                Ok(None) => {}
                Err(problem) => return Ok(Err(problem)),
            }
        }
        Ok(Ok(Agreement { kappa: kappa::cohen(&pairs), verdicts: pairs.len() }))
    }
}

/// Judges an answer by its grader: by its words, or, where that is asked for, by the judge, which must not be the model
/// that answered.
pub async fn grade(
    bot: &Bot,
    stop: &CancellationToken,
    grader: &Grader,
    question: &str,
    sample: &Sample,
) -> anyhow::Result<Result<Grade, Problem>> {
    if !grader.is_judged() {
        return Ok(Ok(grader.grade(&sample.answer)));
    }
    let Some(judge) = Judge::of(bot, stop) else { return Ok(Err(Problem::new("judge-none"))) };
    if judge.name() == sample.model {
        return Ok(Err(Problem::new("judge-same")));
    }
    let means = judge.means(question, &grader.expected(), &sample.answer).await?;
    // Where it says something else the other way round, that is half an answer and not enough.
    Ok(means.map(|means| match means {
        Some(right) => Grade { score: f64::from(u8::from(right)), right },
        None => Grade { score: 0.5, right: false },
    }))
}

/// What is said of the judge where one had a part in a test: how far it agrees with people, and whether that is enough.
pub async fn told(bot: &Bot, stop: &CancellationToken, lang: Lang) -> anyhow::Result<Option<(String, bool)>> {
    let Some(judge) = Judge::of(bot, stop) else { return Ok(None) };
    let Ok(agreement) = judge.agreement().await? else { return Ok(None) };
    let args = [
        ("model", domain::markdown::escape(&judge.name())),
        ("verdicts", agreement.verdicts.to_string()),
        ("kappa", format!("{:.2}", agreement.kappa)),
    ];
    let mut lines = vec![text::say_with(lang, "judge-told", &args)];
    if !agreement.is_enough() {
        lines.push(text::say(lang, "judge-weak"));
    }
    Ok(Some((lines.join(" "), agreement.is_enough())))
}

fn both(one: Result<bool, Problem>, other: Result<bool, Problem>) -> Result<(bool, bool), Problem> {
    Ok((one?, other?))
}
