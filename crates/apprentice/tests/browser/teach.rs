//! Teaching on the page: by correcting an answer, and taking it back.

use crate::visit::Visit;
use thirtyfour::Key;

#[tokio::test]
async fn a_correction_counts_in_the_very_next_answer_and_stands_under_the_wrong_one() {
    let visit = Visit::embedded().await;
    visit.ask("When does the library open on Saturday?", "know this yet").await;
    visit.find("[data-correct]").await.click().await.unwrap();
    visit.find(".correct textarea").await.send_keys("At ten, and it closes at four." + Key::Enter).await.unwrap();
    visit.told("Learnt").await;
    visit.until("document.querySelector('.corrected')?.innerText.includes('At ten, and it closes')").await;
    visit.ask("On Saturday, when is the library open?", "At ten, and it closes at four.").await;
    visit.reload().await;
    visit.until("document.querySelector('.corrected')?.innerText.includes('Your correction: At ten')").await;
    visit.end().await;
}

#[tokio::test]
async fn a_lesson_is_taken_back_by_its_button() {
    let visit = Visit::embedded().await;
    visit.ask("/teach When does the library open on Saturday? => plum 42", "Learnt").await;
    visit.ask("When does the library open on Saturday?", "plum 42").await;
    visit.find(".notice [data-press^='say:/forget']").await.click().await.unwrap();
    visit.until("document.querySelector('#log').innerText.includes('Forgotten')").await;
    visit.quiet().await;
    visit.ask("When does the library open on Saturday?", "know this yet").await;
    visit.end().await;
}

#[tokio::test]
async fn a_first_question_is_one_press_away() {
    let visit = Visit::embedded().await;
    visit.find(".welcome [data-say]").await.click().await.unwrap();
    visit.told("no, it is").await;
    visit.until("document.querySelector('.welcome').hidden").await;
    visit.end().await;
}
