//! What a file is.

use crate::problem::Limits;
use crate::zipped::Archive;
use crate::{encoding, subtitles};
use memchr::memmem;
use serde::{Deserialize, Serialize};

/// What a compound file (the container of Office before 2007) begins with.
const COMPOUND: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/// Bytes of a text that are looked at to tell what it is.
const HEAD: usize = 8 << 10;

/// What source code is called by.
const CODE: [&str; 45] = [
    "asm", "bash", "bat", "c", "cc", "clj", "cmake", "conf", "cpp", "cs", "css", "dart", "erl", "ex", "go", "gradle",
    "h", "hpp", "hs", "ini", "java", "js", "jsx", "kt", "lua", "ml", "php", "pl", "ps1", "py", "r", "rb", "rs",
    "scala", "sh", "sql", "swift", "tex", "toml", "ts", "tsx", "vue", "xml", "yaml", "yml",
];

/// Names of formats that are never read here: what is called so and is read all the same is called wrong.
const FOREIGN: [&str; 14] =
    ["avi", "bmp", "doc", "exe", "gif", "jpeg", "jpg", "mov", "mp3", "mp4", "ogg", "png", "ppt", "webp"];

/// A format that is told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Portable Document Format.
    Pdf,
    /// Word (Office Open XML).
    Docx,
    /// PowerPoint (Office Open XML).
    Pptx,
    /// Excel (Office Open XML).
    Xlsx,
    /// Excel before 2007 (BIFF in a compound file).
    Xls,
    /// OpenDocument spreadsheet.
    Ods,
    /// OpenDocument text.
    Odt,
    /// OpenDocument presentation.
    Odp,
    /// Rich Text Format.
    Rtf,
    /// HTML.
    Html,
    /// Electronic publication.
    Epub,
    /// Markdown.
    Markdown,
    /// Plain text.
    Text,
    /// Source code of a programming language.
    Code,
    /// JSON, or one JSON value a line.
    Json,
    /// Values separated by commas, semicolons or tabs.
    Csv,
    /// An e-mail message (RFC 5322).
    Eml,
    /// Subtitles: SubRip or WebVTT.
    Subtitles,
    /// A ZIP archive of documents.
    Zip,
    /// Something else.
    Unknown,
}

impl Kind {
    /// What these bytes are; name and media type decide only where the bytes do not, as between kinds of text.
    pub fn of(bytes: &[u8], name: &str, mime: &str) -> Self {
        match bytes {
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => zipped(bytes),
            [b'{', b'\\', b'r', b't', b'f', ..] => Self::Rtf,
            _ if bytes.starts_with(COMPOUND) => compound(bytes, name, mime),
            _ if is_pdf(bytes) => Self::Pdf,
            _ if encoding::is_text(bytes) => textual(bytes, claimed(name, mime).filter(|claim| claim.is_plain())),
            _ => Self::Unknown,
        }
    }

    /// What a name or a media type claims that this is not, as written; nothing where they are right or say nothing.
    /// That one kind of text is called another is no wrong claim.
    pub(crate) fn contradicts(self, name: &str, mime: &str) -> Option<String> {
        let extension = extension(name);
        let by_name = by_extension(&extension).or_else(|| FOREIGN.contains(&&*extension).then_some(Self::Unknown));
        let (claim, written) = match by_name {
            Some(kind) => (kind, extension),
            None => (by_mime(mime)?, mime.to_owned()),
        };
        let is_right = claim == self || (claim.is_plain() && self.is_plain());
        (!is_right).then_some(written)
    }

    fn is_plain(self) -> bool {
        matches!(
            self,
            Self::Text
                | Self::Markdown
                | Self::Code
                | Self::Json
                | Self::Csv
                | Self::Subtitles
                | Self::Html
                | Self::Eml
        )
    }
}

/// Whether a file is one of Office behind a password: a compound file that hides the real one.
pub(crate) fn is_encrypted_office(bytes: &[u8]) -> bool {
    bytes.starts_with(COMPOUND) && has_stream(bytes, "EncryptedPackage")
}

fn is_pdf(bytes: &[u8]) -> bool {
    // Readers look for it in the first kilobyte: mail programs put things before it.
    let head = bytes.get(..1024).unwrap_or(bytes);
    memmem::find(head, b"%PDF-").is_some_and(|at| at == 0 || !encoding::is_text(bytes) || at < 16)
}

fn zipped(bytes: &[u8]) -> Kind {
    // What it says of itself is its first file, of less than a hundred bytes.
    let limits = Limits { unpacked: 1 << 16, ..Limits::default() };
    let Ok(mut archive) = Archive::open(bytes, &limits) else { return Kind::Zip };
    if let Ok(Some(mime)) = archive.read("mimetype") {
        match mime.trim_ascii() {
            b"application/epub+zip" => return Kind::Epub,
            mime if mime.starts_with(b"application/vnd.oasis.opendocument.text") => return Kind::Odt,
            mime if mime.starts_with(b"application/vnd.oasis.opendocument.spreadsheet") => return Kind::Ods,
            mime if mime.starts_with(b"application/vnd.oasis.opendocument.presentation") => return Kind::Odp,
            _ => {}
        }
    }
    let has = |start: &str| archive.names().iter().any(|name| name.starts_with(start));
    match has("[Content_Types].xml") {
        true if has("word/") => Kind::Docx,
        true if has("ppt/") => Kind::Pptx,
        true if has("xl/") => Kind::Xlsx,
        _ if has("META-INF/container.xml") => Kind::Epub,
        _ => Kind::Zip,
    }
}

