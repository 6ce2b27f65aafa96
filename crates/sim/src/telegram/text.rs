//! Text as Telegram sees it: lengths and offsets in UTF-16 units, entities that must fit the text,
//! and the entities that it finds by itself in what people write.

use super::message::Entity;
use serde_json::Value;

/// Length in UTF-16 units.
pub(super) fn utf16(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().map(char::len_utf16).sum() }
}

/// Accepts a text with its entities as the server does (white space at the ends falls), or says
/// what is wrong with the entities.
pub(super) fn accept(text: &str, entities: Option<&Value>) -> Result<(String, Vec<Entity>), String> {
    let mut entities = read(entities);
    check(text, &entities)?;
    let kept = text.trim_end();
    let lead = lead(kept, &entities);
    let kept = kept.get(lead..).unwrap_or_default();
    if entities.is_empty() {
        return Ok((kept.to_owned(), entities));
    }
    // What is cut in front is white space, each one unit.
    let (shift, end) = (utf16(text.get(..lead).unwrap_or_default()), utf16(kept));
    for entity in &mut entities {
        entity.offset = entity.offset.saturating_sub(shift);
        entity.length = entity.length.min(end.saturating_sub(entity.offset));
    }
    entities.retain(|entity| entity.length > 0);
    entities.sort_by(|a, b| (a.offset, b.length, &a.kind).cmp(&(b.offset, a.length, &b.kind)));
    Ok((kept.to_owned(), entities))
}

/// Bytes of white space in front that no entity holds.
fn lead(text: &str, entities: &[Entity]) -> usize {
    let limit = entities.iter().map(|entity| entity.offset).min().unwrap_or(usize::MAX);
    let space = text.char_indices().take(limit).take_while(|(_, c)| c.is_whitespace());
    space.map(|(at, c)| at + c.len_utf8()).last().unwrap_or(0)
}

fn read(entities: Option<&Value>) -> Vec<Entity> {
    let list = entities.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(Entity::read).collect()
}

/// Refuses entities out of range, through the middle of a character, overlapping, or nested where
/// the Bot API forbids it (there the formatting would silently be lost).
fn check(text: &str, entities: &[Entity]) -> Result<(), String> {
    if entities.is_empty() {
        return Ok(());
    }
    if entities.len() > 100 {
        return Err(format!("{} entities, at most 100 are shown", entities.len()));
    }
    let edges = edges(text);
    for entity in entities {
        let end = entity.offset.saturating_add(entity.length);
        let on_edge = |at: usize| edges.get(at).copied().unwrap_or(false);
        if entity.length == 0 || !on_edge(entity.offset) || !on_edge(end) {
            let units = edges.len().saturating_sub(1);
            return Err(format!(
                "{} at {}+{} does not fit a text of {units} units",
                entity.kind, entity.offset, entity.length
            ));
        }
    }
    nesting(entities)
}

/// For each UTF-16 offset whether a character begins (or the text ends) there.
fn edges(text: &str) -> Vec<bool> {
    let mut edges = Vec::with_capacity(text.len() + 1);
    for character in text.chars() {
        edges.push(true);
        if character.len_utf16() == 2 {
            edges.push(false);
        }
    }
    edges.push(true);
    edges
}

fn nesting(entities: &[Entity]) -> Result<(), String> {
    let mut sorted: Vec<&Entity> = entities.iter().collect();
    sorted.sort_by_key(|entity| (entity.offset, usize::MAX - entity.length));
    let mut open: Vec<&Entity> = Vec::new();
    for entity in sorted {
        open.retain(|outer| outer.end() > entity.offset);
        for outer in &open {
            if outer.end() < entity.end() {
                return Err(format!("{} and {} overlap at {}", outer.kind, entity.kind, entity.offset));
            }
            if !may_hold(&outer.kind, &entity.kind) {
                return Err(format!("{} cannot be inside {} at {}", entity.kind, outer.kind, entity.offset));
            }
        }
        open.push(entity);
    }
    Ok(())
}

fn may_hold(outer: &str, inner: &str) -> bool {
    let plain = |kind: &str| matches!(kind, "bold" | "italic" | "underline" | "strikethrough" | "spoiler");
    let code = |kind: &str| matches!(kind, "pre" | "code");
    let quote = |kind: &str| matches!(kind, "blockquote" | "expandable_blockquote");
    match (outer, inner) {
        _ if code(outer) => false,
        _ if quote(outer) => !quote(inner),
        _ if quote(inner) => plain(outer),
        _ if code(inner) => false,
        _ => plain(outer) || plain(inner),
    }
}

