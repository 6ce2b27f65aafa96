//! What a way of scoring makes of the questions: answered right, answered wrong, left alone, and how true its
//! probabilities are.

use crate::data::{Case, Data, EVERYONE, Right};
use crate::fit::Held;
use apprentice_models::embedded::calibration::{Coefficients, FEATURES, Prior, kind, logistic, rank};
use apprentice_models::embedded::{Compared, Embedded, Reply};
use domain::person::Lang;

/// The least probabilities of lessons, texts and the guide.
pub type Minima = [f32; 3];

/// Share of the questions without an answer that lessons, texts and the guide may answer.
/// Together well below the promised 2 %: other questions will be asked, and the word lists were written with these
/// in sight.
const ANSWERED: [f64; 3] = [0.005, 0.001, 0.001];
/// How strongly the slope of BM25 is held back.
const BM25_PENALTY: f64 = 0.2;
/// Below this an answer is likelier wrong than right.
const LEAST: f32 = 0.5;
/// Entries held against a question, as in the model.
const CANDIDATES: usize = 40;

/// A way of scoring.
pub enum Scorer {
    /// A logistic model over the features.
    Weights(Box<Coefficients>),
    /// BM25 alone, as a probability; a slope and a constant for each kind of source.
    Bm25([[f64; 2]; 3]),
}

impl Scorer {
    /// BM25 alone, fitted on the same pairs.
    pub fn bm25(pairs: &[Vec<Held>; 3]) -> Self {
        let fit = |pairs: &Vec<Held>| {
            let rows: Vec<_> = pairs.iter().map(|(c, right)| (vec![1.0, f64::from(c.bm25)], *right)).collect();
            let fitted = logistic(&rows, &Prior::held_back(vec![0.0; 2], BM25_PENALTY), &mut |_, _| {});
            [fitted[0], fitted[1]]
        };
        Self::Bm25([fit(&pairs[0]), fit(&pairs[1]), fit(&pairs[2])])
    }

    /// The weights that were set by hand before there was a fit.
    pub fn by_hand() -> Self {
        // The constant, covered, back, near, names, numbers, another kind of question, "not".
        const LESSON: [f32; 8] = [-6.6, 5.6, 4.6, 1.2, -3.0, -3.5, -1.9, -0.4];
        const PASSAGE: [f32; 8] = [-5.6, 8.2, 2.0, 1.0, -2.0, -1.5, 0.0, 0.0];
        let mut by_hand = Coefficients { weights: [[0.0; FEATURES]; 3], minimum: [0.5; 3] };
        for (weights, set) in by_hand.weights.iter_mut().zip([LESSON, PASSAGE, PASSAGE]) {
            weights.iter_mut().zip(set).for_each(|(weight, set)| *weight = set);
        }
        Self::Weights(Box::new(by_hand))
    }

    fn probability(&self, compared: &Compared) -> f32 {
        let kind = kind(&compared.source);
        match self {
            Self::Weights(coefficients) => coefficients.probability(kind, &compared.features),
            Self::Bm25(lines) => {
                let sum = lines[kind][0] + lines[kind][1] * f64::from(compared.bm25);
                (1.0 / (1.0 + (-sum).exp())) as f32
            }
        }
    }
}

/// A question with the entries held against it.
pub struct Asked {
    /// The question.
    pub case: Case,
    /// The entries.
    pub compared: Vec<Compared>,
}

/// Holds every question against everything that the part teaches.
pub fn asked(data: &Data) -> Vec<Asked> {
    let model = data.taught();
    data.cases.iter().map(|case| ask(&model, case)).collect()
}

/// Holds every question about a lesson against that lesson alone, beside the guide.
pub fn asked_alone(data: &Data) -> Vec<Asked> {
    let mut model = Embedded::new();
    let mut asked = Vec::new();
    for (at, lesson) in data.lessons.iter().enumerate() {
        model.learn(lesson);
        asked.extend(data.cases.iter().filter(|case| case.lesson == Some(at)).map(|case| ask(&model, case)));
        model.unlearn(lesson.id.as_str());
    }
    asked
}

fn ask(model: &Embedded, case: &Case) -> Asked {
    let smalltalk = matches!(model.answer(&case.question, &[], Lang::En, None), Reply::Smalltalk { .. });
    let compared = if smalltalk { Vec::new() } else { model.compare(&case.question, EVERYONE, CANDIDATES) };
    Asked { case: case.clone(), compared }
}

