//! Files: learning from one, and a clear sentence for each that cannot be read.

use crate::visit::Visit;
use std::path::Path;

fn write(dir: &Path, name: &str, bytes: &[u8]) -> String {
    let path = dir.join(name);
    std::fs::write(&path, bytes).unwrap();
    path.display().to_string()
}

#[tokio::test]
async fn a_text_file_is_learnt_and_cited() {
    let visit = Visit::embedded().await;
    let text = "# Garden rules\n\nThe gate is locked at nine in the evening.\n\nDogs must stay on a leash.";
    let path = write(visit.world.path(), "garden.md", text.as_bytes());
    visit.find("#file").await.send_keys(path).await.unwrap();
    visit.until("document.querySelector('#files li')?.innerText.includes('garden.md')").await;
    visit.find("#send").await.click().await.unwrap();
    visit.told("I have read “garden.md”").await;
    visit.quiet().await;
    visit.ask("When is the gate locked?", "nine in the evening").await;
    visit.told("garden.md").await;
    visit.end().await;
}

#[tokio::test]
async fn each_file_that_cannot_be_read_gets_a_clear_sentence_and_nothing_is_sent() {
    let visit = Visit::embedded().await;
    let dir = visit.world.path();
    let huge = "a line of text\n".repeat(80_000);
    for (name, bytes, sentence) in [
        ("empty.txt", b"".as_slice(), "empty.txt: this file is empty"),
        ("huge.txt", huge.as_bytes(), "huge.txt: this file is too large. At most 1 MiB"),
        ("photo.txt", b"\x89PNG\r\n\x1a\n\xff\xfe".as_slice(), "photo.txt: this is not UTF-8 text"),
        ("zeros.txt", [0_u8; 64].as_slice(), "zeros.txt: this is not UTF-8 text"),
    ] {
        visit.find("#file").await.send_keys(write(dir, name, bytes)).await.unwrap();
        visit.noted(sentence).await;
        assert!(visit.see::<bool>("document.querySelector('#files').hidden").await, "{name} was taken");
    }
    assert_eq!(visit.transcript().await, [""; 0]);
    visit.end().await;
}

#[tokio::test]
async fn files_that_are_too_much_together_stay_in_the_box_with_a_clear_sentence() {
    let visit = Visit::embedded().await;
    let text = "a line of text\n".repeat(65_000);
    for number in 1..=4 {
        let path = write(visit.world.path(), &format!("part{number}.txt"), text.as_bytes());
        visit.find("#file").await.send_keys(path).await.unwrap();
        visit.until(&format!("document.querySelectorAll('#files li').length === {number}")).await;
    }
    visit.find("#send").await.click().await.unwrap();
    visit.noted("That is too much at once: at most 3 MiB").await;
    assert_eq!(visit.transcript().await, [""; 0]);
    visit.find("#files button").await.click().await.unwrap();
    visit.find("#send").await.click().await.unwrap();
    visit.told("I have read “part4.txt”").await;
    visit.end().await;
}

#[tokio::test]
async fn a_very_long_text_that_is_pasted_becomes_a_file() {
    let visit = Visit::embedded().await;
    visit
        .see::<serde_json::Value>(
            "void (() => { const data = new DataTransfer(); data.setData('text/plain', 'a line of text\\n'.repeat(10000)); \
             document.querySelector('#words').dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })); })()",
        )
        .await;
    visit.until("document.querySelector('#files li')?.innerText.includes('pasted text.txt')").await;
    assert_eq!(visit.see::<String>("document.querySelector('#words').value").await, "");
    visit.end().await;
}
