//! Asking, watching an answer come, stopping it, asking again.

use crate::visit::Visit;
use sim::openai::{self, Answer};

const RICH: &str = "Here is **all** of it:\n\n- one\n- two\n\n```rust\nfn main() {}\n```\n\n\
                    | City | Country |\n|---|---|\n| Paris | France |\n\nSee [the site](https://example.org/a).";

fn slow(text: &str, tokens_per_second: f64) -> openai::Config {
    let answer = Answer::Text(text.to_owned());
    openai::Config { answer, tokens_per_second: Some(tokens_per_second), ..openai::Config::default() }
}

#[tokio::test]
async fn an_answer_is_seen_while_it_is_written_and_its_markdown_is_rendered() {
    let visit = Visit::with(slow(&format!("{}{RICH}", "word ".repeat(80)), 20.0)).await;
    visit.say("Tell me").await;
    visit
        .until("document.querySelector('.theirs:not([data-exchange]) .bubble')?.innerText.includes('word word')")
        .await;
    assert!(!visit.see::<bool>("document.querySelector('#stop').hidden").await, "there is no stop button");
    assert!(visit.see::<bool>("document.querySelector('.welcome').hidden").await, "the welcome stays");
    visit.told("See the site").await;
    visit.quiet().await;
    for part in ["pre code", "table td", "ul li", "strong"] {
        assert!(visit.see::<bool>(&format!("!!document.querySelector('.theirs .bubble {part}')")).await, "no {part}");
    }
    let link: Vec<String> =
        visit.see("(({href, target, rel}) => [href, target, rel])(document.querySelector('.theirs .bubble a'))").await;
    assert_eq!(link, ["https://example.org/a", "_blank", "noopener noreferrer"]);
    assert_eq!(visit.see::<u32>("document.querySelectorAll('#log article').length").await, 2);
    visit.end().await;
}

#[tokio::test]
async fn a_stopped_answer_keeps_its_words_and_the_next_question_is_answered() {
    let long: String = (0..2000).map(|number| format!("word{number} ")).collect();
    let visit = Visit::with(slow(&long, 15.0)).await;
    visit.say("Tell me everything").await;
    visit.told("word3").await;
    visit.find("#stop").await.click().await.unwrap();
    visit.told("Stopped.").await;
    visit.quiet().await;
    let said = visit.transcript().await;
    assert!(said[1].starts_with("bot: word0 word1") && !said[1].contains("word1999"), "{said:?}");
    visit.reload().await;
    assert_eq!(visit.transcript().await, said, "the reload shows something else");
    visit
        .world
        .openai
        .change(|config| (config.answer, config.tokens_per_second) = (Answer::Text("Here.".into()), None));
    visit.ask("And now?", "Here.").await;
    visit.end().await;
}

#[tokio::test]
async fn a_reload_during_an_answer_keeps_the_question_and_the_answer_goes_on() {
    let visit = Visit::with(slow(&"word ".repeat(120), 20.0)).await;
    visit.say("Tell me slowly").await;
    visit.told("word word").await;
    visit.reload().await;
    assert_eq!(visit.transcript().await[0], "me: Tell me slowly");
    visit.until("document.querySelector('.theirs[data-exchange]') !== null").await;
    visit.quiet().await;
    let said = visit.transcript().await;
    assert_eq!((said.len(), said[0].as_str()), (2, "me: Tell me slowly"), "{said:?}");
    visit.end().await;
}

#[tokio::test]
async fn messages_sent_together_get_their_answers_each_in_its_place_and_reload_keeps_them() {
    let visit = Visit::with(openai::Config::default()).await;
    for number in 1..=3 {
        visit.say(&format!("message {number}")).await;
    }
    visit.until("document.querySelectorAll('.theirs[data-exchange]').length === 3").await;
    visit.quiet().await;
    let said = visit.transcript().await;
    let mine: Vec<_> = said.iter().step_by(2).map(String::as_str).collect();
    assert_eq!(mine, ["me: message 1", "me: message 2", "me: message 3"], "{said:?}");
    assert!(said.iter().skip(1).step_by(2).all(|line| line.starts_with("bot: ")), "{said:?}");
    visit.reload().await;
    assert_eq!(visit.transcript().await, said);
    visit.end().await;
}

#[tokio::test]
async fn again_gives_one_more_answer_and_a_rating_shows_and_stays() {
    let visit = Visit::with(openai::Config::answering(Answer::Text("First.".into()))).await;
    visit.ask("Once", "First.").await;
    visit.world.openai.change(|config| config.answer = Answer::Text("Second.".into()));
    visit.find("[data-press^='again:']").await.click().await.unwrap();
    visit.told("Second.").await;
    visit.quiet().await;
    let good = visit.last("[data-press^='up:']").await;
    assert_eq!(good.attr("aria-pressed").await.unwrap().as_deref(), Some("false"));
    good.click().await.unwrap();
    visit.noted("Thank you!").await;
    assert_eq!(good.attr("aria-pressed").await.unwrap().as_deref(), Some("true"));
    visit.until_nothing_is_open().await;
    visit.reload().await;
    let good = visit.last("[data-press^='up:']").await;
    assert_eq!(good.attr("aria-pressed").await.unwrap().as_deref(), Some("true"), "the rating is forgotten");
    visit.end().await;
}
