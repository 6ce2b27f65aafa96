//! Pictures: pasted, dropped, looked at, drawn.

use crate::look::WORST;
use crate::visit::Visit;
use serde_json::json;
use sim::openai::{self, Answer, Brush};
use std::time::Duration;

/// A script's expression for a picture: a sunset over the sea, or all of one colour.
fn picture(colour: &str, width: u32, height: u32) -> String {
    format!(
        "(() => {{ const canvas = document.createElement('canvas'); canvas.width = {width}; canvas.height = {height}; \
         const context = canvas.getContext('2d'); context.fillStyle = '{colour}'; context.fillRect(0, 0, {width}, {height}); \
         return new Promise((done) => canvas.toBlob(done, 'image/png')); }})()"
    )
}

const FITS: &str = "document.documentElement.scrollWidth <= innerWidth && \
                    document.querySelector('#scroll').scrollWidth <= document.querySelector('#scroll').clientWidth";

#[tokio::test]
async fn a_pasted_picture_is_seen_before_it_is_sent_and_by_the_model_and_after_a_reload() {
    let visit = Visit::with(openai::Config::answering(Answer::Text("I see it.".to_owned()))).await;
    visit.give("paste", &[("image.png", "image/png", picture("#e8491d", 320, 200))]).await;
    visit.until("document.querySelector('#files li img')?.naturalWidth === 320").await;
    let named: String = visit.see("document.querySelector('#files li').innerText").await;
    assert!(named.contains("pasted picture.png") && named.contains("kB"), "{named}");
    visit.keep("preview").await;
    visit.ask("What colour is this?", "I see it.").await;
    assert!(visit.see::<bool>("document.querySelector('#files').hidden").await);
    let seen = visit.world.openai.requests().into_iter().rev().find(|one| one.path.ends_with("/completions")).unwrap();
    let shown = openai::shown(&seen.body).unwrap();
    assert_eq!(shown.len(), 1);
    assert_eq!((shown[0].width, shown[0].height, shown[0].colour), (320, 200, "red"));
    visit.until("document.querySelector('.mine .thumb img').naturalWidth === 320").await;
    visit.keep("picture").await;
    visit.reload().await;
    visit.until("document.querySelector('.mine .thumb img').naturalWidth === 320").await;
    let address: String = visit.see("document.querySelector('.mine .thumb img').getAttribute('src')").await;
    assert!(address.starts_with("/upload?id="), "{address}");
    assert!(visit.transcript().await[0].contains("What colour is this?"));
    visit.end().await;
}

#[tokio::test]
async fn what_was_chosen_may_be_taken_back_and_names_do_no_harm() {
    let visit = Visit::with(openai::Config::answering(Answer::Text("Fine.".to_owned()))).await;
    let evil = "<img src=x onerror=\"window.harmed=1\">\u{202e}gnp.svg";
    let svg = "Promise.resolve('<svg xmlns=\"http://www.w3.org/2000/svg\"><script>top.harmed=1</script><text>drawn words</text></svg>')";
    let files = [
        (evil, "image/svg+xml", svg.to_owned()),
        ("a.png", "image/png", picture("#1d49e8", 40, 40)),
        ("b.png", "image/png", picture("#1d49e8", 40, 40)),
    ];
    visit.give("drop", &files).await;
    visit.until("document.querySelectorAll('#files li').length === 3").await;
    assert!(!visit.see::<bool>("document.body.classList.contains('drop')").await, "the drop zone stays");
    visit.find("#files li:last-child button").await.click().await.unwrap();
    visit.until("document.querySelectorAll('#files li').length === 2").await;
    assert_eq!(
        visit.see::<u32>("document.querySelectorAll('#files img').length").await,
        1,
        "a drawing is shown inline"
    );
    visit.find("#send").await.click().await.unwrap();
    visit
        .until("document.querySelectorAll('.mine .brought > *').length === 2 && !document.querySelector('.waiting')")
        .await;
    visit.quiet().await;
    visit.until_nothing_is_open().await;
    for _ in 0..2 {
        let inline: u32 = visit
            .see("document.querySelectorAll('#log :is([onerror], script, img[src*=svg], object, embed)').length")
            .await;
        assert_eq!(inline, 0, "{}", visit.see::<String>("document.querySelector('#log').innerHTML").await);
        assert!(visit.see::<bool>("window.harmed === undefined").await, "something ran");
        visit.reload().await;
    }
    let file = "fetch(document.querySelector('.mine a.file').href).then((answer) => [answer.headers.get('content-type'), answer.headers.get('content-disposition').slice(0, 10), answer.headers.get('x-content-type-options')].join(' '))";
    assert_eq!(visit.see_later(file).await, "application/octet-stream attachment nosniff");
    visit.end().await;
}

