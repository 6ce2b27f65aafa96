//! The page by keyboard alone.

use crate::visit::Visit;
use thirtyfour::Key;

#[tokio::test]
async fn enter_sends_shift_enter_breaks_the_line_and_escape_closes() {
    let visit = Visit::embedded().await;
    visit.until("document.activeElement.id === 'words'").await;
    visit.keys("one").await;
    visit
        .browser
        .driver
        .action_chain()
        .key_down(Key::Shift)
        .send_keys(Key::Enter)
        .key_up(Key::Shift)
        .perform()
        .await
        .unwrap();
    visit.keys("two").await;
    assert_eq!(visit.see::<String>("document.querySelector('#words').value").await, "one\ntwo");
    visit.keys(Key::Enter + "").await;
    visit.until("document.querySelector('.theirs[data-exchange]') !== null").await;
    assert_eq!(visit.transcript().await[0], "me: one\ntwo");
    visit.quiet().await;
    visit.find("[data-correct]").await.focus().await.unwrap();
    visit.keys(Key::Enter + "").await;
    visit.until("document.activeElement.closest('.correct') !== null").await;
    visit.keys(Key::Escape + "").await;
    visit.until("!document.querySelector('.correct') && document.activeElement.dataset.correct !== undefined").await;
    visit.end().await;
}

#[tokio::test]
async fn the_palette_opens_on_a_slash_filters_and_is_chosen_from() {
    let visit = Visit::embedded().await;
    let shown = "[...document.querySelectorAll('#palette [role=option]')].map((item) => item.dataset.pick)";
    visit.until("document.activeElement.id === 'words'").await;
    visit.keys("/").await;
    visit.until("!document.querySelector('#palette').hidden").await;
    let all: Vec<String> = visit.see(shown).await;
    assert!(all.len() > 10 && all.contains(&"/help".to_owned()), "{all:?}");
    visit.keys("he").await;
    visit.until(&format!("JSON.stringify({shown}) === '[\"/help\"]'")).await;
    visit.keys(Key::Escape + "").await;
    visit.until("document.querySelector('#palette').hidden").await;
    visit.keys(Key::Backspace + "").await;
    visit.until("!document.querySelector('#palette').hidden").await;
    visit.keys(Key::Down + "").await;
    let marked: Vec<String> =
        visit.see("[...document.querySelectorAll('#palette [aria-selected=true]')].map((item) => item.id)").await;
    let active: String = visit.see("document.querySelector('#words').getAttribute('aria-activedescendant')").await;
    assert_eq!(marked, [active]);
    visit.keys(Key::Backspace + "help" + Key::Enter).await;
    visit.told("What I can do for you").await;
    visit.until("document.querySelector('#palette').hidden && document.querySelector('#words').value === ''").await;
    visit.end().await;
}

#[tokio::test]
async fn tab_reaches_everything_that_can_be_pressed_and_each_has_a_name() {
    let visit = Visit::embedded().await;
    visit.ask("How do I teach you?", "no, it is").await;
    let wanted: u32 = visit
        .see(
            "[...document.querySelectorAll('button, a[href], textarea')].filter((one) => \
             one.checkVisibility() && one.tabIndex >= 0).map((one, at) => { one.dataset.stop = at; return one; }).length",
        )
        .await;
    assert!(wanted > 9, "only {wanted} can be reached");
    let mut reached = std::collections::BTreeSet::new();
    for _ in 0..wanted * 2 {
        visit.keys(Key::Tab + "").await;
        let (stop, ring): (Option<String>, bool) = visit
            .see(
                "((one) => [one.dataset.stop ?? null, one === document.body || one.id === 'words' || \
                 parseFloat(getComputedStyle(one).outlineWidth) >= 2])(document.activeElement)",
            )
            .await;
        assert!(ring, "no focus ring on {stop:?}");
        reached.extend(stop);
    }
    assert_eq!(reached.len(), wanted as usize, "{reached:?}");
    let nameless: Vec<String> = visit
        .see(
            "[...document.querySelectorAll('button, a[href], textarea')].filter((one) => \
             !(one.ariaLabel || one.innerText.trim())).map((one) => one.outerHTML)",
        )
        .await;
    assert_eq!(nameless, [""; 0]);
    visit.end().await;
}
