//! What holds for whatever is read as Rich Text Format. The fuzz target and the replay of its corpus share it.

use apprentice_documents::{Limits, Problem, read};

/// Bytes of text that are read at most: few, so that the bound is met.
const TEXT: u64 = 1000;

/// Reads any bytes as Rich Text Format.
pub fn rtf(bytes: &[u8]) {
    let document = [b"{\\rtf1 ", bytes].concat();
    let limits = Limits { text: TEXT, pages: 20, ..Limits::default() };
    match read(&document, "", "", &limits) {
        Ok(document) => {
            assert!(!document.sections.is_empty(), "a document without text is a problem");
            let length: usize = document.sections.iter().map(|section| section.text.len()).sum();
            assert!(length as u64 <= TEXT, "{length} bytes of text");
            assert!(document.sections.len() <= 20, "{} sections", document.sections.len());
            assert!(document.sections.iter().all(|section| !section.text.trim().is_empty()), "a blank section");
        }
        Err(Problem::Died { detail }) => panic!("{detail}"),
        Err(_) => {}
    }
}
