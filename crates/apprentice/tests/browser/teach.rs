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

#[tokio::test]
async fn a_correction_begins_with_the_old_answer_and_shows_what_it_changed() {
    let visit = Visit::embedded().await;
    let asked = "When does the library open on Saturday?";
    visit.ask(&format!("/teach {asked} => On Saturday the library opens at nine, and it has a café."), "Learnt").await;
    visit.ask(asked, "opens at nine").await;
    visit.last("[data-correct]").await.click().await.unwrap();
    let (begun, chosen): (String, String) = visit
        .see("((box) => [box.value, box.value.slice(box.selectionStart, box.selectionEnd)])(document.activeElement)")
        .await;
    assert_eq!(begun, "On Saturday the library opens at nine, and it has a café.", "without where it is from");
    assert_eq!(chosen, begun, "typing replaces it");
    // As it is, there is nothing to teach.
    visit.keys(Key::Enter + "").await;
    assert!(visit.see::<bool>("document.activeElement.closest('.correct') !== null").await);
    visit
        .see::<serde_json::Value>(
            "void ((box) => { box.value = box.value.replace('nine', 'ten'); })(document.activeElement)",
        )
        .await;
    visit.keys(Key::Enter + "").await;
    let changed = "[...document.querySelectorAll('.corrected .diff :is(del, ins)')].map((one) => one.tagName + one.textContent).join()";
    visit.until(&format!("{changed} === 'DELnine,INSten'")).await;
    visit.reload().await;
    visit.until(&format!("{changed} === 'DELnine,INSten'")).await;
    let whole: String = visit.see("document.querySelector('.corrected').innerText").await;
    assert_eq!(whole.trim(), "Your correction: On Saturday the library opens at nine ten, and it has a café.");
    visit.end().await;
}
