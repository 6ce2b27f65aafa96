//! The OpenAI API's description, compiled into lookup tables, and the check of a body against it.

use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::OnceLock;

/// Operations and schemas by name.
#[derive(Deserialize)]
pub(super) struct Description {
    operations: HashMap<String, Operation>,
    schemas: HashMap<String, Schema>,
}

#[derive(Deserialize)]
struct Operation {
    body: Option<Body>,
    query: HashMap<String, Schema>,
    #[cfg(test)]
    answer: Option<Schema>,
}

#[derive(Deserialize)]
struct Body {
    schema: Schema,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Schema {
    #[serde(rename = "ref")]
    reference: Option<String>,
    #[serde(rename = "type")]
    kind: Option<Kinds>,
    nullable: bool,
    properties: Option<HashMap<String, Schema>>,
    required: Vec<String>,
    more: Option<Box<Schema>>,
    items: Option<Box<Schema>>,
    any: Vec<Schema>,
    #[serde(rename = "enum")]
    one_of: Vec<Value>,
    minimum: Option<f64>,
    maximum: Option<f64>,
    min_length: Option<usize>,
    max_length: Option<usize>,
    min_items: Option<usize>,
    max_items: Option<usize>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Kinds {
    One(Kind),
    Some(Vec<Kind>),
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Kind {
    String,
    Integer,
    Number,
    Boolean,
    Array,
    Object,
    Null,
    File,
}

/// What is wrong, and with which parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// `messages[0].role`.
    pub(super) param: String,
    pub(super) told: String,
}

/// The description, read on first use.
#[allow(clippy::expect_used, reason = "the file is part of the program, and a test reads it")]
pub(super) fn description() -> &'static Description {
    static DESCRIPTION: OnceLock<Description> = OnceLock::new();
    DESCRIPTION.get_or_init(|| {
        serde_json::from_str(include_str!("../../specs/openai.json")).expect("the embedded description is readable")
    })
}

impl Description {
    /// The operation of a request (`get /files/{file_id}`), and what stands in the places of its path.
    pub(super) fn operation<'a>(&'static self, verb: &str, path: &'a str) -> Option<(&'static str, Vec<&'a str>)> {
        let verb = verb.to_lowercase();
        let mut found = self.operations.keys().filter_map(|name| Some((name.as_str(), places(name, &verb, path)?)));
        found.next()
    }

    /// Says what is wrong with the query of an operation; `metadata[k]` is a part of `metadata`.
    pub(super) fn check_query(&self, operation: &str, query: &[(String, String)]) -> Vec<Wrong> {
        let Some(expected) = self.operations.get(operation).map(|operation| &operation.query) else {
            return Vec::new();
        };
        let mut wrong = Vec::new();
        for (name, text) in query {
            let before = wrong.len();
            match expected.get(name.split('[').next().unwrap_or_default()) {
                Some(_) if name.contains('[') || text == "null" => {}
                Some(schema) => self.check(schema, &schema.read(text), &mut wrong),
                None => push(&mut wrong, "unknown parameter".to_owned()),
            }
            within(&mut wrong, before, name);
        }
        wrong
    }

    /// Makes numbers and yes-or-no of the texts of a form, where the operation has such fields.
    pub(super) fn read_form(&self, operation: &str, form: &mut Value) {
        let body = self.operations.get(operation).and_then(|operation| operation.body.as_ref());
        let Some(schema) = body.map(|body| self.named(&body.schema)) else { return };
        for (name, value) in form.as_object_mut().into_iter().flatten() {
            let Some(property) = schema.properties.as_ref().and_then(|properties| properties.get(name)) else {
                continue;
            };
            let read = value.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
            if let Some(read) =
                read.filter(|read| (read.is_number() || read.is_boolean()) && self.takes(property, read))
            {
                *value = read;
            }
        }
    }

    /// Whether a value is of a kind that a schema names; its limits aside.
    fn takes(&self, schema: &Schema, value: &Value) -> bool {
        let schema = self.named(schema);
        schema.kind.as_ref().is_some_and(|kind| kind.fits(value)) || schema.any.iter().any(|one| self.takes(one, value))
    }

    fn named<'a>(&'a self, schema: &'a Schema) -> &'a Schema {
        schema.reference.as_ref().and_then(|name| self.schemas.get(name)).unwrap_or(schema)
    }

