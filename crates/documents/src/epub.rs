//! EPUB: the chapters of its spine, in their order.

use crate::Kind;
use crate::document::{Document, Note, Place};
use crate::draft::Draft;
use crate::html;
use crate::problem::{Bound, Limits, Problem};
use crate::xml::{self, Event, Reader};
use crate::zipped::Archive;
use std::collections::HashMap;

/// Where an EPUB says which file describes it.
const CONTAINER: &str = "META-INF/container.xml";

/// Where it says which of its files are encrypted.
const ENCRYPTION: &str = "META-INF/encryption.xml";

/// Reads an EPUB.
///
/// # Errors
///
/// [`Problem::Encrypted`] for one whose chapters are, [`Problem::Corrupt`] without a description, and those of an archive.
pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<Document, Problem> {
    let mut archive = Archive::open(bytes, limits)?;
    let package = package(&mut archive, limits)?;
    let hidden = encrypted(&mut archive, limits)?;
    let mut draft = Draft::new(Kind::Epub, limits);
    draft.title(&package.title);
    for (path, number) in package.chapters.iter().zip(1u32..) {
        if number > limits.pages {
            draft.note(Note::Cut { what: Bound::Pages, limit: u64::from(limits.pages) });
            break;
        }
        if hidden.contains(path) {
            return Err(Problem::Encrypted);
        }
        match archive.read(path) {
            Ok(Some(chapter)) => push(&mut draft, number, &chapter),
            Ok(None) | Err(Problem::Corrupt { .. }) => draft.note(Note::Damaged),
            Err(problem) => return Err(problem),
        }
        if draft.is_full() {
            break;
        }
    }
    draft.finish()
}

fn push(draft: &mut Draft, number: u32, chapter: &[u8]) {
    let page = html::render(&html::decode(chapter), draft.room());
    let title = page.parts.iter().find(|part| !part.heading.is_empty()).map(|part| part.heading.clone());
    let text = page.parts.into_iter().map(|part| part.text).collect::<Vec<_>>().join("\n\n");
    draft.push(Place::Chapter { number, title: title.unwrap_or_default() }, text);
}

#[derive(Default)]
struct Package {
    title: String,
    chapters: Vec<String>,
}

fn package(archive: &mut Archive<'_>, limits: &Limits) -> Result<Package, Problem> {
    let container = archive.read(CONTAINER)?.ok_or_else(|| corrupt("no container.xml"))?;
    let path = attribute_of(&container, "rootfile", "full-path", limits)?
        .into_iter()
        .next()
        .ok_or_else(|| corrupt("no package is named"))?;
    let described = archive.read(&path)?.ok_or_else(|| corrupt("no package"))?;
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let text = xml::decode(&described);
    let mut reader = Reader::new(&text, limits);
    let (mut package, mut files, mut in_title) = (Package::default(), HashMap::new(), false);
    while let Some(event) = reader.next()? {
        match event {
            Event::Open(tag) => match tag.name() {
                "title" => in_title = package.title.is_empty(),
                "item" => {
                    if let (Some(id), Some(href)) = (tag.attribute("id"), tag.attribute("href")) {
                        files.insert(id, resolve(folder, &href));
                    }
                }
                "itemref" => package.chapters.extend(tag.attribute("idref").and_then(|id| files.get(&id).cloned())),
                _ => {}
            },
            Event::Close(name) => in_title &= name != "title",
            Event::Text(text) if in_title => package.title.push_str(&text),
            Event::Text(_) => {}
        }
    }
    Ok(package)
}

/// The files that are encrypted, but for fonts, which readers obfuscate.
fn encrypted(archive: &mut Archive<'_>, limits: &Limits) -> Result<Vec<String>, Problem> {
    match archive.read(ENCRYPTION)? {
        Some(list) => {
            Ok(attribute_of(&list, "CipherReference", "URI", limits)?.iter().map(|path| resolve("", path)).collect())
        }
        None => Ok(Vec::new()),
    }
}

fn attribute_of(bytes: &[u8], name: &str, attribute: &str, limits: &Limits) -> Result<Vec<String>, Problem> {
    let text = xml::decode(bytes);
    let mut reader = Reader::new(&text, limits);
    let mut found = Vec::new();
    while let Some(event) = reader.next()? {
        if let Event::Open(tag) = event
            && tag.name() == name
        {
            found.extend(tag.attribute(attribute));
        }
    }
    Ok(found)
}

/// A name in the archive, of a reference from a folder. It only ever names a file of the archive.
fn resolve(folder: &str, href: &str) -> String {
    let href = unescape(href.split(['#', '?']).next().unwrap_or_default());
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in href.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// A reference without `%20` and the like.
fn unescape(href: &str) -> String {
    let mut bytes = Vec::with_capacity(href.len());
    let mut rest = href.as_bytes();
    while let [byte, after @ ..] = rest {
        let escaped = after.get(..2).filter(|_| *byte == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        match escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(meant) => {
                bytes.push(meant);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn corrupt(detail: &str) -> Problem {
    Problem::Corrupt { detail: detail.to_owned() }
}