#[tokio::test]
async fn a_picture_is_drawn_before_ones_eyes_in_one_place_and_can_be_taken_along() {
    let brush = Brush { delay: Duration::from_millis(400), ..Brush::default() };
    let visit = Visit::with(openai::Config { brush, ..openai::Config::default() }).await;
    visit.say("/image a red fox in the snow").await;
    visit.until("document.querySelector('#state').innerText.includes('drawing')").await;
    visit.until("document.querySelectorAll('.drawn a.take').length === 1").await;
    visit.quiet().await;
    assert_eq!(visit.see::<u32>("document.querySelectorAll('#log .notice').length").await, 1, "not in one place");
    visit.until("[...document.querySelectorAll('.drawn img')].every((one) => one.naturalWidth > 0)").await;
    visit.keep("drawn").await;
    let name: String = visit.see("document.querySelector('.drawn a.take').download").await;
    assert!(name.starts_with("picture-1."), "{name}");
    visit.until_nothing_is_open().await;
    visit.reload().await;
    visit.until("document.querySelectorAll('.drawn img').length === 1").await;
    visit.say("/image --n 2 two foxes").await;
    visit.until("document.querySelectorAll('#log article:last-child .drawn a.take').length === 2").await;
    visit.until("[...document.querySelectorAll('.drawn img')].every((one) => one.naturalWidth > 0)").await;
    visit.quiet().await;
    visit.end().await;
}

#[tokio::test]
async fn on_a_phone_and_by_night_pictures_files_and_sounds_fit_and_can_be_read() {
    let visit = Visit::with(openai::Config::answering(Answer::Text("Two pictures.".to_owned()))).await;
    visit.resize(390, 844).await;
    let long = format!("{}.png", "a-very-long-name-without-any-place-to-break-it".repeat(3));
    let files = [
        (long.as_str(), "image/png", picture("#e8b01d", 1200, 900)),
        ("b.png", "image/png", picture("#1d49e8", 300, 900)),
    ];
    visit.give("drop", &files).await;
    visit.until("document.querySelectorAll('#files li').length === 2").await;
    assert!(visit.see::<bool>(FITS).await, "the list of files makes the page scroll sideways");
    let small: u32 = visit
        .see("[...document.querySelectorAll('#files button')].filter((one) => one.getBoundingClientRect().width < 38).length")
        .await;
    assert_eq!(small, 0, "too small for a thumb");
    visit.keep("phone-files").await;
    visit.ask("What is in these?", "Two pictures.").await;
    visit.find("[data-press^='say:/say ']").await.click().await.unwrap();
    visit.until("document.querySelector('.aloud .player') !== null").await;
    visit.until_nothing_is_open().await;
    assert!(visit.see::<bool>(FITS).await, "pictures or players make the page scroll sideways");
    for scheme in ["light", "dark"] {
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        visit.browser.driver.cdp().send_raw("Emulation.setEmulatedMedia", features).await.unwrap();
        let (ratio, text): (f64, String) = visit.see(WORST).await;
        assert!(ratio >= 4.5, "{scheme}: {ratio:.2} in “{text}”");
        visit.keep(&format!("phone-{scheme}")).await;
    }
    visit.end().await;
}
