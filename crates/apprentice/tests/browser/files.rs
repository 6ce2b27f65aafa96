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
async fn each_file_that_cannot_be_read_gets_a_clear_sentence_and_stays_unlearnt() {
    let visit = Visit::embedded().await;
    let dir = visit.world.path().to_owned();
    visit.find("#file").await.send_keys(write(&dir, "empty.txt", b"")).await.unwrap();
    visit.noted("empty.txt: this file is empty").await;
    assert!(visit.see::<bool>("document.querySelector('#files').hidden").await, "an empty file was taken");
    for (name, bytes) in [("broken.pdf", b"%PDF-1.4\n%%EOF".as_slice()), ("zeros.bin", [0_u8; 64].as_slice())] {
        visit.find("#file").await.send_keys(write(&dir, name, bytes)).await.unwrap();
        visit.until("document.querySelectorAll('#files li').length === 1").await;
        visit.find("#send").await.click().await.unwrap();
        visit.told(&format!("“{name}”")).await;
        visit.quiet().await;
        let said = visit.transcript().await.pop().unwrap();
        assert!(!said.contains("I have read"), "{said}");
    }
    visit.end().await;
}

#[tokio::test]
async fn files_that_are_too_large_or_too_many_are_refused_before_anything_is_sent() {
    let visit = Visit::embedded().await;
    let named: Vec<String> = (1..=11).map(|number| format!("part{number}.txt")).collect();
    let some = "Promise.resolve('a line of text')".to_owned();
    let files: Vec<(&str, &str, String)> =
        named.iter().map(|name| (name.as_str(), "text/plain", some.clone())).collect();
    visit.give("drop", &files).await;
    visit.noted("At most ten files at once").await;
    assert_eq!(visit.see::<u32>("document.querySelectorAll('#files li').length").await, 10);
    // A file of more than the page may bring, without its bytes.
    let huge = "(() => { const blob = new Blob(['x']); Object.defineProperty(blob, 'size', { value: 1e12 }); return blob; })()";
    let given = format!(
        "void (() => {{ const data = {{ types: ['Files'], files: [Object.assign({huge}, {{ name: 'huge.bin' }})] }}; \
         const event = new Event('drop', {{ cancelable: true }}); event.dataTransfer = data; dispatchEvent(event); }})()"
    );
    visit.find("#files li button").await.click().await.unwrap();
    visit.see::<serde_json::Value>(&given).await;
    visit.noted("huge.bin: this file is too large. At most").await;
    assert_eq!(visit.transcript().await, [""; 0]);
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
