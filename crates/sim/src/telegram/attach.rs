//! What people send beside words: recordings, pictures and files, whose bytes the bot can fetch, and what
//! has none (a contact, a poll). Each has the fields that Telegram gives it.

use super::media::file_content;
use super::message::{Content, quote};
use super::world::World;
use bytes::Bytes;
use serde_json::{Map, Value, json};

/// The smallest picture, which stands for the smaller sizes of a photo and for stills.
const DOT: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde\0\0\0\x0cIDATx\x9cchhh\0\0\x03\x04\x01\x81K\xd3\xd2\x10\0\0\0\0IEND\xaeB`\x82";

/// Something that a person sends.
#[derive(Clone, Debug)]
pub struct Media {
    kind: &'static str,
    name: String,
    mime: String,
    bytes: Bytes,
    seconds: u32,
    claimed: Option<u64>,
    silent: bool,
    more: Map<String, Value>,
    still: Option<Bytes>,
}

impl Media {
    fn of(kind: &'static str, name: &str, mime: &str, bytes: impl AsRef<[u8]>, more: &Value) -> Self {
        Self {
            kind,
            name: name.to_owned(),
            mime: mime.to_owned(),
            bytes: Bytes::copy_from_slice(bytes.as_ref()),
            seconds: 0,
            claimed: None,
            silent: false,
            more: more.as_object().cloned().unwrap_or_default(),
            still: None,
        }
    }
    fn lasting(mut self, seconds: u32) -> Self {
        self.more.insert("duration".to_owned(), seconds.into());
        self.seconds = seconds;
        self
    }

    /// A voice message (OGG/Opus) of so many seconds.
    pub fn voice(bytes: impl AsRef<[u8]>, seconds: u32) -> Self {
        Self::of("voice", "", "audio/ogg", bytes, &Value::Null).lasting(seconds)
    }
    /// A piece of music or a recording (MP3) of so many seconds.
    pub fn audio(name: &str, bytes: impl AsRef<[u8]>, seconds: u32) -> Self {
        let mime = if name.ends_with(".m4a") { "audio/mp4" } else { "audio/mpeg" };
        Self::of("audio", name, mime, bytes, &Value::Null).lasting(seconds)
    }
    /// A film (MP4) of so many seconds, with a still.
    pub fn video(name: &str, bytes: impl AsRef<[u8]>, seconds: u32) -> Self {
        Self::of("video", name, "video/mp4", bytes, &json!({"width": 640, "height": 360}))
            .lasting(seconds)
            .with_still(DOT)
    }
    /// A round video message of so many seconds, with a still.
    pub fn video_note(bytes: impl AsRef<[u8]>, seconds: u32) -> Self {
        Self::of("video_note", "", "", bytes, &json!({"length": 240})).lasting(seconds).with_still(DOT)
    }
    /// A film without sound, with a still; Telegram gives it as a document, too.
    pub fn animation(name: &str, bytes: impl AsRef<[u8]>, seconds: u32) -> Self {
        let more = json!({"width": 320, "height": 240});
        Self::of("animation", name, "video/mp4", bytes, &more).lasting(seconds).with_still(DOT)
    }
    /// A picture, in several sizes; only the largest holds these bytes.
    pub fn photo(bytes: impl AsRef<[u8]>) -> Self {
        Self::of("photo", "", "", bytes, &Value::Null)
    }
    /// A picture with a short film around it.
    pub fn live_photo(bytes: impl AsRef<[u8]>) -> Self {
        Self::of("live_photo", "", "video/mp4", bytes, &json!({"width": 720, "height": 1280})).lasting(3)
    }
    /// A sticker that stands still (WebP).
    pub fn sticker(emoji: &str, bytes: impl AsRef<[u8]>) -> Self {
        Self::sticker_of(emoji, bytes, false, false)
    }
    /// A sticker that moves: a vector one (TGS), with a still.
    pub fn animated_sticker(emoji: &str, bytes: impl AsRef<[u8]>) -> Self {
        Self::sticker_of(emoji, bytes, true, false).with_still(DOT)
    }
    /// A sticker that moves: a film (WebM), with a still.
    pub fn video_sticker(emoji: &str, bytes: impl AsRef<[u8]>) -> Self {
        Self::sticker_of(emoji, bytes, false, true).with_still(DOT)
    }
    fn sticker_of(emoji: &str, bytes: impl AsRef<[u8]>, animated: bool, video: bool) -> Self {
        let more = json!({
            "type": "regular", "width": 512, "height": 512, "emoji": emoji, "set_name": "Some",
            "is_animated": animated, "is_video": video,
        });
        Self::of("sticker", "", "", bytes, &more)
    }
    /// A file.
    pub fn document(name: &str, mime: &str, bytes: impl AsRef<[u8]>) -> Self {
        Self::of("document", name, mime, bytes, &Value::Null)
    }
    /// Somebody's telephone number.
    pub fn contact(name: &str, phone: &str) -> Self {
        Self::bare("contact", &json!({"phone_number": phone, "first_name": name}))
    }
    /// A place on the map.
    pub fn location(latitude: f64, longitude: f64) -> Self {
        Self::bare("location", &json!({"latitude": latitude, "longitude": longitude}))
    }
    /// A place with a name; Telegram gives it as a location, too.
    pub fn venue(title: &str, latitude: f64, longitude: f64) -> Self {
        let location = json!({"latitude": latitude, "longitude": longitude});
        Self::bare("venue", &json!({"title": title, "address": "1 Street", "location": location}))
    }
    /// A poll that nobody has voted in.
    pub fn poll(question: &str, options: &[&str]) -> Self {
        let option =
            |(at, text): (usize, &&str)| json!({"persistent_id": at.to_string(), "text": text, "voter_count": 0});
        let options: Vec<Value> = options.iter().enumerate().map(option).collect();
        let poll = json!({
            "id": "5000000000000000001", "question": question, "options": options, "total_voter_count": 0,
            "is_closed": false, "is_anonymous": true, "type": "regular", "allows_multiple_answers": false,
            "allows_revoting": true, "members_only": false,
        });
        Self::bare("poll", &poll)
    }
    /// A die that fell.
    pub fn dice(value: u32) -> Self {
        Self::bare("dice", &json!({"emoji": "🎲", "value": value}))
    }
    /// Anything else that has no bytes, by its field of the Bot API.
    pub fn bare(kind: &'static str, fields: &Value) -> Self {
        Self::of(kind, "", "", b"", fields)
    }

    /// Claims a size of its own (to be too large, or to lie).
    #[must_use]
    pub fn claiming(mut self, bytes: u64) -> Self {
        self.claimed = Some(bytes);
        self
    }
    /// Says nothing of its size, as Telegram may.
    #[must_use]
    pub fn without_size(mut self) -> Self {
        self.silent = true;
        self
    }
    /// Says another media type than its own.
    #[must_use]
    pub fn of_type(mut self, mime: &str) -> Self {
        self.mime = mime.to_owned();
        self
    }
    /// Has that small picture as its still.
    #[must_use]
    pub fn with_still(mut self, picture: impl AsRef<[u8]>) -> Self {
        self.still = Some(Bytes::copy_from_slice(picture.as_ref()));
        self
    }

    /// What the message holds; the files are ready to be fetched.
    pub(super) fn content(&self, world: &mut World) -> Content {
        match self.kind {
            "photo" => Content { bytes: self.bytes.clone(), ..Content::bare("photo", self.sizes(world)) },
            "contact" | "location" | "venue" | "poll" | "dice" => self.without_bytes(),
            "live_photo" => {
                let film = self.filed(world, b"");
                let json = film.json.trim_end_matches('}');
                let json = format!(r#"{json},"photo":{}}}"#, self.sizes(world));
                Content { json, bytes: self.bytes.clone(), ..film }
            }
            _ if self.bytes.is_empty() && self.claimed.is_none() && !self.is_file() => self.without_bytes(),
            _ => self.filed(world, &self.bytes),
        }
    }

    fn is_file(&self) -> bool {
        matches!(
            self.kind,
            "voice" | "audio" | "video" | "video_note" | "animation" | "sticker" | "document" | "live_photo"
        )
    }

    fn without_bytes(&self) -> Content {
        let also = (self.kind == "venue").then(|| self.more.get("location").map(|at| ("location", at.to_string())));
        Content { also: also.flatten(), ..Content::bare(self.kind, Value::Object(self.more.clone()).to_string()) }
    }

    fn filed(&self, world: &mut World, bytes: &[u8]) -> Content {
        let mut more = self.more.clone();
        if let Some(still) = &self.still {
            more.insert("thumbnail".to_owned(), size_json(world, still, (90, 60)));
        }
        let size = self.claimed.unwrap_or(bytes.len() as u64);
        let extension = match (self.kind, self.name.rsplit_once('.')) {
            (_, Some((_, extension))) => extension,
            ("voice", _) => "oga",
            ("sticker", _) if more.get("is_animated") == Some(&Value::Bool(true)) => "tgs",
            ("sticker", _) if more.get("is_video") == Some(&Value::Bool(true)) => "webm",
            ("sticker", _) => "webp",
            ("video_note" | "live_photo", _) => "mp4",
            _ => "bin",
        };
        let stored = format!("f.{extension}");
        let id = world.keep_file(folder(self.kind), &stored, Bytes::copy_from_slice(bytes), size);
        let size = (!self.silent).then_some(size);
        file_content(self.kind, &id, &self.name, &self.mime, self.bytes.clone(), size, &more)
    }

    /// A photo in ascending sizes.
    fn sizes(&self, world: &mut World) -> String {
        let (width, height) = imagesize::blob_size(&self.bytes).map_or((1280, 960), |size| (size.width, size.height));
        let mut sizes = Vec::new();
        for side in [90, 320].into_iter().filter(|side| *side < width.max(height)) {
            let scaled = |one: usize| (one * side / width.max(height).max(1)).max(1);
            sizes.push(size_json(world, DOT, (scaled(width), scaled(height))));
        }
        let claimed = self.claimed.unwrap_or(self.bytes.len() as u64);
        let id = world.keep_file("photos", "f.jpg", self.bytes.clone(), claimed);
        let mut largest = json!({"file_id": id, "file_unique_id": format!("U{id}"), "width": width, "height": height});
        if let Some(largest) = largest.as_object_mut().filter(|_| !self.silent) {
            largest.insert("file_size".to_owned(), claimed.into());
        }
        sizes.push(largest);
        Value::Array(sizes).to_string()
    }
}

fn size_json(world: &mut World, bytes: &[u8], (width, height): (usize, usize)) -> Value {
    let id = world.keep_file("thumbnails", "f.jpg", Bytes::copy_from_slice(bytes), bytes.len() as u64);
    let size = bytes.len();
    json!({"file_id": id, "file_unique_id": format!("U{id}"), "width": width, "height": height, "file_size": size})
}

/// Where the server keeps files of a kind.
pub(super) fn folder(kind: &str) -> &'static str {
    match kind {
        "voice" => "voice",
        "audio" => "music",
        "video" => "videos",
        "video_note" => "video_notes",
        "animation" => "animations",
        "sticker" => "stickers",
        "photo" | "live_photo" => "photos",
        _ => "documents",
    }
}

/// Whose words a forwarded message carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Somebody with an account that is shown.
    User(String),
    /// Somebody who hides their account.
    Hidden(String),
    /// A group, speaking for itself.
    Chat(String),
    /// A channel.
    Channel(String),
}

impl Origin {
    /// The name that people see.
    pub fn name(&self) -> &str {
        match self {
            Self::User(name) | Self::Hidden(name) | Self::Chat(name) | Self::Channel(name) => name,
        }
    }
    /// The origin as the Bot API writes it.
    pub(super) fn json(&self, date: i64) -> String {
        let name = quote(self.name());
        match self {
            Self::User(_) => format!(
                r#"{{"type":"user","date":{date},"sender_user":{{"id":5999999999,"is_bot":false,"first_name":{name}}}}}"#
            ),
            Self::Hidden(_) => format!(r#"{{"type":"hidden_user","date":{date},"sender_user_name":{name}}}"#),
            Self::Chat(_) => format!(
                r#"{{"type":"chat","date":{date},"sender_chat":{{"id":-1003000000001,"type":"supergroup","title":{name}}}}}"#
            ),
            Self::Channel(_) => format!(
                r#"{{"type":"channel","date":{date},"chat":{{"id":-1003000000002,"type":"channel","title":{name}}},"message_id":5}}"#
            ),
        }
    }
}
