//! Packets of one codec to mono samples. The codecs are libraries; here is what all of them share, and the
//! checks without which a file could make one of them take all memory.

use crate::cursor::Cursor;
use crate::fault::Fault;
use opus_pure::{MAX_PACKET_SAMPLES, OpusDecoder};
use symphonia::core::audio::{AudioBufferRef, SampleBuffer};
use symphonia::core::codecs::{CODEC_TYPE_AAC, CODEC_TYPE_VORBIS, CodecParameters, Decoder as _, DecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::Packet;
use symphonia::default::codecs::{AacDecoder, VorbisDecoder};

pub(crate) mod opus_head;
pub(crate) mod vorbis;

pub(crate) use opus_head::OpusHead;

/// Mono samples of some rate, as one step of a demuxer leaves them.
#[derive(Default)]
pub(crate) struct Pcm {
    /// In samples per second.
    pub(crate) rate: u32,
    /// Channels before they were mixed.
    pub(crate) channels: u16,
    /// From -1 to 1.
    pub(crate) mono: Vec<f32>,
}

impl Pcm {
    /// Appends what a symphonia decoder has made, mixed to mono.
    pub(crate) fn mix(&mut self, decoded: AudioBufferRef<'_>, interleaved: &mut Option<SampleBuffer<f32>>) {
        let (spec, frames) = (*decoded.spec(), decoded.frames());
        let channels = spec.channels.count().max(1);
        self.rate = spec.rate;
        self.channels = u16::try_from(channels).unwrap_or(u16::MAX);
        let fits = |buffer: &SampleBuffer<f32>| buffer.capacity() >= frames * channels;
        if !interleaved.as_ref().is_some_and(fits) {
            *interleaved = Some(SampleBuffer::new(decoded.capacity().max(frames) as u64, spec));
        }
        if let Some(buffer) = interleaved {
            buffer.copy_interleaved_ref(decoded);
            self.mix_interleaved(buffer.samples(), channels);
        }
    }

    /// Appends interleaved samples, mixed to mono.
    pub(crate) fn mix_interleaved(&mut self, samples: &[f32], channels: usize) {
        if channels == 1 {
            self.mono.extend_from_slice(samples);
            return;
        }
        let share = 1.0 / channels as f32;
        self.mono.extend(samples.chunks_exact(channels).map(|frame| frame.iter().sum::<f32>() * share));
    }
}

/// A decoder of packets.
pub(crate) enum Codec {
    Opus { decoder: Box<OpusDecoder>, channels: u8, block: Vec<f32> },
    Vorbis { decoder: Box<VorbisDecoder>, interleaved: Option<SampleBuffer<f32>> },
    Aac { decoder: Box<AacDecoder>, interleaved: Option<SampleBuffer<f32>> },
}

impl Codec {
    /// Decodes straight to 16 kHz and mixes to mono within the codec.
    pub(crate) fn opus(head: &OpusHead) -> Result<Self, Fault> {
        if head.family != 0 {
            return Err(Fault::Unsupported(format!("Opus of {} channels", head.channels)));
        }
        let mut decoder = OpusDecoder::new(crate::RATE as i32, 1)?;
        decoder.gain_q8 = i32::from(head.gain_q8);
        let block = vec![0.0; MAX_PACKET_SAMPLES];
        Ok(Self::Opus { decoder: Box::new(decoder), channels: head.channels, block })
    }

    /// From the identification and the setup header.
    pub(crate) fn vorbis(identification: &[u8], setup: &[u8]) -> Result<Self, Fault> {
        if !vorbis::is_sane(setup) {
            return Err(Fault::damaged("Vorbis setup"));
        }
        let mut params = CodecParameters::new();
        params.for_codec(CODEC_TYPE_VORBIS).with_extra_data([identification, setup].concat().into_boxed_slice());
        let decoder = VorbisDecoder::try_new(&params, &DecoderOptions::default())?;
        Ok(Self::Vorbis { decoder: Box::new(decoder), interleaved: None })
    }

    /// From an AudioSpecificConfig (ISO 14496-3).
    pub(crate) fn aac(config: &[u8]) -> Result<Self, Fault> {
        let mut params = CodecParameters::new();
        params.for_codec(CODEC_TYPE_AAC).with_extra_data(config.into());
        let decoder = AacDecoder::try_new(&params, &DecoderOptions::default())?;
        Ok(Self::Aac { decoder: Box::new(decoder), interleaved: None })
    }

    /// Appends what a packet decodes to. A packet that cannot be decoded is `Fault::Damaged`, and the next one
    /// may be tried.
    pub(crate) fn decode(&mut self, packet: &[u8], pcm: &mut Pcm) -> Result<(), Fault> {
        match self {
            Self::Opus { decoder, channels, block } => {
                let made = decoder.decode(packet, MAX_PACKET_SAMPLES, block)?;
                pcm.rate = crate::RATE;
                pcm.channels = u16::from(*channels);
                pcm.mono.extend_from_slice(block.get(..made).unwrap_or_default());
                Ok(())
            }
            Self::Vorbis { decoder, interleaved } => {
                mixed(decoder.decode(&Packet::new_from_slice(0, 0, 0, packet)), pcm, interleaved)
            }
            Self::Aac { decoder, interleaved } => {
                mixed(decoder.decode(&Packet::new_from_slice(0, 0, 0, packet)), pcm, interleaved)
            }
        }
    }
}

fn mixed(
    decoded: Result<AudioBufferRef<'_>, Error>,
    pcm: &mut Pcm,
    interleaved: &mut Option<SampleBuffer<f32>>,
) -> Result<(), Fault> {
    let decoded = decoded.map_err(|error| Fault::Damaged(error.to_string()))?;
    pcm.mix(decoded, interleaved);
    Ok(())
}

/// The three headers of Vorbis as Matroska keeps them: counted and laced after Xiph's manner.
pub(crate) fn unlace(private: &[u8]) -> Option<[&[u8]; 3]> {
    let mut cursor = Cursor(private);
    (cursor.u8()? == 2).then_some(())?;
    let mut sizes = [0usize; 2];
    for size in &mut sizes {
        loop {
            let byte = cursor.u8()?;
            *size += usize::from(byte);
            if byte < 255 {
                break;
            }
        }
    }
    let [first, second] = sizes;
    Some([cursor.take(first)?, cursor.take(second)?, cursor.0])
}
