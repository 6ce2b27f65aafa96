//! What is taught in the measurement of learning: made from the templates and the passages in `evals/learning.*.json`.

use serde_json::Value;
use std::path::Path;

/// Something that is taught.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its number, the lesson's id.
    pub id: String,
    /// Which template it was made from.
    pub topic: usize,
    /// The question as it is taught.
    pub taught: String,
    /// Its answer.
    pub answer: String,
    /// The same in other words.
    pub asked: Vec<String>,
    /// A question of the same topic that this does not answer and nothing else does.
    pub near: String,
}

/// Everything that is taught, in an order that mixes topics and languages.
pub fn items() -> Vec<Item> {
    let mut items: Vec<Item> = ["en", "ru"].into_iter().flat_map(|lang| of(&read("learning", lang))).collect();
    items.sort_by_cached_key(|item| *blake3::hash(item.taught.as_bytes()).as_bytes());
    items.iter_mut().enumerate().for_each(|(at, item)| item.id = format!("lesson-{at:05}"));
    items
}

/// Questions that nothing answers.
pub fn nothing() -> Vec<String> {
    let rows = ["en", "ru"].into_iter().flat_map(|lang| lines("nothing", lang));
    rows.map(|row| text(&row, "question").to_owned()).collect()
}

fn of(templates: &Value) -> Vec<Item> {
    let mut items = Vec::new();
    for (topic, template) in list(templates, "templates").iter().enumerate() {
        for (at, thing) in strings(templates, "things").into_iter().enumerate() {
            for (n, place) in strings(templates, "places").into_iter().enumerate() {
                let others = strings(templates, "others");
                let (number, other) = ((7 + 13 * n + at).to_string(), others[(n + at) % others.len()]);
                let slots = [("{thing}", thing), ("{place}", place), ("{other}", other), ("{n}", &number)];
                items.push(Item {
                    id: String::new(),
                    topic,
                    taught: filled(text(template, "taught"), &slots),
                    answer: filled(text(template, "answer"), &slots),
                    asked: strings(template, "asked").into_iter().map(|asked| filled(asked, &slots)).collect(),
                    near: filled(text(template, "near"), &slots),
                });
            }
        }
    }
    items.extend(passages(templates.get("passages").unwrap_or_else(|| panic!("no passages"))));
    items
}

/// Every other line is taught with the next as its answer; of the next nothing is taught.
fn passages(passages: &Value) -> Vec<Item> {
    let lines = strings(passages, "lines");
    let item = |pair: &[&str]| {
        let slots = [("{line}", pair[0])];
        Item {
            id: String::new(),
            topic: 1,
            taught: filled(text(passages, "taught"), &slots),
            answer: pair[1].to_owned(),
            asked: strings(passages, "asked").into_iter().map(|asked| filled(asked, &slots)).collect(),
            near: filled(text(passages, "taught"), &[("{line}", pair[1])]),
        }
    };
    lines.chunks_exact(2).map(item).collect()
}

fn filled(template: &str, slots: &[(&str, &str)]) -> String {
    slots.iter().fold(template.to_owned(), |text, (slot, value)| text.replace(slot, value))
}

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../evals").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn read(name: &str, lang: &str) -> Value {
    serde_json::from_str(&file(&format!("{name}.{lang}.json"))).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn lines(name: &str, lang: &str) -> Vec<Value> {
    let text = file(&format!("{name}.{lang}.jsonl"));
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{name}: {error}"))).collect()
}

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row.get(key).and_then(Value::as_str).unwrap_or_else(|| panic!("no {key} in {row}"))
}

fn list<'a>(row: &'a Value, key: &str) -> &'a [Value] {
    row.get(key).and_then(Value::as_array).unwrap_or_else(|| panic!("no {key} in {row}"))
}

fn strings<'a>(row: &'a Value, key: &str) -> Vec<&'a str> {
    list(row, key).iter().filter_map(Value::as_str).collect()
}
