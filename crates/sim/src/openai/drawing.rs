//! `POST /v1/images/*`: pictures made from prompts, at once or with unfinished ones on the way.

use super::chat::{respond, stream_of};
use super::route::Asked;
use super::{Shared, canvas, trouble};
use crate::fault::Kind;
use crate::wire;
use axum::response::Response;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A word in a prompt that the rules forbid.
pub const FORBIDDEN: &str = "gore";

/// How pictures are made.
#[derive(Clone, Debug)]
pub struct Brush {
    /// Fields that it does not know; any server's own habits.
    pub refuses: Vec<String>,
    /// Whether it answers with addresses instead of files, where it may.
    pub addresses: bool,
    /// An address that it gives for every picture, whatever lies there.
    pub address: Option<String>,
    /// Time for each picture, unfinished ones too.
    pub delay: Duration,
}

impl Default for Brush {
    fn default() -> Self {
        Self { refuses: Vec::new(), addresses: false, address: None, delay: Duration::ZERO }
    }
}

/// What a kind of model takes.
struct Habits {
    newer: bool,
    sizes: &'static [&'static str],
    longest_prompt: usize,
    most: u64,
}

fn habits(model: &str) -> Habits {
    match model {
        "dall-e-2" => {
            Habits { newer: false, sizes: &["256x256", "512x512", "1024x1024"], longest_prompt: 1000, most: 10 }
        }
        "dall-e-3" => {
            Habits { newer: false, sizes: &["1024x1024", "1792x1024", "1024x1792"], longest_prompt: 4000, most: 1 }
        }
        _ => Habits {
            newer: true,
            sizes: &["1024x1024", "1536x1024", "1024x1536", "auto"],
            longest_prompt: 32_000,
            most: 10,
        },
    }
}

/// Answers a request whose body was checked.
pub(super) fn draw(shared: &Arc<Shared>, operation: &str, asked: &Asked<'_>, fault: Option<Kind>) -> Response {
    let brush = shared.config().brush.clone();
    if let Some(refused) = refuse(&brush, operation, asked) {
        return respond(&refused);
    }
    let number = |name: &str| asked.body.get(name).and_then(Value::as_u64);
    let drawing = match Drawing::of(operation, asked) {
        Ok(drawing) => drawing,
        Err(refused) => return respond(&refused),
    };
    if asked.body.get("stream").and_then(Value::as_bool) == Some(true) {
        let events = drawing.events(operation, number("partial_images").unwrap_or_default());
        return stream_of(events, brush.delay, fault, "text/event-stream; charset=utf-8");
    }
    let data: Vec<Value> = (0..number("n").unwrap_or(1)).map(|at| drawing.item(shared, &brush, asked, at)).collect();
    let mut body = json!({"created": now(), "data": data});
    if let (true, Some(fields)) = (drawing.newer, body.as_object_mut()) {
        fields.insert("usage".to_owned(), usage(asked.text("prompt"), data.len()));
    }
    let body = body.to_string();
    match fault {
        Some(Kind::HalfBody) => wire::half(body.into()),
        _ => wire::json(200, &[], body),
    }
}

fn refuse(brush: &Brush, operation: &str, asked: &Asked<'_>) -> Option<Kind> {
    let unknown =
        |name: &str| Some(trouble::invalid(name, "unknown_parameter", &format!("Unknown parameter: '{name}'.")));
    let has = |name: &str| asked.body.get(name).is_some();
    let (model, prompt) = (asked.text("model"), asked.text("prompt"));
    let habits = habits(model);
    if let Some(name) = brush.refuses.iter().find(|name| has(name)) {
        return unknown(name);
    }
    let foreign: &[&str] = if habits.newer {
        &["response_format", "style"]
    } else {
        &["background", "output_format", "stream", "partial_images", "moderation"]
    };
    if let Some(name) = foreign.iter().find(|name| has(name)) {
        return unknown(name);
    }
    if operation.ends_with("variations") && model != "dall-e-2" {
        return Some(trouble::invalid("model", "invalid_value", "Value must be 'dall-e-2'"));
    }
    if asked.body.get("n").and_then(Value::as_u64).is_some_and(|n| n > habits.most) {
        return Some(trouble::invalid("n", "invalid_value", &format!("Invalid 'n': at most {}.", habits.most)));
    }
    let size = asked.text("size");
    if has("size") && !habits.sizes.contains(&size) {
        let message = format!("Invalid value: '{size}'. Supported values are: '{}'.", habits.sizes.join("', '"));
        return Some(trouble::invalid("size", "invalid_value", &message));
    }
    if prompt.chars().count() > habits.longest_prompt {
        return Some(trouble::invalid("prompt", "string_above_max_length", "Invalid 'prompt': string too long."));
    }
    prompt.to_lowercase().contains(FORBIDDEN).then(|| trouble::moderated(&["violence"]))
}

