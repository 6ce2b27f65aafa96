//! What shows the progress of long work stays one piece of the page, with its picture, also after a reload.

use crate::visit::Visit;
use domain::ids::{Lane, Millis};
use domain::incoming::{Channel, ChatKind, Place};
use domain::outgoing::{File, Outgoing};
use domain::work::{Delivery, Job, NewWork, Sent};
use learning::plot::{CurveWords, curve};
use store::{Config, Store};

const SHOWN: &str = "document.querySelectorAll('#log [data-card=\"run:1\"]')";

fn card(markdown: &str, picture: &str) -> Outgoing {
    Outgoing {
        markdown: markdown.to_owned(),
        picture: Some(File::stored("curve.png", "image/png", picture)),
        file: Some(File::stored("adapter.bin", "application/octet-stream", picture)),
        card: Some("run:1".to_owned()),
        ..Outgoing::default()
    }
}

/// Delivers something to the owner's page, as another process of the bot would.
async fn deliver(store: &Store, outgoing: Outgoing) {
    let owner = store.owner().await.unwrap().unwrap();
    let place = Place { channel: Channel::Web, chat: owner.id.0, thread: None, kind: ChatKind::Private };
    let work = NewWork {
        lane: Lane(place.conversation().0),
        dedupe: outgoing.markdown.clone(),
        job: Job::Deliver(Box::new(Delivery { place, outgoing, sent: Sent::default(), then: None })),
        not_before: Millis(0),
        interrupts: false,
    };
    store.accept(vec![work]).await.unwrap();
}

#[tokio::test]
async fn a_card_is_changed_in_place_shows_its_picture_and_is_there_after_a_reload() {
    let visit = Visit::embedded().await;
    let data = visit.world.path().join("data");
    for (name, points) in [("a", 2), ("b", 3)] {
        let train: Vec<_> = (0..points).map(|step| (step, 1.0 / (1.0 + step as f32))).collect();
        std::fs::write(data.join(name), curve(&train, &[], &CurveWords::default()).unwrap()).unwrap();
    }
    let at = |name: &str| data.join(name).display().to_string();
    let config = Config { url: format!("sqlite://{}", at("apprentice.db")), blobs: at("blobs"), ..Config::default() };
    let store = Store::open(&config).await.unwrap();
    deliver(&store, card("step 1", "a")).await;
    let is = |words: &str| {
        format!(
            "{SHOWN}.length === 1 && {SHOWN}[0].innerText.includes('{words}') && {SHOWN}[0].querySelector('img.picture').naturalWidth === 800"
        )
    };
    visit.until(&is("step 1")).await;
    let first: String = visit.see(&format!("{SHOWN}[0].querySelector('img.picture').src")).await;
    deliver(&store, Outgoing { markdown: "only words".to_owned(), ..Outgoing::default() }).await;
    visit.told("only words").await;
    deliver(&store, card("step 2", "b")).await;
    visit.until(&is("step 2")).await;
    let second: String = visit.see(&format!("{SHOWN}[0].querySelector('img.picture').src")).await;
    assert_ne!(first, second, "the browser may show the earlier picture");
    let stands_first = format!("{SHOWN}[0].nextElementSibling.innerText.includes('only words')");
    assert!(visit.see::<bool>(&stands_first).await);
    visit.reload().await;
    visit.until(&is("step 2")).await;
    let link: String = visit.see(&format!("{SHOWN}[0].querySelector('a.file').getAttribute('href')")).await;
    assert!(link.starts_with("/file?key="), "{link}");
    store.close().await;
    visit.end().await;
}