    /// Says what is wrong with the body of an operation (`post /chat/completions`).
    pub(super) fn check_body(&self, operation: &str, body: &Value) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        if let Some(expected) = self.operations.get(operation).and_then(|operation| operation.body.as_ref()) {
            self.check(&expected.schema, body, &mut wrong);
        }
        wrong
    }

    /// Says what is wrong with the answer of an operation.
    #[cfg(test)]
    pub(super) fn check_answer(&self, operation: &str, answer: &Value) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        match self.operations.get(operation).and_then(|operation| operation.answer.as_ref()) {
            Some(expected) => self.check(expected, answer, &mut wrong),
            None => push(&mut wrong, format!("{operation} has no answer")),
        }
        wrong
    }

    /// Says what is wrong with a value of a named schema.
    #[cfg(test)]
    pub(super) fn check_named(&self, name: &str, value: &Value) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        match self.schemas.get(name) {
            Some(schema) => self.check(schema, value, &mut wrong),
            None => push(&mut wrong, format!("no schema {name}")),
        }
        wrong
    }

    fn check(&self, schema: &Schema, value: &Value, wrong: &mut Vec<Wrong>) {
        if value.is_null() && schema.nullable {
            return;
        }
        if let Some(named) = &schema.reference {
            if let Some(schema) = self.schemas.get(named) {
                self.check(schema, value, wrong);
            }
            return;
        }
        if !schema.any.is_empty() {
            return self.check_any(&schema.any, value, wrong);
        }
        if !schema.one_of.is_empty() && !schema.one_of.contains(value) {
            return push(wrong, format!("{value} is none of {}", Value::from(schema.one_of.clone())));
        }
        if let Some(kinds) = &schema.kind
            && !kinds.fits(value)
        {
            return push(wrong, format!("{} is of the wrong type", short(value)));
        }
        self.check_limits(schema, value, wrong);
        match value {
            Value::Object(object) => self.check_object(schema, object, wrong),
            Value::Array(values) => self.check_items(schema, values, wrong),
            _ => {}
        }
    }

    fn check_any(&self, choices: &[Schema], value: &Value, wrong: &mut Vec<Wrong>) {
        let mut best: Option<Vec<Wrong>> = None;
        for choice in choices {
            let mut told = Vec::new();
            self.check(choice, value, &mut told);
            if told.is_empty() {
                return;
            }
            if best.as_ref().is_none_or(|best| told.len() < best.len()) {
                best = Some(told);
            }
        }
        wrong.extend(best.unwrap_or_default());
    }

    fn check_object(&self, schema: &Schema, object: &Map<String, Value>, wrong: &mut Vec<Wrong>) {
        let Some(properties) = &schema.properties else { return self.check_more(schema, object, wrong) };
        for (name, value) in object {
            let before = wrong.len();
            match properties.get(name).or(schema.more.as_deref()) {
                Some(property) => self.check(property, value, wrong),
                None => push(wrong, "unknown parameter".to_owned()),
            }
            within(wrong, before, name);
        }
        for needed in schema.required.iter().filter(|needed| !object.contains_key(*needed)) {
            wrong.push(Wrong { param: needed.clone(), told: "missing".to_owned() });
        }
    }

    fn check_more(&self, schema: &Schema, object: &Map<String, Value>, wrong: &mut Vec<Wrong>) {
        let Some(more) = &schema.more else { return };
        for (name, value) in object {
            let before = wrong.len();
            self.check(more, value, wrong);
            within(wrong, before, name);
        }
    }

    fn check_items(&self, schema: &Schema, values: &[Value], wrong: &mut Vec<Wrong>) {
        let Some(item) = &schema.items else { return };
        for (at, value) in values.iter().enumerate() {
            let before = wrong.len();
            self.check(item, value, wrong);
            within(wrong, before, &format!("[{at}]"));
        }
    }

    fn check_limits(&self, schema: &Schema, value: &Value, wrong: &mut Vec<Wrong>) {
        let (least, most, count) = match value {
            Value::Number(number) => (schema.minimum, schema.maximum, number.as_f64()),
            Value::String(text) if schema.min_length.or(schema.max_length).is_some() => {
                (real(schema.min_length), real(schema.max_length), Some(text.chars().count() as f64))
            }
            Value::Array(values) => (real(schema.min_items), real(schema.max_items), Some(values.len() as f64)),
            _ => return,
        };
        let Some(count) = count else { return };
        if least.is_some_and(|least| count < least) || most.is_some_and(|most| count > most) {
            push(wrong, format!("{count} is not within {least:?} and {most:?}"));
        }
    }
}