/// Finds the entities that the server marks by itself: commands, mentions, links, hashtags.
pub(super) fn detect(text: &str) -> Vec<Entity> {
    let mut found = Vec::new();
    if !text.contains(['/', '@', '#']) {
        return found;
    }
    let mut offset = 0;
    let mut before = ' ';
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let taken = match token(first, before, rest) {
            Some((kind, bytes)) => {
                let word = rest.get(..bytes).unwrap_or(rest);
                found.push(Entity::plain(kind, offset, utf16(word)));
                bytes
            }
            None => first.len_utf8(),
        };
        let (done, left) = rest.split_at(taken);
        offset += utf16(done);
        before = done.chars().next_back().unwrap_or(first);
        rest = left;
    }
    found
}

fn token(first: char, before: char, rest: &str) -> Option<(&'static str, usize)> {
    if before.is_alphanumeric() || matches!(before, '/' | '@' | '_') {
        return None;
    }
    match first {
        '/' => command(rest).map(|bytes| ("bot_command", bytes)),
        '@' => name(rest.get(1..)?, 3).map(|bytes| ("mention", bytes + 1)),
        '#' => name(rest.get(1..)?, 1).map(|bytes| ("hashtag", bytes + 1)),
        'h' if rest.starts_with("http://") || rest.starts_with("https://") => {
            Some(("url", rest.find(char::is_whitespace).unwrap_or(rest.len())))
        }
        _ => None,
    }
}

fn command(rest: &str) -> Option<usize> {
    let bytes = 1 + name(rest.get(1..)?, 1)?;
    match rest.get(bytes..)?.chars().next() {
        Some('@') => Some(bytes + name(rest.get(bytes + 1..)?, 3).map_or(0, |more| more + 1)),
        Some('/') => None,
        _ => Some(bytes),
    }
}

fn name(text: &str, least: usize) -> Option<usize> {
    let bytes = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    (bytes >= least).then_some(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn refused(text: &str, entities: Value) -> Option<String> {
        accept(text, Some(&entities)).err()
    }
    fn entity(kind: &str, offset: usize, length: usize) -> Value {
        json!({"type": kind, "offset": offset, "length": length})
    }

    #[test]
    fn entities_must_fit_the_text_in_utf16_units() {
        assert_eq!(refused("🙂x", json!([entity("bold", 0, 3)])), None);
        assert!(refused("🙂x", json!([entity("bold", 0, 4)])).unwrap().contains("does not fit"));
        assert!(refused("🙂x", json!([entity("bold", 1, 2)])).unwrap().contains("does not fit"));
        assert!(refused("x", json!([entity("bold", 0, 0)])).unwrap().contains("does not fit"));
    }

    #[test]
    fn entities_nest_or_stay_apart() {
        assert_eq!(refused("abcdef", json!([entity("bold", 0, 6), entity("italic", 2, 2)])), None);
        assert!(refused("abcdef", json!([entity("bold", 0, 4), entity("italic", 2, 4)])).unwrap().contains("overlap"));
        assert!(refused("abcdef", json!([entity("bold", 0, 4), entity("code", 2, 2)])).unwrap().contains("inside"));
        assert_eq!(refused("abcdef", json!([entity("blockquote", 0, 6), entity("pre", 0, 3)])), None);
    }

    #[test]
    fn white_space_at_the_ends_falls() {
        let (text, entities) = accept("\n  hi there \n", Some(&json!([entity("bold", 3, 10)]))).unwrap();
        assert_eq!(
            (text.as_str(), entities.first().unwrap().offset, entities.first().unwrap().length),
            ("hi there", 0, 8)
        );
        assert_eq!(accept(" \n ", None).unwrap().0, "");
        assert_eq!(accept("  x", Some(&json!([entity("pre", 0, 3)]))).unwrap().0, "  x");
    }

    #[test]
    fn commands_mentions_and_links_are_found() {
        let found = |text| detect(text).iter().map(|e| (e.kind.clone(), e.offset, e.length)).collect::<Vec<_>>();
        let is = |kind: &str, offset, length| (kind.to_owned(), offset, length);
        assert_eq!(found("/start@my_bot abc"), [is("bot_command", 0, 13)]);
        assert_eq!(found("ю @alice, см. https://x.org/a?b и/или a@b"), [is("mention", 2, 6), is("url", 14, 17)]);
        assert_eq!(found("🙂 /a #tag"), [is("bot_command", 3, 2), is("hashtag", 6, 4)]);
        assert_eq!(found("/etc/passwd"), []);
    }
}
