//! The Bot API's description, compiled into lookup tables, and the check of a request against it.
//!
//! The tables are read once per process; a request that keeps the rules costs a few map lookups
//! and no allocation. What is told about a violation names the method, the field and the rule.

use super::text::utf16;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::OnceLock;

/// Methods and types by name.
pub(super) struct Spec {
    methods: HashMap<Box<str>, Fields>,
    types: Vec<Shape>,
    names: HashMap<Box<str>, usize>,
}

#[derive(Default)]
struct Fields {
    by_name: HashMap<Box<str>, Field>,
    needed: Vec<Box<str>>,
    returns_true: bool,
}

enum Shape {
    Fields(Fields),
    Any(Kind),
}

struct Field {
    kind: Kind,
    limit: Option<Limit>,
    one_of: Vec<Box<str>>,
}

struct Limit {
    min: i64,
    max: i64,
    unit: Unit,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Unit {
    Utf16,
    Bytes,
    Items,
    Value,
}

enum Kind {
    Integer,
    Float,
    Text,
    Bool,
    File,
    Object,
    List(Box<Kind>),
    Type(usize),
    Any(Vec<Kind>),
}

#[derive(Deserialize)]
struct Raw {
    methods: HashMap<String, RawShape>,
    types: HashMap<String, RawShape>,
}

#[derive(Deserialize)]
struct RawShape {
    #[serde(default)]
    fields: HashMap<String, RawField>,
    #[serde(default)]
    any: Vec<String>,
    #[serde(default)]
    returns: Vec<String>,
}

#[derive(Deserialize)]
struct RawField {
    t: String,
    #[serde(default)]
    req: bool,
    min: Option<i64>,
    max: Option<i64>,
    unit: Option<Unit>,
    #[serde(default, rename = "enum")]
    one_of: Vec<String>,
}

/// The description, read on first use.
pub(super) fn spec() -> &'static Spec {
    static SPEC: OnceLock<Spec> = OnceLock::new();
    SPEC.get_or_init(|| Spec::compile(read()))
}

fn read() -> Raw {
    let mut raw = parse(include_str!("../../specs/telegram.json"));
    let extra = parse(include_str!("../../specs/extra.json"));
    overlay(&mut raw.methods, extra.methods);
    overlay(&mut raw.types, extra.types);
    raw
}

#[allow(clippy::expect_used, reason = "the files are part of the program, and a test reads them")]
fn parse(text: &str) -> Raw {
    serde_json::from_str(text).expect("the embedded description is readable")
}

fn overlay(base: &mut HashMap<String, RawShape>, extra: HashMap<String, RawShape>) {
    for (name, shape) in extra {
        let known = base.entry(name).or_insert_with(|| RawShape {
            fields: HashMap::new(),
            any: Vec::new(),
            returns: shape.returns,
        });
        known.fields.extend(shape.fields);
    }
}

impl Spec {
    fn compile(raw: Raw) -> Self {
        let names: HashMap<Box<str>, usize> =
            raw.types.keys().enumerate().map(|(at, name)| (name.as_str().into(), at)).collect();
        let mut types: Vec<Shape> = Vec::new();
        for shape in raw.types.into_values() {
            types.push(if shape.any.is_empty() {
                Shape::Fields(fields(shape.fields, &names))
            } else {
                Shape::Any(Kind::read(&shape.any.join("|"), &names))
            });
        }
        let method =
            |shape: RawShape| Fields { returns_true: shape.returns == ["Boolean"], ..fields(shape.fields, &names) };
        let methods = raw.methods.into_iter().map(|(name, shape)| (name.into(), method(shape))).collect();
        Self { methods, types, names }
    }

    /// Whether there is such a method.
    pub(super) fn knows(&self, method: &str) -> bool {
        self.methods.contains_key(method)
    }

    /// Whether all that a method returns is `true`.
    pub(super) fn returns_true(&self, method: &str) -> bool {
        self.methods.get(method).is_some_and(|fields| fields.returns_true)
    }

    /// Reads a parameter that came as text (in a query or a form) as what its field holds.
    pub(super) fn read(&self, method: &str, field: &str, text: &str) -> Value {
        let field = self.methods.get(method).and_then(|fields| fields.by_name.get(field));
        field.and_then(|field| field.kind.read_text(text)).unwrap_or_else(|| Value::from(text))
    }

    /// Says what is wrong with a request; nothing for a good one. `files` names the parts of a form
    /// that hold files.
    pub(super) fn check(&self, method: &str, params: &Map<String, Value>, files: &dyn Fn(&str) -> bool) -> Vec<String> {
        let mut wrong = Vec::new();
        match self.methods.get(method) {
            None => wrong.push("no such method".to_owned()),
            Some(fields) => self.check_fields(fields, params, files, &mut wrong),
        }
        wrong
    }

    /// Says what is wrong with an object of that type.
    pub(super) fn check_type(&self, name: &str, value: &Value) -> Vec<String> {
        let mut wrong = Vec::new();
        match self.names.get(name) {
            None => wrong.push(format!("no such type: {name}")),
            Some(at) => self.check_kind(&Kind::Type(*at), value, &mut wrong),
        }
        wrong
    }