impl Schema {
    /// A value that came as text.
    fn read(&self, text: &str) -> Value {
        match &self.kind {
            Some(Kinds::One(Kind::Integer | Kind::Number)) => text.parse::<i64>().map_or(text.into(), Value::from),
            _ => text.into(),
        }
    }
}

/// What stands in the places (`{file_id}`) of an operation's path; none where the path is another. The
/// last place of a model's path takes the rest: names of models have slashes.
fn places<'a>(operation: &str, verb: &str, path: &'a str) -> Option<Vec<&'a str>> {
    let template = operation.strip_prefix(verb)?.strip_prefix(' ')?;
    if let Some(model) = path.strip_prefix("/models/").filter(|_| template == "/models/{model}") {
        return Some(vec![model]);
    }
    let mut found = Vec::new();
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(found),
            (Some(place), Some(part)) if place.starts_with('{') && !part.is_empty() => found.push(part),
            (Some(place), Some(part)) if place == part => {}
            _ => return None,
        }
    }
}

impl Kinds {
    fn fits(&self, value: &Value) -> bool {
        match self {
            Self::One(kind) => kind.fits(value),
            Self::Some(kinds) => kinds.iter().any(|kind| kind.fits(value)),
        }
    }
}

impl Kind {
    fn fits(self, value: &Value) -> bool {
        match self {
            Self::String | Self::File => value.is_string(),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Number => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::Array => value.is_array(),
            Self::Object => value.is_object(),
            Self::Null => value.is_null(),
        }
    }
}

fn real(count: Option<usize>) -> Option<f64> {
    count.map(|count| count as f64)
}

fn push(wrong: &mut Vec<Wrong>, told: String) {
    wrong.push(Wrong { param: String::new(), told });
}

/// Puts the name in front of what was told since.
fn within(wrong: &mut [Wrong], before: usize, name: &str) {
    for told in wrong.iter_mut().skip(before) {
        let dot = if told.param.is_empty() || told.param.starts_with('[') { "" } else { "." };
        told.param = format!("{name}{dot}{}", told.param);
    }
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() > 40 { text.chars().take(40).collect::<String>() + "…" } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn wrong(body: Value) -> Vec<String> {
        let wrong = description().check_body("post /chat/completions", &body);
        wrong.iter().map(|wrong| format!("{}: {}", wrong.param, wrong.told)).collect()
    }

    #[test]
    fn a_good_body_has_nothing_wrong() {
        let body = json!({
            "model": "any", "stream": true, "stream_options": {"include_usage": true}, "max_completion_tokens": 5,
            "temperature": 0.5, "messages": [
                {"role": "system", "content": "s"}, {"role": "user", "content": [{"type": "text", "text": "x"}], "name": "al"},
                {"role": "assistant", "content": "y"}, {"role": "user", "content": "z"}]
        });
        assert_eq!(wrong(body), [""; 0]);
    }

    #[test]
    fn each_broken_rule_is_told_with_its_parameter() {
        let user = json!([{"role": "user", "content": "x"}]);
        let check = |body, expected: &str| assert_eq!(wrong(body), [expected]);
        check(json!({"messages": user}), "model: missing");
        check(json!({"model": "m", "messages": []}), "messages: 0 is not within Some(1.0) and None");
        check(json!({"model": "m", "messages": user, "colour": 1}), "colour: unknown parameter");
        check(
            json!({"model": "m", "messages": user, "temperature": 3}),
            "temperature: 3 is not within Some(0.0) and Some(2.0)",
        );
        check(json!({"model": "m", "messages": user, "stream": "yes"}), "stream: \"yes\" is of the wrong type");
        let told = wrong(json!({"model": "m", "messages": [{"role": "boss", "content": "x"}]}));
        assert!(told.first().is_some_and(|told| told.starts_with("messages[0].role: \"boss\" is none of")), "{told:?}");
    }
}
