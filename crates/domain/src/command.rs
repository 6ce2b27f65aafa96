//! Commands, declared once.

/// Whether a text is the command that ends a running answer: `/stop`, also addressed (`/stop@bot`).
pub fn is_stop(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or("");
    first.split('@').next() == Some("/stop")
}
