//! Looks through a model file of whisper.cpp: header, mel filters, vocabulary, each tensor's size, to the last byte.
//!
//! whisper.cpp trusts the numbers it reads and ends the program on some that cannot be, so no file is given to it
//! that was not looked through. The layout is that of whisper.cpp's `whisper_model_load`.

use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::path::Path;

/// What a model says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Words of its vocabulary; 51 865 and more know many languages.
    pub vocabulary: u32,
    /// Layers that hear, which tells its kind: 4 tiny, 6 base, 12 small, 24 medium, 32 large.
    pub audio_layers: u32,
    /// Layers that write.
    pub text_layers: u32,
    /// Tensors in the file.
    pub tensors: u32,
}

impl Header {
    /// Whether it knows more than English.
    pub const fn is_multilingual(&self) -> bool {
        self.vocabulary >= 51_865
    }
}

/// Why a file is no model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoModel {
    /// It begins with something else.
    #[error("the file is no model of whisper.cpp")]
    OtherFile,
    /// A number in it cannot be.
    #[error("the model is damaged: {what}")]
    Damaged {
        /// Which.
        what: &'static str,
    },
    /// It ends too early.
    #[error("the model is not whole")]
    Short,
    /// It cannot be read.
    #[error("the model cannot be read: {reason}")]
    Unreadable {
        /// Why.
        reason: String,
    },
}

impl From<io::Error> for NoModel {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Short,
            kind => Self::Unreadable { reason: kind.to_string() },
        }
    }
}

/// "ggml" as whisper.cpp writes it, little-endian.
const MAGIC: u32 = 0x6767_6D6C;

/// Looks through a file. Reads little: it skips the weights.
pub fn check(path: &Path) -> Result<Header, NoModel> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    let mut reader = Reader { file: BufReader::new(file), at: 0, size };
    if reader.number().map_err(|_| NoModel::OtherFile)? != MAGIC {
        return Err(NoModel::OtherFile);
    }
    let header = reader.header()?;
    reader.filters()?;
    reader.vocabulary(header.vocabulary)?;
    let mut tensors = 0;
    while reader.at < reader.size {
        reader.tensor()?;
        tensors += 1;
    }
    // Every encoder layer has 15 tensors, every decoder layer 24, and 11 stand alone.
    if tensors != 11 + 15 * header.audio_layers + 24 * header.text_layers {
        return Err(NoModel::Damaged { what: "the number of tensors" });
    }
    Ok(Header { tensors, ..header })
}

struct Reader {
    file: BufReader<File>,
    at: u64,
    size: u64,
}

impl Reader {
    fn number(&mut self) -> Result<u32, NoModel> {
        let mut bytes = [0; 4];
        self.file.read_exact(&mut bytes)?;
        self.at += 4;
        Ok(u32::from_le_bytes(bytes))
    }

    fn within(&mut self, what: &'static str, least: u32, most: u32) -> Result<u32, NoModel> {
        let number = self.number()?;
        if (least..=most).contains(&number) { Ok(number) } else { Err(NoModel::Damaged { what }) }
    }

    fn skip(&mut self, bytes: u64) -> Result<(), NoModel> {
        if self.at + bytes > self.size {
            return Err(NoModel::Short);
        }
        self.at += bytes;
        self.file.seek_relative(i64::try_from(bytes).map_err(|_| NoModel::Short)?)?;
        Ok(())
    }

    fn header(&mut self) -> Result<Header, NoModel> {
        let vocabulary = self.within("the vocabulary", 51_864, 60_000)?;
        let _audio_context = self.within("the audio context", 1, 6_000)?;
        let audio_state = self.within("the audio state", 8, 8_192)?;
        let audio_heads = self.within("the audio heads", 1, 256)?;
        let audio_layers = self.within("the audio layers", 1, 128)?;
        let _text_context = self.within("the text context", 8, 8_192)?;
        let text_state = self.within("the text state", 8, 8_192)?;
        let text_heads = self.within("the text heads", 1, 256)?;
        let text_layers = self.within("the text layers", 1, 128)?;
        let _mels = self.within("the mel bands", 80, 128)?;
        let _kind = self.within("the kind of numbers", 0, 9_999)?;
        let divides = |state: u32, heads: u32| state.is_multiple_of(heads);
        if audio_state != text_state || !divides(audio_state, audio_heads) || !divides(text_state, text_heads) {
            return Err(NoModel::Damaged { what: "the sizes" });
        }
        Ok(Header { vocabulary, audio_layers, text_layers, tensors: 0 })
    }

    fn filters(&mut self) -> Result<(), NoModel> {
        let bands = self.within("the mel bands", 80, 128)?;
        // Half of a window of 400 samples, and one.
        let bins = self.within("the frequencies", 201, 201)?;
        self.skip(u64::from(bands) * u64::from(bins) * 4)
    }

    fn vocabulary(&mut self, most: u32) -> Result<(), NoModel> {
        for _ in 0..self.within("the vocabulary", 1, most)? {
            let length = self.within("a word", 0, 1_024)?;
            self.skip(u64::from(length))?;
        }
        Ok(())
    }

    fn tensor(&mut self) -> Result<(), NoModel> {
        let dimensions = self.within("a tensor's dimensions", 1, 4)?;
        let name = self.within("a tensor's name", 1, 256)?;
        let kind = self.number()?;
        let mut count: u64 = 1;
        for _ in 0..dimensions {
            count *= u64::from(self.within("a tensor's size", 1, 1 << 20)?);
        }
        let (block, bytes) = block(kind).ok_or(NoModel::Damaged { what: "a tensor's kind" })?;
        if !count.is_multiple_of(block) {
            return Err(NoModel::Damaged { what: "a tensor's size" });
        }
        self.skip(u64::from(name) + count / block * bytes)
    }
}

/// Numbers in a block of a kind of tensor, and the block's bytes, as ggml has them.
const fn block(kind: u32) -> Option<(u64, u64)> {
    Some(match kind {
        0 => (1, 4),
        1 => (1, 2),
        2 => (32, 18),
        3 => (32, 20),
        6 => (32, 22),
        7 => (32, 24),
        8 => (32, 34),
        10 => (256, 84),
        11 => (256, 110),
        12 => (256, 144),
        13 => (256, 176),
        14 => (256, 210),
        _ => return None,
    })
}
