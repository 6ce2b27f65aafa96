//! Who comes in, and in which language.

use crate::visit::Visit;

#[tokio::test]
async fn the_link_lets_in_once_and_is_refused_politely_after_that() {
    let mut visit = Visit::embedded().await;
    assert_eq!(visit.see::<String>("location.pathname").await, "/");
    visit.until("document.querySelector('.welcome').checkVisibility()").await;
    assert_eq!(visit.see::<u32>("document.querySelectorAll('.welcome [data-say]').length").await, 3);
    // Whoever is in comes in again by the same link, as by a bookmark.
    visit.open(&visit.bot.login.clone()).await;
    visit.until("document.querySelector('#words') !== null").await;
    visit.browser.driver.delete_all_cookies().await.unwrap();
    visit.open(&visit.bot.login.clone()).await;
    let said: String = visit.see("document.body.innerText").await;
    assert!(said.contains("used already") && said.contains("Start Apprentice again"), "{said}");
    visit.open(&visit.base.clone()).await;
    let said: String = visit.see("document.body.innerText").await;
    assert!(said.contains("belongs to somebody") && said.contains("open the link"), "{said}");
    visit.expected = vec!["403 (Forbidden)"];
    visit.end().await;
}

#[tokio::test]
async fn a_russian_browser_is_spoken_to_in_russian_from_the_first_visit_on() {
    let visit = Visit::speaking("ru-RU,ru", None).await;
    assert_eq!(visit.see::<String>("document.documentElement.lang").await, "ru");
    let said: String = visit.see("document.body.innerText").await;
    assert!(said.contains("О чём поговорим?") && !said.contains("Enter sends"), "{said}");
    visit.ask("/help", "Что я могу").await;
    // A choice weighs more than the browser.
    visit.say("/lang en").await;
    visit.until("document.documentElement.lang === 'en'").await;
    visit.told("English").await;
    visit.reload().await;
    assert_eq!(visit.see::<String>("document.documentElement.lang").await, "en");
    visit.end().await;
}

#[tokio::test]
async fn the_language_changes_on_the_whole_page_at_once() {
    let visit = Visit::embedded().await;
    visit.ask("How do I teach you?", "no, it is").await;
    visit.say("/lang ru").await;
    visit.until("document.documentElement.lang === 'ru'").await;
    visit.told("по-русски").await;
    let placeholder: String = visit.see("document.querySelector('#words').placeholder").await;
    assert!(placeholder.contains("Спросите"), "{placeholder}");
    assert!(visit.transcript().await.iter().any(|line| line.contains("no, it is")), "the conversation is gone");
    visit.find("nav [data-say]:not([data-say='/new'])").await.click().await.unwrap();
    visit.until("document.documentElement.lang === 'en'").await;
    visit.end().await;
}
