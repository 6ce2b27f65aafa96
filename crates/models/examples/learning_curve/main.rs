//! Measures learning itself: what the embedded model answers after so many corrections.
//!
//! `make eval`, or `cargo run --release -p apprentice-models --example learning_curve`.
#![allow(missing_docs, clippy::print_stdout, clippy::panic, clippy::indexing_slicing, unreachable_pub)]

mod curve;
mod data;

fn main() {
    let (items, nothing) = (data::items(), data::nothing());
    let wordings: usize = items.iter().map(|item| item.asked.len()).sum();
    println!(
        "{} questions, {wordings} other wordings, {} questions that nothing answers\n",
        items.len(),
        nothing.len()
    );
    println!(
        "| corrections | same wording | other words | answered by something else | near questions changed | left alone |"
    );
    println!("|---|---|---|---|---|---|");
    let points = curve::curve(&items, &nothing, &[0, 10, 30, 100, 300, 1000]);
    points.into_iter().for_each(|point| row(&point.corrections.to_string(), &point));
    let [without, with] = curve::around_a_fit(&items[..1000], &nothing);
    row("1000, templates that no fit has seen", &without);
    row("the same after a fit on the other templates", &with);
}

fn row(name: &str, point: &curve::Point) {
    let shares = [point.same, point.other_words, point.wrong, point.spilled, point.left_alone];
    let shares = shares.map(|share| format!("{:.1} %", share * 100.0));
    println!("| {name} | {} |", shares.join(" | "));
}
