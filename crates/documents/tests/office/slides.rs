//! Presentations.

use crate::{at, made, shown};
use apprentice_documents::Place;

/// The presentation that `make.py` calls deck.
fn is_deck(name: &str) {
    let document = made(name);
    assert_eq!(at(&document, &Place::Slide(1)), "# Closing\n\n- four", "{name}");
    let second = at(&document, &Place::Slide(2));
    let expected = "# Opening\n\n- one\n    - two\n\n| Key | Value |\n| --- | --- |\n| speed | fast |";
    assert_eq!(second, expected, "{name}");
    let third = at(&document, &Place::Slide(3));
    let expected = "<!-- hidden -->\n\n# Middle\n\n- three\n\n<!-- notes -->\n\nMention the budget";
    assert_eq!(third, expected, "{name}");
    assert_eq!(document.sections.len(), 3, "{name}: {}", shown(&document));
}

#[test]
fn slides_come_in_the_order_in_which_they_are_shown() {
    is_deck("deck.pptx");
}

#[test]
fn slides_that_became_an_open_document_say_the_same() {
    is_deck("office/deck.odp");
}

#[test]
fn slides_that_pandoc_and_libreoffice_make_are_read() {
    let pandoc = made("pandoc.pptx");
    assert!(at(&pandoc, &Place::Slide(2)).contains("| Plum | violet |"), "{}", shown(&pandoc));
    assert_eq!(at(&made("slides.odp"), &Place::Slide(2)), "# Odd two");
    assert!(at(&made("office/slides.pptx"), &Place::Slide(2)).contains("Odd two"));
}
