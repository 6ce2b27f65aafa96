//! Containers: each finds the first sound track of a file and hands over its packets, one step at a time.
//!
//! What always holds: memory is bounded by a packet, never by what a file declares; only bytes that are there
//! are kept. Our own parsers look into Ogg, Matroska, MP4 and RIFF, where libraries allocate declared sizes.

use crate::codec::Pcm;
use crate::fault::Fault;
use std::io::{BufReader, ErrorKind, Read, Seek};

pub(crate) mod ebml;
pub(crate) mod frames;
pub(crate) mod moov;
pub(crate) mod mp4;
pub(crate) mod ogg;
pub(crate) mod ogg_page;
pub(crate) mod wave;
pub(crate) mod webm;

/// No packet of sound is larger, in bytes.
pub(crate) const MAX_PACKET: usize = 1 << 20;

/// A file as every container reads it.
pub(crate) trait Source: Read + Seek + Send + Sync {}
impl<T: Read + Seek + Send + Sync> Source for T {}

pub(crate) type Input = BufReader<Box<dyn Source>>;

/// What one step of a track came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Some samples, or none yet.
    More,
    /// A packet was damaged and passed over.
    Skipped,
    /// The file ends here as it should.
    End,
    /// The file ends in the middle.
    Cut,
}

/// The sound of one file.
pub(crate) trait Track: Send {
    /// Appends the samples of the next packet. After an error the track is not asked again.
    fn step(&mut self, pcm: &mut Pcm) -> Result<Step, Fault>;
}

/// Fills `buffer` with exactly `count` bytes; gives whether they were there. It grows with what is read, not
/// with what is asked for.
pub(crate) fn read_exactly(input: &mut impl Read, count: usize, buffer: &mut Vec<u8>) -> Result<bool, Fault> {
    buffer.clear();
    Ok(input.take(count as u64).read_to_end(buffer)? == count)
}

/// Reads an array; none at the end of the file.
pub(crate) fn read_array<const N: usize>(input: &mut impl Read) -> Result<Option<[u8; N]>, Fault> {
    let mut array = [0; N];
    match input.read_exact(&mut array) {
        Ok(()) => Ok(Some(array)),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Turns the decoding of one packet into a step: damage is passed over.
pub(crate) fn step_of(decoded: Result<(), Fault>) -> Result<Step, Fault> {
    match decoded {
        Ok(()) => Ok(Step::More),
        Err(Fault::Damaged(_)) => Ok(Step::Skipped),
        Err(other) => Err(other),
    }
}
