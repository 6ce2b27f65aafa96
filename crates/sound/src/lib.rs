//! Sound files to 16 kHz samples and samples to OGG/Opus, streamed.
//!
//! Hides containers, codecs and sample rates: whatever a person sends comes out as mono 16-bit samples at
//! [`RATE`], and what is spoken goes out as a voice message. Nothing here holds a whole recording: a decoder
//! keeps one packet and one block, an encoder one page. Everything blocks, so call it off the async pool.

mod codec;
mod cursor;
mod decode;
mod demux;
mod encode;
mod fault;
mod parts;
mod resample;
mod voice;
mod wav;
mod waveform;

pub use decode::{Decoder, Facts, Format, decode};
pub use encode::{OggOpus, Spoken};
pub use fault::Fault;
pub use parts::{Coding, Part, Parts};
pub use voice::Voice;
pub use wav::{Header, WavWriter, read_header};
pub use waveform::Waveform;

/// Samples per second of everything that [`Decoder`] yields.
pub const RATE: u32 = 16_000;