    fn check_fields(
        &self,
        fields: &Fields,
        object: &Map<String, Value>,
        files: &dyn Fn(&str) -> bool,
        wrong: &mut Vec<String>,
    ) {
        for (name, value) in object {
            let Some(field) = fields.by_name.get(name.as_str()) else {
                wrong.push(format!("{name}: no such field"));
                continue;
            };
            if value.is_null() && !fields.needed.iter().any(|needed| **needed == **name) {
                continue;
            }
            let before = wrong.len();
            self.check_field(field, value, wrong);
            for told in wrong.iter_mut().skip(before) {
                *told = format!("{name}: {told}");
            }
        }
        for needed in &fields.needed {
            if !object.contains_key(&**needed) && !files(needed) {
                wrong.push(format!("{needed}: missing"));
            }
        }
    }

    fn check_field(&self, field: &Field, value: &Value, wrong: &mut Vec<String>) {
        let before = wrong.len();
        self.check_kind(&field.kind, value, wrong);
        if wrong.len() > before {
            return;
        }
        if let Some(limit) = &field.limit
            && let Some(count) = limit.unit.count(value)
            && !(limit.min..=limit.max).contains(&count)
        {
            wrong.push(format!("{count} is not within {}-{} {}", limit.min, limit.max, limit.unit.name()));
        }
        if let Some(text) = value.as_str()
            && !field.one_of.is_empty()
            && !field.one_of.iter().any(|word| **word == *text)
        {
            wrong.push(format!("`{text}` is none of {:?}", field.one_of));
        }
    }

    fn check_kind(&self, kind: &Kind, value: &Value, wrong: &mut Vec<String>) {
        let fits = match kind {
            Kind::Integer => value.is_i64() || value.is_u64(),
            Kind::Float => value.is_number(),
            Kind::Text => value.is_string(),
            Kind::Bool => value.is_boolean(),
            Kind::File => value.is_string(),
            Kind::Object => value.is_object(),
            Kind::List(item) => return self.check_list(item, value, wrong),
            Kind::Type(at) => return self.check_shape(*at, value, wrong),
            Kind::Any(kinds) => return self.check_any(kinds, value, wrong),
        };
        if !fits {
            wrong.push(format!("{} is not {}", name_of(value), kind.name()));
        }
    }

    fn check_list(&self, item: &Kind, value: &Value, wrong: &mut Vec<String>) {
        let Some(values) = value.as_array() else {
            wrong.push(format!("{} is not a list", name_of(value)));
            return;
        };
        for (at, value) in values.iter().enumerate() {
            let before = wrong.len();
            self.check_kind(item, value, wrong);
            for told in wrong.iter_mut().skip(before) {
                *told = format!("[{at}] {told}");
            }
        }
    }

    fn check_shape(&self, at: usize, value: &Value, wrong: &mut Vec<String>) {
        match (self.types.get(at), value) {
            (Some(Shape::Any(kind)), _) => self.check_kind(kind, value, wrong),
            (Some(Shape::Fields(fields)), Value::Object(object)) => {
                self.check_fields(fields, object, &|_| false, wrong)
            }
            _ => wrong.push(format!("{} is not an object", name_of(value))),
        }
    }

    /// One alternative must fit; otherwise the one that fits best says what is wrong.
    fn check_any(&self, kinds: &[Kind], value: &Value, wrong: &mut Vec<String>) {
        let mut best: Option<Vec<String>> = None;
        for kind in kinds {
            let mut told = Vec::new();
            self.check_kind(kind, value, &mut told);
            if told.is_empty() {
                return;
            }
            if best.as_ref().is_none_or(|best| told.len() < best.len()) {
                best = Some(told);
            }
        }
        wrong.extend(best.unwrap_or_default());
    }
}

impl Unit {
    fn name(self) -> &'static str {
        match self {
            Self::Utf16 => "UTF-16 units",
            Self::Bytes => "bytes",
            Self::Items => "items",
            Self::Value => "",
        }
    }
    fn count(self, value: &Value) -> Option<i64> {
        let count = match self {
            Self::Utf16 => utf16(value.as_str()?),
            Self::Bytes => value.as_str()?.len(),
            Self::Items => value.as_array()?.len(),
            Self::Value => return value.as_i64(),
        };
        i64::try_from(count).ok()
    }
}

