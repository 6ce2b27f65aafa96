//! The settings of hearing, speaking, drawing and reading: who does it, in which language, within which bounds.

use super::sections::{Secret, masked, none_if_empty};
use serde::{Deserialize, Serialize};

/// What a chain calls the program that speaks.
pub const ESPEAK: &str = "espeak";

/// Who turns recordings into text.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hearing {
    /// Names in order: `provider/model`, `embedded`, or a model of the server below.
    pub chain: Vec<String>,
    /// Address of a server of its own, up to and with the version.
    #[serde(deserialize_with = "none_if_empty")]
    pub base_url: Option<String>,
    /// Its key.
    #[serde(deserialize_with = "none_if_empty", serialize_with = "masked")]
    pub key: Secret,
    /// The language that is expected of somebody whose language nobody knows; none detects it.
    #[serde(deserialize_with = "none_if_empty")]
    pub language: Option<String>,
    /// Longest recording, minutes.
    pub max_minutes: u32,
    /// Longest part that a recogniser gets at once, minutes.
    pub part_minutes: u32,
    /// The embedded recogniser's model file, by name or path; none is the best that is there.
    #[serde(deserialize_with = "none_if_empty")]
    pub model: Option<String>,
    /// Where model files are fetched from.
    #[serde(deserialize_with = "none_if_empty")]
    pub pull_url: Option<String>,
}

/// Who says answers aloud.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Speaking {
    /// Names in order: `provider/model`, `espeak`, or a model of the server below.
    pub chain: Vec<String>,
    /// Address of a server of its own, up to and with the version.
    #[serde(deserialize_with = "none_if_empty")]
    pub base_url: Option<String>,
    /// Its key.
    #[serde(deserialize_with = "none_if_empty", serialize_with = "masked")]
    pub key: Secret,
    /// The voice, as the server names it.
    pub voice: String,
    /// The program that speaks without a server.
    pub espeak: String,
    /// Words a minute of that program.
    pub words_per_minute: u32,
}

/// Who draws.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawing {
    /// Names in order: `provider/model`, or a model of the server below.
    pub chain: Vec<String>,
    /// Address of a server of its own, up to and with the version.
    #[serde(deserialize_with = "none_if_empty")]
    pub base_url: Option<String>,
    /// Its key.
    #[serde(deserialize_with = "none_if_empty", serialize_with = "masked")]
    pub key: Secret,
    /// Size as the server names it (`1024x1024`), `auto` leaves it to the model.
    pub size: String,
    /// Quality as the server names it, `auto` leaves it to the model.
    pub quality: String,
    /// Most pictures at once.
    pub most: u32,
}

/// What is taken in from files.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// Largest document, megabytes.
    pub max_mb: u32,
    /// Most pages, slides, sheets or chapters.
    pub max_pages: u32,
    /// Tokens up to which a document is put whole before the model; longer ones are searched.
    pub whole_tokens: u32,
    /// Seconds of processor time that reading one file may take.
    pub seconds: u32,
    /// Megabytes of memory that reading one file may take.
    pub memory_mb: u32,
    /// Longest side of a picture as a model sees it, pixels.
    pub picture_side: u32,
    /// The program that turns pictures that are not decoded in process into PNG; none leaves them unopened.
    #[serde(deserialize_with = "none_if_empty")]
    pub heif_program: Option<String>,
}
