//! Markdown to rich text.
