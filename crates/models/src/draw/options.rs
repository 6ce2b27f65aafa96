//! What may be wished of a picture, and which wishes a server was found not to take.

use crate::endpoint::Refusal;
use std::collections::BTreeSet;

/// How carefully a picture is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quality {
    /// Quick and cheap.
    Low,
    /// Between.
    Medium,
    /// Slow and dear.
    High,
}

/// What is behind what is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Background {
    /// Nothing.
    Transparent,
    /// Something.
    Opaque,
}

/// What is wished of a picture; none leaves it to the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Width and height, pixels.
    pub size: Option<(u32, u32)>,
    /// How carefully.
    pub quality: Option<Quality>,
    /// How many pictures, 1 to 10; 0 counts as 1.
    pub count: u32,
    /// What is behind it.
    pub background: Option<Background>,
    /// Unfinished pictures to be shown on the way, 0 to 3.
    pub partial_images: u32,
}

/// What a server may not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Param {
    /// Width and height.
    Size,
    /// How carefully.
    Quality,
    /// More than one picture at once: they are drawn one by one.
    Count,
    /// What is behind it.
    Background,
    /// Pictures on their way.
    Stream,
    /// A choice of the file's kind.
    OutputFormat,
    /// A choice between a file and its address.
    ResponseFormat,
    /// A part to be changed.
    Mask,
    /// More than one picture to be changed.
    Pictures,
    /// An operation for the like of a picture.
    Variations,
}

impl Param {
    /// Each with the names that it has in requests.
    const NAMES: [(Self, &'static [&'static str]); 9] = [
        (Self::Stream, &["stream", "partial_images"]),
        (Self::ResponseFormat, &["response_format"]),
        (Self::OutputFormat, &["output_format"]),
        (Self::Background, &["background"]),
        (Self::Quality, &["quality"]),
        (Self::Size, &["size"]),
        (Self::Count, &["n"]),
        (Self::Mask, &["mask"]),
        (Self::Pictures, &["image[]"]),
    ];

    /// Whether a picture made without it is another one than was wished: then it is not made.
    pub(super) const fn is_essential(self) -> bool {
        matches!(self, Self::Mask | Self::Pictures)
    }
    /// Whether a person may miss it in what was drawn.
    pub(super) const fn is_missed(self) -> bool {
        matches!(self, Self::Size | Self::Quality | Self::Background)
    }

    /// What a refusal is about, where that is one of the wishes.
    pub(super) fn of(refusal: &Refusal) -> Option<Self> {
        if !matches!(refusal.status, 400 | 422) {
            return None;
        }
        let lower = refusal.lower();
        let about = |(_, names): &&(Self, &[&str])| names.iter().any(|name| refusal.is_about(name));
        let named = Self::NAMES.iter().find(about).map(|(param, _)| *param);
        named.or_else(|| match () {
            () if lower.contains("transparent") => Some(Self::Background),
            () if lower.contains("streaming") => Some(Self::Stream),
            () => None,
        })
    }
}

/// What a model is known not to take before it says so.
pub(super) fn known_lacks(model: &str) -> BTreeSet<Param> {
    let newer = model.contains("gpt-image") || model.starts_with("chatgpt-image");
    let mut lacks = BTreeSet::new();
    if newer {
        lacks.insert(Param::ResponseFormat);
    }
    if !model.starts_with("dall-e-2") {
        lacks.insert(Param::Variations);
    }
    lacks
}

/// The fields of a request, as its server takes them.
pub(super) fn fields(options: &Options, lacks: &BTreeSet<Param>) -> Vec<(&'static str, String)> {
    let takes = |param| !lacks.contains(&param);
    let mut fields = Vec::new();
    if let Some((width, height)) = options.size.filter(|_| takes(Param::Size)) {
        fields.push(("size", format!("{width}x{height}")));
    }
    let quality = options.quality.filter(|_| takes(Param::Quality)).map(|quality| match quality {
        Quality::Low => "low",
        Quality::Medium => "medium",
        Quality::High => "high",
    });
    let background = options.background.filter(|_| takes(Param::Background)).map(|background| match background {
        Background::Transparent => "transparent",
        Background::Opaque => "opaque",
    });
    fields.extend(quality.map(|word| ("quality", word.to_owned())));
    fields.extend(background.map(|word| ("background", word.to_owned())));
    // JPEG, which a server may choose by itself, has no transparency.
    if background == Some("transparent") && takes(Param::OutputFormat) {
        fields.push(("output_format", "png".to_owned()));
    }
    if takes(Param::ResponseFormat) {
        fields.push(("response_format", "b64_json".to_owned()));
    }
    if options.count > 1 && takes(Param::Count) {
        fields.push(("n", options.count.min(10).to_string()));
    }
    if options.partial_images > 0 && takes(Param::Stream) {
        fields.push(("stream", "true".to_owned()));
        fields.push(("partial_images", options.partial_images.min(3).to_string()));
    }
    fields
}
