//! XML as a stream of tags and text, without namespaces. Entities that a document declares itself are what makes a
//! kilobyte grow to gigabytes: a document that declares any is refused, and nothing outside it is ever fetched.

use crate::problem::{Bound, Limits, Problem};
use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event as Raw};
use std::borrow::Cow;

/// What stands next in a document.
#[derive(Debug)]
pub(crate) enum Event<'a> {
    /// An element begins. One without content is followed by its end all the same.
    Open(Tag<'a>),
    /// An element ends: its name, without a prefix.
    Close(String),
    /// Text. One run of text may come in several pieces.
    Text(Cow<'a, str>),
}

/// The beginning of an element.
#[derive(Debug)]
pub(crate) struct Tag<'a>(BytesStart<'a>);

impl Tag<'_> {
    /// The element's name, without a prefix.
    pub(crate) fn name(&self) -> &str {
        local(self.0.name().into_inner())
    }

    /// The value of the first attribute of this name that has a prefix, whichever it is.
    pub(crate) fn prefixed_attribute(&self, name: &str) -> Option<String> {
        let mut attributes = self.0.attributes();
        attributes.with_checks(false);
        let found = attributes.flatten().find(|attribute| {
            let key = attribute.key.into_inner();
            key.contains(':') && local(key) == name
        })?;
        found.normalized_value(XmlVersion::Implicit1_0).ok().map(Cow::into_owned)
    }

    /// The value of the first attribute of this name, without regard to prefixes.
    pub(crate) fn attribute(&self, name: &str) -> Option<String> {
        let mut attributes = self.0.attributes();
        // Looking for doubles takes time that grows with the square of their number.
        attributes.with_checks(false);
        let found = attributes.flatten().find(|attribute| local(attribute.key.into_inner()) == name)?;
        found.normalized_value(XmlVersion::Implicit1_0).ok().map(Cow::into_owned)
    }
}

/// A reader of a document.
pub(crate) struct Reader<'a> {
    inner: quick_xml::Reader<&'a [u8]>,
    depth: u32,
    most: u32,
}

impl<'a> Reader<'a> {
    /// Reads a text, which [`decode`] gives.
    pub(crate) fn new(text: &'a str, limits: &Limits) -> Self {
        let mut inner = quick_xml::Reader::from_str(text);
        let config = inner.config_mut();
        config.expand_empty_elements = true;
        config.allow_dangling_amp = true;
        Self { inner, depth: 0, most: limits.depth }
    }

    /// What comes next; nothing at the end.
    ///
    /// # Errors
    ///
    /// [`Problem::Corrupt`] for what is no XML, also for a document that ends inside an element;
    /// [`Problem::Hostile`] for declared entities; [`Problem::TooLarge`] for elements nested too deeply.
    pub(crate) fn next(&mut self) -> Result<Option<Event<'a>>, Problem> {
        loop {
            let raw = self.inner.read_event().map_err(|error| corrupt(&error))?;
            match raw {
                Raw::Start(start) => {
                    self.deeper()?;
                    return Ok(Some(Event::Open(Tag(start))));
                }
                Raw::End(end) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(Some(Event::Close(local(end.name().into_inner()).to_owned())));
                }
                Raw::Text(text) => return Ok(Some(Event::Text(text.into_inner()))),
                Raw::CData(text) => return Ok(Some(Event::Text(text.into_inner()))),
                Raw::GeneralRef(reference) => return Ok(Some(Event::Text(referred(&reference)))),
                Raw::DocType(declared) => refuse_entities(declared.as_bytes())?,
                Raw::Eof if self.depth > 0 => {
                    return Err(Problem::Corrupt { detail: "ends inside an element".to_owned() });
                }
                Raw::Eof => return Ok(None),
                Raw::Empty(_) | Raw::Comment(_) | Raw::Decl(_) | Raw::PI(_) => {}
            }
        }
    }

    fn deeper(&mut self) -> Result<(), Problem> {
        self.depth = self.depth.saturating_add(1);
        if self.depth > self.most {
            return Err(Problem::TooLarge { what: Bound::Depth, limit: u64::from(self.most) });
        }
        Ok(())
    }
}

/// An XML file as text: by its byte order mark, else by the encoding that it declares, else UTF-8.
pub(crate) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    let declared = declared_encoding(bytes).and_then(encoding_rs::Encoding::for_label);
    declared.unwrap_or(encoding_rs::UTF_8).decode(bytes).0
}

fn declared_encoding(bytes: &[u8]) -> Option<&[u8]> {
    let head = bytes.get(..bytes.len().min(200))?;
    let head = head.get(..memchr::memchr(b'>', head)?)?;
    let after = head.get(memchr::memmem::find(head, b"encoding")?..)?;
    let mut quoted = after.split(|byte| matches!(byte, b'"' | b'\''));
    quoted.nth(1)
}

fn refuse_entities(declared: &[u8]) -> Result<(), Problem> {
    match memchr::memmem::find(declared, b"<!ENTITY") {
        Some(_) => Err(Problem::Hostile { detail: "declares entities".to_owned() }),
        None => Ok(()),
    }
}

/// What a reference stands for; one that nobody knows stays as it is written.
fn referred<'a>(reference: &BytesRef<'_>) -> Cow<'a, str> {
    if let Ok(Some(char)) = reference.resolve_char_ref() {
        return Cow::Owned(char.to_string());
    }
    let name: &str = reference;
    match quick_xml::escape::resolve_predefined_entity(name) {
        Some(text) => Cow::Borrowed(text),
        None => Cow::Owned(format!("&{name};")),
    }
}

/// The part of a name after its prefix.
fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

fn corrupt(error: &quick_xml::Error) -> Problem {
    Problem::Corrupt { detail: error.to_string() }
}
