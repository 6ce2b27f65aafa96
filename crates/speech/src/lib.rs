//! Written text to what is said aloud, sentence by sentence.
mod words;
