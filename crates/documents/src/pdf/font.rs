//! What the codes of a font mean: which text, and how wide. Each font is read once for a document, each code once
//! for a font.

use hayro_font::hayro_cmap::{BfString, CMap, CMapName, CidFamily, load_embedded};
use hayro_font::{CMapResolverFn, Font, FontCache, FontData, FontResolverFn};
use hayro_syntax::object::dict::keys;
use hayro_syntax::object::{Array, Dict, Name, Object, String as PdfString};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// A font file without a single glyph. It stands in for fonts that a document does not carry: only their
/// names and widths are needed here, nothing is drawn.
const NO_GLYPHS: &[u8] = &[0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// What a code stands for.
#[derive(Debug)]
pub(super) struct Glyph {
    /// Its text; empty when nobody can tell.
    pub text: Box<str>,
    /// How far it moves on, in thousandths of the font size: to the right, or down in vertical writing.
    pub advance: f64,
}

/// A font whose codes can be read.
pub(super) struct Codes<'a> {
    font: Font<'a>,
    by_cid: Option<ByCid>,
    known: RefCell<HashMap<u32, Rc<Glyph>>>,
}

impl Codes<'_> {
    /// The code at a place of a string, how many bytes it has (at least one), and what it stands for.
    pub(super) fn next(&self, bytes: &[u8], at: usize) -> (u32, usize, Rc<Glyph>) {
        let (code, length) = self.font.read_code(bytes, at);
        if let Some(glyph) = self.known.borrow().get(&code) {
            return (code, length.max(1), Rc::clone(glyph));
        }
        let glyph = Rc::new(self.glyph(code));
        self.known.borrow_mut().insert(code, Rc::clone(&glyph));
        (code, length.max(1), glyph)
    }

    /// Whether it is written from left to right, not from top to bottom.
    pub(super) fn is_horizontal(&self) -> bool {
        self.font.is_horizontal()
    }

    fn glyph(&self, code: u32) -> Glyph {
        let moved = self.font.code_advance(code);
        let advance = if self.is_horizontal() { moved.x } else { -moved.y };
        let glyph = self.font.glyph(self.font.map_code(code), code);
        let known = match &glyph {
            hayro_font::FontGlyph::Outline(outline) => outline.as_unicode(),
            hayro_font::FontGlyph::Type3(drawn) => drawn.as_unicode(),
        };
        let text = known.or_else(|| self.by_cid.as_ref()?.text(code));
        let text = match text {
            Some(BfString::Char(char)) => char.to_string(),
            Some(BfString::String(text)) => text,
            None => String::new(),
        };
        Glyph { text: text.into_boxed_str(), advance }
    }
}

/// The text of a font that numbers its glyphs as one of the collections of Chinese, Japanese and Korean characters
/// does, and says nothing more.
struct ByCid {
    encoding: CMap,
    unicode: CMap,
}

impl ByCid {
    fn of(font: &Dict<'_>) -> Option<Self> {
        let encoding = font.get::<Name<'_>>(keys::ENCODING)?;
        let encoding = match &*encoding {
            b"Identity-H" | b"Identity-V" => CMap::identity_h(),
            name => CMap::parse(load_embedded(CMapName::from_bytes(name))?, load_embedded)?,
        };
        let descendant = font.get::<Array<'_>>(keys::DESCENDANT_FONTS)?.iter::<Dict<'_>>().next()?;
        let info = descendant.get::<Dict<'_>>(keys::CIDSYSTEMINFO)?;
        let registry = info.get::<PdfString<'_>>(keys::REGISTRY)?;
        let ordering = info.get::<PdfString<'_>>(keys::ORDERING)?;
        let family = CidFamily::from_registry_ordering(&registry, &ordering);
        let unicode = CMap::parse(load_embedded(family.ucs2_cmap()?)?, load_embedded)?;
        Some(Self { encoding, unicode })
    }

    fn text(&self, code: u32) -> Option<BfString> {
        let cid = (1..=4).find_map(|length| self.encoding.lookup_cid_code(code, length))?;
        self.unicode.lookup_bf_string(cid)
    }
}

/// The fonts of a document.
pub(super) struct Fonts<'a> {
    cache: FontCache<'a>,
    files: FontResolverFn,
    cmaps: CMapResolverFn,
    known: HashMap<(usize, usize), Option<Rc<Codes<'a>>>>,
}

impl<'a> Fonts<'a> {
    pub(super) fn new() -> Self {
        let none: FontData = Arc::new(NO_GLYPHS);
        Self {
            cache: FontCache::new(),
            files: Arc::new(move |_| Some((Arc::clone(&none), 0))),
            cmaps: Arc::new(load_embedded),
            known: HashMap::new(),
        }
    }

    /// The font that a dictionary describes; nothing when it cannot be read.
    pub(super) fn of(&mut self, dict: &Dict<'a>) -> Option<Rc<Codes<'a>>> {
        // A dictionary is a view into the document: where it begins says which it is.
        let key = (dict.data().as_ptr().addr(), dict.data().len());
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let codes = self.cache.font(dict, &self.files, &self.cmaps).map(|font| {
            let by_cid = if dict.get::<Object<'_>>(keys::TO_UNICODE).is_none() { ByCid::of(dict) } else { None };
            Rc::new(Codes { font, by_cid, known: RefCell::new(HashMap::new()) })
        });
        self.known.insert(key, codes.clone());
        codes
    }
}
