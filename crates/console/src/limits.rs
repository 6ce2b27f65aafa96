//! How much one message may bring. The setting for uploads decides; a message that brings no files has room besides.

use crate::Console;
use domain::person::Lang;
use domain::text::say_with as text_with;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// Largest file, bytes.
pub(crate) fn file(console: &Console) -> usize {
    (console.upload)()
}

/// Largest message with its files, bytes: three of the largest files, at least 3 MiB.
pub(crate) fn message(console: &Console) -> usize {
    file(console).max(MIB).saturating_mul(3)
}

/// Largest request, bytes: such a message, written as JSON.
pub(crate) fn request(console: &Console) -> usize {
    file(console).max(MIB).saturating_mul(4)
}

/// A size in words.
pub(crate) fn words(lang: Lang, bytes: usize) -> String {
    let (key, unit) = if bytes >= MIB { ("page-mib", MIB) } else { ("page-kib", KIB) };
    let count = (bytes * 10 / unit) as f64 / 10.0;
    text_with(lang, key, &[("count", count.to_string())])
}
