//! How it looks: on a phone, in the dark, and whether everybody can read it.

use crate::visit::Visit;
use serde_json::json;
use sim::openai::{self, Answer};

/// The worst contrast of any text in view, with that text.
pub const WORST: &str = "(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
  const over = (top, under) => { const a = top[3] / 255; return [0, 1, 2].map((i) => top[i] * a + under[i] * (1 - a)).concat(255); };
  const light = (c) => { const [r, g, b] = c.slice(0, 3).map((v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ground = (one) => { const chain = []; for (let at = one; at; at = at.parentElement) chain.unshift(getComputedStyle(at).backgroundColor); return chain.reduce((under, colour) => over(rgba(colour), under), [255, 255, 255, 255]); };
  let worst = [99, ''];
  for (const one of document.querySelectorAll('body *')) {
    const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !one.checkVisibility()) continue;
    const back = ground(one), front = over(rgba(getComputedStyle(one).color), back);
    const [a, b] = [light(front), light(back)].sort((x, y) => y - x), ratio = (a + 0.05) / (b + 0.05);
    if (ratio < worst[0]) worst = [ratio, one.textContent.trim().slice(0, 60)];
  }
  return worst;
})()";

const WIDE: &str = "A line of `code_that_is_very_long_and_has_no_place_to_break_anywhere_at_all_in_it`\n\n\
                    ```\nlet a_long_line = \"of code that is much wider than the screen of any phone, and then some more\";\n```\n\n\
                    | One column | Another column | A third column | A fourth column |\n|---|---|---|---|\n| aaaaaaaaaaaa | bbbbbbbbbbbbbbb | ccccccccccc | dddddddddd |\n\n\
                    https://example.org/a-very-long-address/that-goes-on-and-on/without-any-place-to-break-it/until-the-end";

#[tokio::test]
async fn on_a_phone_nothing_scrolls_sideways_and_every_control_is_in_reach() {
    let visit = Visit::with(openai::Config::answering(Answer::Text(WIDE.to_owned()))).await;
    visit.resize(390, 844).await;
    let fits = "document.documentElement.scrollWidth <= innerWidth && document.querySelector('#scroll').scrollWidth <= document.querySelector('#scroll').clientWidth";
    assert!(visit.see::<bool>(fits).await, "the empty page scrolls sideways");
    visit.ask("Show me something wide", "https://example.org").await;
    assert!(visit.see::<bool>(fits).await, "the answer makes the page scroll sideways");
    visit.keys("/").await;
    visit.until("!document.querySelector('#palette').hidden").await;
    assert!(visit.see::<bool>(fits).await, "the palette makes the page scroll sideways");
    visit.keys(thirtyfour::Key::Backspace + "").await;
    let outside: Vec<String> = visit
        .see(
            "[...document.querySelectorAll('header button, header a, footer button, footer textarea, .acts button')].filter((one) => { \
             if (!one.checkVisibility()) return false; const box = one.getBoundingClientRect(); \
             return box.left < 0 || box.right > innerWidth || box.width < 38 || box.height < 38 || \
             (!one.closest('.acts') && (box.top < 0 || box.bottom > innerHeight)); }).map((one) => one.outerHTML)",
        )
        .await;
    assert_eq!(outside, [""; 0], "out of reach, or too small for a thumb");
    assert!(visit.find("#words").await.is_clickable().await.unwrap(), "the input is covered");
    visit.end().await;
}

#[tokio::test]
async fn every_text_has_enough_contrast_by_day_and_by_night() {
    let visit = Visit::embedded().await;
    visit.ask("How do I teach you?", "no, it is").await;
    visit.ask("/settings", "Settings").await;
    visit.find("[data-correct]").await.click().await.unwrap();
    for scheme in ["light", "dark"] {
        let features = json!({"features": [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]});
        visit.browser.driver.cdp().send_raw("Emulation.setEmulatedMedia", features).await.unwrap();
        let (ratio, text): (f64, String) = visit.see(WORST).await;
        assert!(ratio >= 4.5, "{scheme}: {ratio:.2} in “{text}”");
        let moving: u32 = visit.see("document.getAnimations().length").await;
        assert_eq!(moving, 0, "something moves for whoever asked for less motion");
    }
    visit.end().await;
}

#[tokio::test]
async fn the_page_of_waiting_work_opens_for_the_owner_and_leads_back() {
    let visit = Visit::embedded().await;
    visit.find("a[href='/work']").await.click().await.unwrap();
    visit.until("location.pathname === '/work' && document.body.innerText.includes('No work is waiting')").await;
    visit.find("a[href='/']").await.click().await.unwrap();
    visit.until("document.querySelector('#words') !== null").await;
    visit.end().await;
}
