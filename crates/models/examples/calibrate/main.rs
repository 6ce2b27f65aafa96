//! Fits the coefficients of the embedded model on `evals/`, writes them, and prints what they are worth on the
//! questions that had no part in it.
//!
//! `cargo run -p apprentice-models --example calibrate` writes `crates/models/src/embedded/coefficients.json`;
//! with `-- errors [minimum]` it also lists the questions of the fit and validation parts that go wrong (never the held-out
//! ones: the word lists are improved by this list).
#![allow(missing_docs, clippy::print_stdout, clippy::panic, clippy::indexing_slicing, unreachable_pub)]

mod data;
mod fit;
mod measure;

use data::{Data, Part, Right};
use measure::{Asked, Minima, Scorer, Tally, said, tally, truth};
use std::collections::BTreeSet;
use std::path::Path;

fn main() -> std::io::Result<()> {
    let (fit_on, pairs, coefficients) = fit::fitted();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/embedded");
    std::fs::write(folder.join("coefficients.json"), fit::written(&coefficients))?;
    std::fs::write(folder.join("precision.json"), fit::precision(&pairs, &coefficients))?;

    let validation = measure::asked(&Data::read(Part::Validation));
    let minimum = coefficients.minimum;
    let fitted = Scorer::Weights(Box::new(coefficients));
    let held_out = Data::read(Part::HeldOut);
    let asked = measure::asked(&held_out);
    let bm25 = Scorer::bm25(&pairs);
    let by_hand = Scorer::by_hand();
    println!("held out | minimum | right | wrong | left alone | Brier | calibration error");
    line("fitted", &asked, &fitted, minimum);
    line("by hand, 0.5", &asked, &by_hand, [0.5; 3]);
    line("by hand, as strict", &asked, &by_hand, measure::strictest(&[&fit_on, &validation], &by_hand));
    line("BM25, as strict", &asked, &bm25, measure::strictest(&[&fit_on, &validation], &bm25));
    line("fitted, validation", &validation, &fitted, minimum);
    line("fitted, lesson alone", &measure::asked_alone(&held_out), &fitted, minimum);
    breakdown(&asked, &fitted, minimum);
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some("errors") {
        let minimum = arguments.next().and_then(|number| number.parse().ok()).map_or(minimum, |least| [least; 3]);
        errors(&fit_on, &fitted, minimum);
        errors(&validation, &fitted, minimum);
    }
    Ok(())
}

fn line(name: &str, asked: &[Asked], scorer: &Scorer, minima: Minima) {
    let tally = tally(asked.iter(), scorer, minima);
    let (brier, error) = truth(asked, scorer);
    println!(
        "{name} | {minima:.2?} | {:.1} % | {:.1} % | {:.1} % | {brier:.4} | {error:.4}",
        tally.coverage() * 100.0,
        tally.wrong() * 100.0,
        tally.abstention() * 100.0
    );
}

fn breakdown(asked: &[Asked], scorer: &Scorer, minima: Minima) {
    let kinds: BTreeSet<(&str, &str, &str)> = asked.iter().map(|a| (a.case.group, a.case.kind.as_str(), "")).collect();
    let langs: BTreeSet<(&str, &str, &str)> = asked.iter().map(|a| (a.case.group, "", a.case.lang)).collect();
    println!("\nheld out, by group, kind, language | questions | right | wrong | left alone");
    for (group, kind, lang) in langs.into_iter().chain(kinds) {
        let own = asked.iter().filter(|a| {
            a.case.group == group
                && (kind.is_empty() || a.case.kind == kind)
                && (lang.is_empty() || a.case.lang == lang)
        });
        print_tally(&format!("{group} {kind}{lang}"), &tally(own, scorer, minima));
    }
}

fn print_tally(name: &str, tally: &Tally) {
    let percent = |of: usize, share: f64| if of == 0 { "—".to_owned() } else { format!("{:.1} %", share * 100.0) };
    println!(
        "{name} | {} | {} | {} | {}",
        tally.answerable + tally.unanswerable,
        percent(tally.answerable, tally.coverage()),
        percent(tally.answerable, tally.wrong()),
        percent(tally.unanswerable, tally.abstention())
    );
}

fn errors(asked: &[Asked], scorer: &Scorer, minima: Minima) {
    for asked in asked {
        let said = said(asked, scorer, minima);
        let fine = match said {
            Some((compared, _)) => asked.case.right.is(&compared.source),
            None => asked.case.right == Right::Nothing,
        };
        if !fine {
            let case = &asked.case;
            let closest = said.or_else(|| measure::likeliest(asked, scorer));
            let (source, probability) = closest.map_or((String::new(), 0.0), |(c, p)| (format!("{:?}", c.source), p));
            println!("{} {} {}: {} -> {probability:.2} {source}", case.group, case.kind, case.lang, case.question);
        }
    }
}