impl Kind {
    /// Reads `Integer|String`, `Array of X`, `Array of X|Array of Y`.
    fn read(text: &str, names: &HashMap<Box<str>, usize>) -> Self {
        let kinds: Vec<&str> = text.split('|').collect();
        let items: Vec<&str> = kinds.iter().filter_map(|kind| kind.strip_prefix("Array of ")).collect();
        if items.len() == kinds.len() {
            return Self::List(Box::new(Self::read(&items.join("|"), names)));
        }
        match kinds.as_slice() {
            [one] => Self::one(one, names),
            _ => Self::Any(kinds.iter().map(|kind| Self::read(kind, names)).collect()),
        }
    }
    fn one(name: &str, names: &HashMap<Box<str>, usize>) -> Self {
        match name {
            "Integer" => Self::Integer,
            "Float" => Self::Float,
            "String" => Self::Text,
            "Boolean" => Self::Bool,
            "InputFile" => Self::File,
            _ => names.get(name).map_or(Self::Object, |at| Self::Type(*at)),
        }
    }
    fn name(&self) -> &'static str {
        match self {
            Self::Integer => "an integer",
            Self::Float => "a number",
            Self::Text => "a text",
            Self::Bool => "true or false",
            Self::File => "a file",
            Self::Object | Self::Type(_) | Self::Any(_) => "an object",
            Self::List(_) => "a list",
        }
    }
    fn read_text(&self, text: &str) -> Option<Value> {
        match self {
            Self::Integer => text.parse::<i64>().ok().map(Value::from),
            Self::Float => text.parse::<f64>().ok().map(Value::from),
            Self::Bool => text.parse::<bool>().ok().map(Value::from),
            Self::Text | Self::File => None,
            Self::Any(kinds) => kinds.iter().find_map(|kind| kind.read_text(text)),
            Self::List(_) | Self::Type(_) | Self::Object => serde_json::from_str(text).ok(),
        }
    }
}

fn fields(raw: HashMap<String, RawField>, names: &HashMap<Box<str>, usize>) -> Fields {
    let mut fields = Fields::default();
    for (name, raw) in raw {
        if raw.req {
            fields.needed.push(name.as_str().into());
        }
        let limit = match (raw.min, raw.max, raw.unit) {
            (Some(min), Some(max), Some(unit)) => Some(Limit { min, max, unit }),
            _ => None,
        };
        let one_of = raw.one_of.into_iter().map(Into::into).collect();
        fields.by_name.insert(name.into(), Field { kind: Kind::read(&raw.t, names), limit, one_of });
    }
    fields
}

fn name_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn wrong(method: &str, params: Value) -> Vec<String> {
        spec().check(method, params.as_object().unwrap(), &|_| false)
    }

    #[test]
    fn a_good_request_has_nothing_wrong() {
        let buttons = json!({"inline_keyboard": [[{"text": "Stop", "callback_data": "stop"}]]});
        let entities = json!([{"type": "bold", "offset": 0, "length": 2}]);
        assert_eq!(
            wrong("sendMessage", json!({"chat_id": 1, "text": "hi", "entities": entities, "reply_markup": buttons})),
            [""; 0]
        );
        assert_eq!(
            wrong("sendMessageDraft", json!({"chat_id": 1, "draft_id": 5, "text": "", "can_stop": true})),
            [""; 0]
        );
        assert_eq!(
            wrong(
                "setMyCommands",
                json!({"commands": [{"command": "a", "description": "b"}], "scope": {"type": "all_group_chats"}})
            ),
            [""; 0]
        );
    }

    #[test]
    fn each_broken_rule_is_told_with_its_field() {
        let check = |method, params, expected: &str| assert_eq!(wrong(method, params), [expected]);
        check("sendMesage", json!({}), "no such method");
        check("sendMessage", json!({"chat_id": 1}), "text: missing");
        check("sendMessage", json!({"chat_id": true, "text": "x"}), "chat_id: a truth value is not an integer");
        check("sendMessage", json!({"chat_id": 1, "text": "x", "colour": 1}), "colour: no such field");
        check(
            "sendMessage",
            json!({"chat_id": 1, "text": "🙂".repeat(2049)}),
            "text: 4098 is not within 1-4096 UTF-16 units",
        );
        check("getUpdates", json!({"limit": 101}), "limit: 101 is not within 1-100 ");
        check("deleteMessages", json!({"chat_id": 1, "message_ids": []}), "message_ids: 0 is not within 1-100 items");
        let long = json!({"inline_keyboard": [[{"text": "Stop", "callback_data": "ы".repeat(33)}]]});
        check(
            "editMessageText",
            json!({"text": "x", "reply_markup": long}),
            "reply_markup: inline_keyboard: [0] [0] callback_data: 66 is not within 1-64 bytes",
        );
        let entities = json!([{"type": "fat", "offset": 0, "length": 2}]);
        assert!(
            wrong("sendMessage", json!({"chat_id": 1, "text": "hi", "entities": entities}))
                .first()
                .unwrap()
                .starts_with("entities: [0] type: `fat` is none of")
        );
    }

    #[test]
    fn texts_of_a_form_become_what_their_field_holds() {
        let read = |field, text| spec().read("sendMessage", field, text);
        assert_eq!(read("chat_id", "-5"), json!(-5));
        assert_eq!(read("chat_id", "@team"), json!("@team"));
        assert_eq!(read("text", "5"), json!("5"));
        assert_eq!(read("protect_content", "true"), json!(true));
        assert_eq!(read("reply_parameters", r#"{"message_id":3}"#), json!({"message_id": 3}));
    }
}
