//! What holds for every text that is said, whatever it is. The fuzz target and the replay of its corpus share it.

use speech::cutter::Cutter;
use speech::{Lang, Piece, speakable};

/// Cuts a text in parts of every size, and says the whole and each piece.
pub fn speech(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let whole = cut(Cutter::new(), &text, usize::MAX);
    assert_eq!(whole.concat().trim_end(), text.trim_end(), "something is lost");
    assert!(whole.iter().all(|piece| !piece.trim().is_empty()), "a blank piece");
    for size in [1, 3, 7] {
        assert_eq!(cut(Cutter::new(), &text, size), whole, "in parts of {size}");
    }
    let live = cut(Cutter::with_first_clause(25), &text, usize::MAX);
    assert_eq!(cut(Cutter::with_first_clause(25), &text, 2), live, "a live voice, in parts of 2");
    for lang in [Lang::En, Lang::Ru] {
        said(&text, lang);
        whole.iter().for_each(|piece| said(piece, lang));
    }
}

fn cut(mut cutter: Cutter, text: &str, size: usize) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let parts = letters.chunks(size.min(letters.len().max(1)));
    let mut pieces: Vec<String> = parts.flat_map(|part| cutter.push(&part.iter().collect::<String>())).collect();
    pieces.extend(cutter.finish());
    pieces
}

/// No piece is without a word, or has a line break or space around it.
fn said(text: &str, lang: Lang) {
    let pieces = speakable(text, lang);
    for piece in &pieces {
        if let Piece::Text { text, .. } = piece {
            assert!(text.chars().any(char::is_alphanumeric), "nothing to say: {text:?}");
            assert!(!text.contains('\n') && text.trim() == text, "{text:?}");
        }
    }
}