/// Pictures being made.
struct Drawing {
    newer: bool,
    prompt: String,
    size: (u32, u32),
    transparent: bool,
    format: String,
    original: Option<Bytes>,
}

impl Drawing {
    fn of(operation: &str, asked: &Asked<'_>) -> Result<Self, Kind> {
        let size = asked.text("size").split_once('x').and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
        let file = |name: &str| asked.files.iter().find(|(known, _)| known == name).map(|(_, bytes)| bytes.clone());
        let original = file("image");
        let bad = |why: &str| trouble::invalid("image", "invalid_image_file", why);
        let measured =
            |bytes: &Bytes| image::load_from_memory(bytes).map(|picture| (picture.width(), picture.height()));
        if let Some(original) = &original {
            let own = measured(original).map_err(|_| bad("Invalid image file or mode for image 1."))?;
            let mask = file("mask").map(|mask| measured(&mask)).transpose();
            if mask.map_err(|_| bad("Invalid image file for the mask."))?.is_some_and(|mask| mask != own) {
                return Err(bad("Invalid mask image format - mask size does not match image size."));
            }
        } else if !operation.ends_with("generations") {
            return Err(bad("Invalid image file: there is none."));
        }
        Ok(Self {
            newer: habits(asked.text("model")).newer,
            prompt: asked.text("prompt").to_owned(),
            size: size.unwrap_or((1024, 1024)),
            transparent: asked.text("background") == "transparent",
            format: Some(asked.text("output_format")).filter(|format| !format.is_empty()).unwrap_or("png").to_owned(),
            original,
        })
    }

    /// Pictures are a sixteenth as large as they say they are: a test need not wait for more.
    fn file(&self, at: u64, done: f32) -> String {
        let size = (self.size.0 / 16, self.size.1 / 16);
        let prompt = format!("{}{at}", self.prompt);
        let edited = self.original.as_ref().and_then(|bytes| canvas::tint(bytes, &prompt, size, &self.format));
        let drawn = || canvas::draw(&prompt, size, self.transparent, done, &self.format);
        BASE64_STANDARD.encode(edited.unwrap_or_else(drawn))
    }

    fn item(&self, shared: &Shared, brush: &Brush, asked: &Asked<'_>, at: u64) -> Value {
        let file = self.file(at, 1.0);
        if let Some(address) = &brush.address {
            return json!({"url": address});
        }
        if self.newer || asked.text("response_format") == "b64_json" || !brush.addresses {
            let revised = asked.text("model") == "dall-e-3";
            let mut item = json!({"b64_json": file});
            if let (true, Some(fields)) = (revised, item.as_object_mut()) {
                fields.insert("revised_prompt".to_owned(), format!("{}, in detail", self.prompt).into());
            }
            return item;
        }
        let id = format!("picture-sim{}", shared.serial());
        let bytes = BASE64_STANDARD.decode(file).unwrap_or_default();
        shared.state().pictures.insert(id.clone(), bytes.into());
        json!({"url": format!("{}/pictures/{id}", shared.base.get().map_or("", |base| base))})
    }

    fn events(&self, operation: &str, partial: u64) -> Vec<Bytes> {
        let name = if operation.ends_with("edits") { "image_edit" } else { "image_generation" };
        let size = format!("{}x{}", self.size.0, self.size.1);
        let background = if self.transparent { "transparent" } else { "opaque" };
        let event = |kind: &str, file: String, more: Value| {
            let mut event = json!({
                "type": format!("{name}.{kind}"), "b64_json": file, "created_at": now(), "size": size,
                "quality": "high", "background": background, "output_format": self.format,
            });
            if let (Some(event), Some(more)) = (event.as_object_mut(), more.as_object()) {
                event.extend(more.clone());
            }
            Bytes::from(format!("event: {name}.{kind}\ndata: {event}\n\n"))
        };
        let part = |at: u64| {
            let done = (at + 1) as f32 / (partial + 1) as f32;
            event("partial_image", self.file(0, done), json!({"partial_image_index": at}))
        };
        let last = event("completed", self.file(0, 1.0), json!({"usage": usage(&self.prompt, 1)}));
        (0..partial).map(part).chain(std::iter::once(last)).collect()
    }
}

fn usage(prompt: &str, pictures: usize) -> Value {
    let (input, output) = (prompt.split_whitespace().count(), 1056 * pictures);
    json!({
        "input_tokens": input, "output_tokens": output, "total_tokens": input + output,
        "input_tokens_details": {"text_tokens": input, "image_tokens": 0},
    })
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
