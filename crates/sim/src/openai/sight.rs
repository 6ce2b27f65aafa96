//! Pictures in a conversation: decoded really, so that an answer can tell what was shown.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use image::GenericImageView as _;
use serde_json::Value;
use std::fmt;

/// A picture that the model was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// The word for its mean colour: `red`, `green`, `blue`, `yellow`, `black`, `white` or `grey`.
    pub colour: &'static str,
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{} {}", self.width, self.height, self.colour)
    }
}

/// The pictures in a request's body, in order; why one cannot be read, in the API's words.
pub fn shown(body: &Value) -> Result<Vec<Shown>, String> {
    let messages = body.get("messages").and_then(Value::as_array).into_iter().flatten();
    let parts = messages.filter_map(|message| message.get("content")?.as_array()).flatten();
    parts.filter_map(|part| part.get("image_url")).map(one).collect()
}

fn one(part: &Value) -> Result<Shown, String> {
    let url = part.get("url").and_then(Value::as_str).unwrap_or_default();
    let data = url.strip_prefix("data:image/").and_then(|rest| rest.split_once(";base64,"));
    let (_, data) = data.ok_or("Invalid image URL. Only data URLs are read here.")?;
    let unreadable = "You uploaded an unsupported image. Please make sure your image is valid.";
    let bytes = BASE64_STANDARD.decode(data).map_err(|_| unreadable)?;
    let picture = image::load_from_memory(&bytes).map_err(|_| unreadable)?;
    let (width, height) = picture.dimensions();
    Ok(Shown { width, height, colour: colour(&picture) })
}

fn colour(picture: &image::DynamicImage) -> &'static str {
    let pixels = picture.to_rgb8();
    let count = u64::from(pixels.width()) * u64::from(pixels.height()).max(1);
    let sums = pixels.pixels().fold([0_u64; 3], |[r, g, b], pixel| {
        let [red, green, blue] = pixel.0.map(u64::from);
        [r + red, g + green, b + blue]
    });
    match sums.map(|sum| sum / count.max(1) >= 128) {
        [true, true, true] => "white",
        [true, true, false] => "yellow",
        [true, false, false] => "red",
        [false, true, false] => "green",
        [false, false, true] => "blue",
        [false, false, false] if sums.iter().all(|sum| sum / count.max(1) < 64) => "black",
        _ => "grey",
    }
}

/// An answer with what was shown in the place of `{pictures}`.
pub(super) fn told(answer: String, body: &Value) -> String {
    if !answer.contains("{pictures}") {
        return answer;
    }
    let words: Vec<String> = shown(body).unwrap_or_default().iter().map(ToString::to_string).collect();
    answer.replace("{pictures}", &words.join(", "))
}
