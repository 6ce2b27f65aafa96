//! Words that would do harm do none.

use crate::visit::Visit;
use sim::openai::{self, Answer};

const EVIL: &str = "<script>window.harmed = 1</script>\n\n<img src=x onerror=\"window.harmed = 1\">\n\n\
                    <iframe srcdoc=\"<script>parent.harmed = 1</script>\"></iframe>\n\n<svg onload=\"harmed=1\"></svg>\n\n\
                    [press me](javascript:window.harmed=1) [or me](data:text/html,<script>harmed=1</script>)\n\n\
                    ![picture](https://example.org/spy.png) <a href=\"javascript:harmed=1\" onmouseover=\"harmed=1\">x</a>\n\n\
                    <style>body { display: none }</style> end of it";

#[tokio::test]
async fn hostile_words_of_a_model_a_person_or_a_file_name_run_nothing() {
    let mut visit = Visit::with(openai::Config::answering(Answer::Text(EVIL.to_owned()))).await;
    visit.ask("<img src=x onerror='window.harmed=1'>", "end of it").await;
    for _ in 0..2 {
        let made: u32 = visit
            .see(
                "document.querySelectorAll('.bubble :is(script, img, iframe, svg, style, [onerror], [onload])').length",
            )
            .await;
        assert_eq!(made, 0, "{}", visit.see::<String>("document.querySelector('#log').innerHTML").await);
        let links: Vec<String> =
            visit.see("[...document.querySelectorAll('.bubble a')].map((a) => a.getAttribute('href'))").await;
        assert_eq!(links, ["#", "#", "https://example.org/spy.png"], "{links:?}");
        visit.find(".bubble a").await.click().await.unwrap();
        assert!(visit.see::<bool>("window.harmed === undefined").await, "something ran");
        visit.reload().await;
    }
    // What would get past that is stopped by the policy of the page itself.
    visit
        .see::<serde_json::Value>(
            "void ((script) => { script.textContent = 'window.harmed = 1'; document.body.append(script); })(document.createElement('script'))",
        )
        .await;
    assert!(visit.see::<bool>("window.harmed === undefined").await, "the policy lets inline scripts run");
    visit.expected = vec!["Content Security Policy"];
    visit.end().await;
}
