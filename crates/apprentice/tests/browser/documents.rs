//! Documents: dropped on the page, read, asked about, cited by their place, listed and forgotten.

use crate::visit::Visit;
use std::fmt::Write as _;

/// A PDF with these pages, a line of text each.
fn pdf(pages: &[&str]) -> Vec<u8> {
    let kids: Vec<String> = (0..pages.len()).map(|at| format!("{} 0 R", 4 + at * 2)).collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Kids [{}] /Count {} >>", kids.join(" "), pages.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
    ];
    for (at, words) in pages.iter().enumerate() {
        let drawn = format!("BT /F1 14 Tf 72 720 Td ({words}) Tj ET");
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents {} 0 R >>",
            5 + at * 2
        ));
        objects.push(format!("<< /Length {} >>\nstream\n{drawn}\nendstream", drawn.len()));
    }
    let (mut file, mut places) = ("%PDF-1.4\n".to_owned(), Vec::new());
    for (at, object) in objects.iter().enumerate() {
        places.push(file.len());
        let _ = write!(file, "{} 0 obj\n{object}\nendobj\n", at + 1);
    }
    let table = file.len();
    let _ = write!(file, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    places.iter().for_each(|place| {
        let _ = writeln!(file, "{place:010} 00000 n ");
    });
    let _ = write!(file, "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n", objects.len() + 1);
    file.into_bytes()
}

/// A script's expression for these bytes.
fn bytes(bytes: &[u8]) -> String {
    format!("Promise.resolve(new Uint8Array({bytes:?}))")
}

const PAGES: [&str; 2] =
    ["These are the rules of the garden behind the house.", "The gate of the garden is locked at nine in the evening."];

#[tokio::test]
async fn a_dropped_document_is_read_cited_by_its_page_listed_and_forgotten() {
    let visit = Visit::embedded().await;
    visit.give("drop", &[("garden rules.pdf", "application/pdf", bytes(&pdf(&PAGES)))]).await;
    visit.until("document.querySelector('#files li')?.innerText.includes('garden rules.pdf')").await;
    visit.find("#send").await.click().await.unwrap();
    visit.told("I have read “garden rules.pdf”").await;
    visit.quiet().await;
    visit.ask("When is the gate of the garden locked?", "nine in the evening").await;
    visit.told("page 2").await;
    visit.keep("document").await;
    visit.until_nothing_is_open().await;
    visit.reload().await;
    assert!(visit.transcript().await[0].contains("garden rules.pdf"), "what was brought is gone after a reload");
    visit.find("header a[href='/learn/documents']").await.click().await.unwrap();
    visit.until("document.querySelector('[data-document]')?.innerText.includes('garden rules.pdf')").await;
    let shown: String = visit.see("document.querySelector('[data-document]').innerText").await;
    assert!(shown.contains("22 words") && shown.contains("for you") && shown.contains("For everyone"), "{shown}");
    visit.keep("documents").await;
    visit.find("[data-document] button").await.click().await.unwrap();
    visit.until("document.querySelector('#said')?.innerText.includes('the rules of the garden')").await;
    // The list is drawn anew when something was said, so the button is looked for until it was pressed.
    visit
        .until("(document.querySelector('#sure').open || document.querySelector('[data-document] [data-sure]')?.click(), document.querySelector('#sure').open && document.querySelector('#sure').innerText.includes('garden rules.pdf'))")
        .await;
    visit.find("#sure .primary").await.click().await.unwrap();
    visit.until("document.body.innerText.includes('No documents yet')").await;
    visit.end().await;
}

#[tokio::test]
async fn a_file_that_cannot_be_read_gets_its_sentence_in_the_readers_language() {
    let visit = Visit::speaking("ru-RU,ru", None).await;
    visit.give("drop", &[("отчёт.pdf", "application/pdf", bytes(b"%PDF-1.4\nnothing more"))]).await;
    visit.until("document.querySelector('#files li')?.innerText.includes('отчёт.pdf')").await;
    visit.find("#send").await.click().await.unwrap();
    visit.until("document.querySelector('.theirs .bubble')?.innerText.includes('«отчёт.pdf»')").await;
    visit.quiet().await;
    visit.until("document.querySelector('.mine .file')?.innerText.includes('отчёт.pdf')").await;
    visit.end().await;
}