fn compound(bytes: &[u8], name: &str, mime: &str) -> Kind {
    if has_stream(bytes, "EncryptedPackage") {
        return match claimed(name, mime) {
            Some(kind @ (Kind::Docx | Kind::Pptx | Kind::Xlsx)) => kind,
            _ => Kind::Unknown,
        };
    }
    if has_stream(bytes, "Workbook") || has_stream(bytes, "Book") { Kind::Xls } else { Kind::Unknown }
}

/// Whether a compound file has a stream of this name. Names stand there in UTF-16, ended by a zero.
fn has_stream(bytes: &[u8], name: &str) -> bool {
    let wide: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
    let mut found = memmem::find_iter(bytes, &wide);
    // Entries of the directory are 128 bytes, and begin with the name.
    found.any(|at| at % 128 == 0)
}

fn textual(bytes: &[u8], claim: Option<Kind>) -> Kind {
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    let text = encoding::decode(head);
    let text = text.trim_start();
    match claim {
        _ if is_html(text) => Kind::Html,
        _ if subtitles::looks_like(text) && claim != Some(Kind::Code) => Kind::Subtitles,
        Some(Kind::Eml) if headers(text) >= 1 => Kind::Eml,
        None | Some(Kind::Text | Kind::Eml) if headers(text) >= 3 => Kind::Eml,
        Some(claim @ (Kind::Markdown | Kind::Code | Kind::Json | Kind::Csv)) => claim,
        Some(Kind::Html) if text.contains("</") => Kind::Html,
        None if is_json(text) => Kind::Json,
        _ => Kind::Text,
    }
}

fn is_html(text: &str) -> bool {
    let start: String = text.chars().take(512).collect::<String>().to_ascii_lowercase();
    let start = start.trim_start_matches('\u{feff}');
    start.starts_with("<!doctype html")
        || ["<html", "<head", "<body"].iter().any(|tag| start.starts_with(tag))
        || ((start.starts_with("<?xml") || start.starts_with("<!--")) && start.contains("<html"))
}

fn is_json(text: &str) -> bool {
    ["{\"", "[{", "[\"", "{\n", "{\r", "[\n"].iter().any(|start| text.starts_with(start)) && text.contains("\":")
}

/// Lines at the beginning that are header fields of an e-mail.
fn headers(text: &str) -> usize {
    const FIELDS: [&str; 11] = [
        "from",
        "to",
        "subject",
        "date",
        "received",
        "message-id",
        "mime-version",
        "return-path",
        "content-type",
        "delivered-to",
        "x-mailer",
    ];
    let lines = text.lines().take_while(|line| !line.is_empty());
    let lines = lines.filter(|line| !line.starts_with([' ', '\t']) && !line.starts_with("From "));
    let names = lines.map_while(|line| line.split_once(':').map(|(name, _)| name.to_ascii_lowercase()));
    names.filter(|name| FIELDS.contains(&name.as_str())).count()
}

fn claimed(name: &str, mime: &str) -> Option<Kind> {
    by_extension(&extension(name)).or_else(|| by_mime(mime))
}

fn extension(name: &str) -> String {
    name.rsplit_once('.').map_or_else(String::new, |(_, extension)| extension.trim().to_ascii_lowercase())
}

fn by_extension(extension: &str) -> Option<Kind> {
    Some(match extension {
        "pdf" => Kind::Pdf,
        "docx" | "docm" | "dotx" => Kind::Docx,
        "pptx" | "pptm" | "ppsx" => Kind::Pptx,
        "xlsx" | "xlsm" | "xltx" => Kind::Xlsx,
        "xls" => Kind::Xls,
        "ods" => Kind::Ods,
        "odt" => Kind::Odt,
        "odp" => Kind::Odp,
        "rtf" => Kind::Rtf,
        "html" | "htm" | "xhtml" => Kind::Html,
        "epub" => Kind::Epub,
        "md" | "markdown" => Kind::Markdown,
        "txt" | "text" | "log" => Kind::Text,
        "json" | "jsonl" | "ndjson" => Kind::Json,
        "csv" | "tsv" => Kind::Csv,
        "eml" => Kind::Eml,
        "srt" | "vtt" => Kind::Subtitles,
        "zip" => Kind::Zip,
        code if CODE.contains(&code) => Kind::Code,
        _ => return None,
    })
}

fn by_mime(mime: &str) -> Option<Kind> {
    let mime = mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    Some(match mime.as_str() {
        "application/pdf" => Kind::Pdf,
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => Kind::Docx,
        "application/vnd.openxmlformats-officedocument.presentationml.presentation" => Kind::Pptx,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => Kind::Xlsx,
        "application/vnd.ms-excel" => Kind::Xls,
        "application/vnd.oasis.opendocument.spreadsheet" => Kind::Ods,
        "application/vnd.oasis.opendocument.text" => Kind::Odt,
        "application/vnd.oasis.opendocument.presentation" => Kind::Odp,
        "application/rtf" | "text/rtf" => Kind::Rtf,
        "text/html" | "application/xhtml+xml" => Kind::Html,
        "application/epub+zip" => Kind::Epub,
        "text/markdown" => Kind::Markdown,
        "text/plain" => Kind::Text,
        "application/json" | "application/x-ndjson" => Kind::Json,
        "text/csv" | "text/tab-separated-values" => Kind::Csv,
        "message/rfc822" => Kind::Eml,
        "application/x-subrip" | "text/vtt" => Kind::Subtitles,
        "application/zip" => Kind::Zip,
        _ => return None,
    })
}
