//! Files that are frames and nothing else: MP3, ADTS (AAC) and FLAC, by symphonia's readers. What lies around
//! the frames - tags, pictures, seek tables - is passed over before they see it: they would allocate the
//! sizes that it declares.

use super::{Input, Step, Track, read_array, read_exactly};
use crate::codec::Pcm;
use crate::fault::Fault;
use std::io::{Cursor, Read, Seek, SeekFrom};
use symphonia::core::audio::SampleBuffer;
use symphonia::core::codecs::{Decoder, DecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::{FormatOptions, FormatReader};
use symphonia::core::io::{MediaSource, MediaSourceStream, ReadOnlySource};
use symphonia::default::codecs::{AacDecoder, FlacDecoder, MpaDecoder};
use symphonia::default::formats::{AdtsReader, FlacReader, MpaReader};

/// Frames, the reader that finds them and the codec that decodes them.
pub(crate) struct Frames {
    reader: Box<dyn FormatReader>,
    decoder: Box<dyn Decoder>,
    interleaved: Option<SampleBuffer<f32>>,
}

impl Frames {
    pub(crate) fn mp3(input: Input) -> Result<Self, Fault> {
        let reader = MpaReader::try_new(stream(input), &options())?;
        Self::new(Box::new(reader), |params| Ok(Box::new(MpaDecoder::try_new(params, &DecoderOptions::default())?)))
    }

    pub(crate) fn adts(input: Input) -> Result<Self, Fault> {
        let reader = AdtsReader::try_new(stream(input), &options())?;
        Self::new(Box::new(reader), |params| Ok(Box::new(AacDecoder::try_new(params, &DecoderOptions::default())?)))
    }

    pub(crate) fn flac(mut input: Input) -> Result<Self, Fault> {
        let head = flac_head(&mut input)?;
        let reader = FlacReader::try_new(stream(Cursor::new(head).chain(input)), &options())?;
        Self::new(Box::new(reader), |params| Ok(Box::new(FlacDecoder::try_new(params, &DecoderOptions::default())?)))
    }

    fn new(
        reader: Box<dyn FormatReader>,
        decoder: impl FnOnce(&symphonia::core::codecs::CodecParameters) -> Result<Box<dyn Decoder>, Error>,
    ) -> Result<Self, Fault> {
        let track = reader.tracks().first().ok_or(Fault::NoSound)?;
        let decoder = decoder(&track.codec_params)?;
        Ok(Self { reader, decoder, interleaved: None })
    }
}

fn options() -> FormatOptions {
    FormatOptions { enable_gapless: true, ..FormatOptions::default() }
}

fn stream(source: impl Read + Send + Sync + 'static) -> MediaSourceStream {
    let source: Box<dyn MediaSource> = Box::new(ReadOnlySource::new(source));
    MediaSourceStream::new(source, symphonia::core::io::MediaSourceStreamOptions::default())
}

impl Track for Frames {
    fn step(&mut self, pcm: &mut Pcm) -> Result<Step, Fault> {
        let packet = match self.reader.next_packet() {
            Ok(packet) => packet,
            Err(Error::IoError(error)) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(Step::End),
            Err(Error::DecodeError(_)) => return Ok(Step::Skipped),
            Err(other) => return Err(other.into()),
        };
        match self.decoder.decode(&packet) {
            Ok(decoded) => {
                pcm.mix(decoded, &mut self.interleaved);
                Ok(Step::More)
            }
            Err(Error::DecodeError(_) | Error::IoError(_)) => Ok(Step::Skipped),
            Err(other) => Err(other.into()),
        }
    }
}

/// Goes past tags in front of the file (ID3v2), however many there are.
pub(crate) fn skip_tags(input: &mut Input) -> Result<(), Fault> {
    loop {
        let start = input.stream_position()?;
        let head = read_array::<10>(input)?;
        let Some([b'I', b'D', b'3', _, _, flags, a, b, c, d]) = head else {
            input.seek(SeekFrom::Start(start))?;
            return Ok(());
        };
        let size = [a, b, c, d].into_iter().fold(0i64, |size, byte| size << 7 | i64::from(byte & 0x7f));
        let footer = if flags & 0x10 == 0 { 0 } else { 10 };
        input.seek_relative(size + footer)?;
    }
}

/// What a FLAC reader needs of the metadata: the first block, marked as the last (RFC 9639, 8).
fn flac_head(input: &mut Input) -> Result<Vec<u8>, Fault> {
    let cut = || Fault::damaged("it is cut off");
    let mut kept = b"fLaC".to_vec();
    read_array::<4>(input)?.ok_or_else(cut)?;
    loop {
        let [kind, a, b, c] = read_array::<4>(input)?.ok_or_else(cut)?;
        let size = u32::from_be_bytes([0, a, b, c]);
        if kind & 0x7f == 0 && kept.len() == 4 {
            let mut block = Vec::new();
            if size > 64 || !read_exactly(input, size as usize, &mut block)? {
                return Err(Fault::damaged("FLAC stream information"));
            }
            kept.extend_from_slice(&[0x80, a, b, c]);
            kept.extend_from_slice(&block);
        } else {
            input.seek_relative(i64::from(size))?;
        }
        if kind & 0x80 != 0 {
            return Ok(kept);
        }
    }
}
