//! What a file is by its bytes; names and declared types are never asked.

/// A format of pictures that is read here, or by a program for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are what there is to say")]
pub enum Format {
    Png,
    Jpeg,
    Gif,
    Webp,
    Bmp,
    Tiff,
    Heic,
    Avif,
}

/// What people send as pictures and is not read here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Other {
    /// A drawing packed with gzip, as Telegram's animated stickers are (`.tgs`).
    PackedDrawing,
    /// WebM, as Telegram's video stickers are, or Matroska.
    Webm,
    /// MP4 or QuickTime.
    Mp4,
    /// Shapes in XML.
    Svg,
    /// JPEG XL.
    JpegXl,
    /// JPEG 2000.
    Jpeg2000,
    /// Photoshop's own.
    Photoshop,
    /// A PDF document.
    Pdf,
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A picture.
    Picture(Format),
    /// Something else that is known.
    Other(Other),
}

/// The first bytes of files, and what they say.
const SIGNATURES: [(&[u8], Kind); 15] = [
    (b"\x89PNG\r\n\x1a\n", Kind::Picture(Format::Png)),
    (b"\xff\xd8\xff", Kind::Picture(Format::Jpeg)),
    (b"GIF87a", Kind::Picture(Format::Gif)),
    (b"GIF89a", Kind::Picture(Format::Gif)),
    (b"BM", Kind::Picture(Format::Bmp)),
    (b"II\x2a\0", Kind::Picture(Format::Tiff)),
    (b"MM\0\x2a", Kind::Picture(Format::Tiff)),
    (b"\x1f\x8b", Kind::Other(Other::PackedDrawing)),
    (b"\x1a\x45\xdf\xa3", Kind::Other(Other::Webm)),
    (b"\xff\x0a", Kind::Other(Other::JpegXl)),
    (b"\0\0\0\x0cJXL \r\n\x87\n", Kind::Other(Other::JpegXl)),
    (b"\0\0\0\x0cjP  \r\n\x87\n", Kind::Other(Other::Jpeg2000)),
    (b"\xff\x4f\xff\x51", Kind::Other(Other::Jpeg2000)),
    (b"8BPS", Kind::Other(Other::Photoshop)),
    (b"%PDF-", Kind::Other(Other::Pdf)),
];

/// How far into a text its first element is looked for, in bytes.
const TEXT_HEAD: usize = 1024;

/// Tells a file by its first bytes; none where they are of nothing known here.
#[must_use]
pub fn tell(bytes: &[u8]) -> Option<Kind> {
    let signed = SIGNATURES.iter().find(|(signature, _)| bytes.starts_with(signature)).map(|(_, kind)| *kind);
    signed.or_else(|| riff(bytes)).or_else(|| boxed(bytes)).or_else(|| svg(bytes))
}

fn riff(bytes: &[u8]) -> Option<Kind> {
    (bytes.starts_with(b"RIFF") && bytes.get(8..12)? == b"WEBP").then_some(Kind::Picture(Format::Webp))
}

/// The ISO base media family, by the brands of its first box (ISO/IEC 14496-12, 4.3). A file of HEIF's
/// general brands says by the others whose pictures it holds.
fn boxed(bytes: &[u8]) -> Option<Kind> {
    let length = u32::from_be_bytes(bytes.first_chunk::<4>().copied()?);
    let end = usize::try_from(length).ok()?.min(bytes.len()).min(TEXT_HEAD);
    if bytes.get(4..8)? != b"ftyp" {
        return None;
    }
    // The second word is a version, which can be mistaken for no brand.
    let brands = || bytes.get(8..end).unwrap_or_default().chunks_exact(4);
    let any = |wanted: &[&[u8]]| brands().any(|brand| wanted.contains(&brand));
    Some(if any(&[b"avif", b"avis"]) {
        Kind::Picture(Format::Avif)
    } else if any(&[b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs"]) {
        Kind::Picture(Format::Heic)
    } else {
        Kind::Other(Other::Mp4)
    })
}

fn svg(bytes: &[u8]) -> Option<Kind> {
    let head = bytes.get(..TEXT_HEAD).unwrap_or(bytes);
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let opens = text.starts_with(b"<svg") || text.starts_with(b"<?xml") || text.starts_with(b"<!");
    (opens && memchr::memmem::find(text, b"<svg").is_some()).then_some(Kind::Other(Other::Svg))
}

impl Format {
    /// What `image` calls it; none for what it does not read.
    pub(crate) fn known(self) -> Option<image::ImageFormat> {
        match self {
            Format::Png => Some(image::ImageFormat::Png),
            Format::Jpeg => Some(image::ImageFormat::Jpeg),
            Format::Gif => Some(image::ImageFormat::Gif),
            Format::Webp => Some(image::ImageFormat::WebP),
            Format::Bmp => Some(image::ImageFormat::Bmp),
            Format::Tiff => Some(image::ImageFormat::Tiff),
            Format::Heic | Format::Avif => None,
        }
    }
}