/// What became of some questions.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Questions that something answers.
    pub answerable: usize,
    /// Of these, answered by what does.
    pub right: usize,
    /// Of these, answered by something else.
    pub wrong: usize,
    /// Questions that nothing answers.
    pub unanswerable: usize,
    /// Of these, left alone.
    pub left_alone: usize,
}

impl Tally {
    /// Share of the answerable questions that were answered right.
    pub fn coverage(&self) -> f64 {
        share(self.right, self.answerable)
    }

    /// Share of the answerable questions that were answered wrong.
    pub fn wrong(&self) -> f64 {
        share(self.wrong, self.answerable)
    }

    /// Share of the others that were left alone.
    pub fn abstention(&self) -> f64 {
        share(self.left_alone, self.unanswerable)
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// What is said with at least this probability; none where nothing is.
pub fn said<'a>(asked: &'a Asked, scorer: &Scorer, minima: Minima) -> Option<(&'a Compared, f32)> {
    let scored = asked.compared.iter().map(|compared| (compared, scorer.probability(compared)));
    let worth = |(compared, probability): &(&Compared, f32)| rank(&compared.source, *probability);
    let sure = |(compared, probability): &(&Compared, f32)| *probability >= minima[kind(&compared.source)];
    scored.filter(sure).reduce(|a, b| if worth(&b) > worth(&a) { b } else { a })
}

/// The likeliest entry, however unlikely.
pub fn likeliest<'a>(asked: &'a Asked, scorer: &Scorer) -> Option<(&'a Compared, f32)> {
    let scored = asked.compared.iter().map(|compared| (compared, scorer.probability(compared)));
    scored.reduce(|a, b| if b.1 > a.1 { b } else { a })
}

/// What becomes of these questions.
pub fn tally<'a>(asked: impl Iterator<Item = &'a Asked>, scorer: &Scorer, minima: Minima) -> Tally {
    let mut tally = Tally::default();
    for asked in asked {
        let said = said(asked, scorer, minima);
        if asked.case.right == Right::Nothing {
            tally.unanswerable += 1;
            tally.left_alone += usize::from(said.is_none());
        } else {
            tally.answerable += 1;
            match said {
                Some((compared, _)) if asked.case.right.is(&compared.source) => tally.right += 1,
                Some(_) => tally.wrong += 1,
                None => {}
            }
        }
    }
    tally
}

/// The least probabilities with which enough is left alone; by hundredths, so that a person can write them down.
pub fn minima(asked: &[Asked], scorer: &Scorer) -> Minima {
    let mut minima = [0.0; 3];
    for (kind, allowed) in ANSWERED.into_iter().enumerate() {
        let only = |minimum: f32| {
            let mut only = [2.0; 3];
            only[kind] = minimum;
            only
        };
        let enough = |minimum: &f32| tally(asked.iter(), scorer, only(*minimum)).abstention() >= 1.0 - allowed;
        minima[kind] = (1..100_u8).map(|at| f32::from(at) / 100.0).find(enough).unwrap_or(0.99).max(LEAST);
    }
    minima
}

/// The stricter of the minima of several parts: one part alone has too few questions to go by.
pub fn strictest(parts: &[&[Asked]], scorer: &Scorer) -> Minima {
    let mut strictest = [0.0_f32; 3];
    for part in parts {
        strictest.iter_mut().zip(minima(part, scorer)).for_each(|(own, other)| *own = own.max(other));
    }
    strictest
}

/// Brier score and expected calibration error over ten bins, of the likeliest entry of each question.
pub fn truth(asked: &[Asked], scorer: &Scorer) -> (f64, f64) {
    let best = asked.iter().filter_map(|asked| {
        let (compared, probability) = likeliest(asked, scorer)?;
        Some((f64::from(probability), f64::from(u8::from(asked.case.right.is(&compared.source)))))
    });
    let best: Vec<(f64, f64)> = best.collect();
    let count = best.len().max(1) as f64;
    let brier = best.iter().map(|(probability, right)| (probability - right).powi(2)).sum::<f64>() / count;
    let mut bins = [(0.0, 0.0); 10];
    for (probability, right) in &best {
        let bin = &mut bins[((probability * 10.0) as usize).min(9)];
        *bin = (bin.0 + probability, bin.1 + right);
    }
    (brier, bins.iter().map(|(said, right)| (said - right).abs()).sum::<f64>() / count)
}
