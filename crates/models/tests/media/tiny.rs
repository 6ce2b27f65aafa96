//! The smallest model file that whisper.cpp loads: right in every part, with weights that mean nothing.

const VOCABULARY: u32 = 51_865;
const AUDIO_CONTEXT: u32 = 64;
const TEXT_CONTEXT: u32 = 64;
const STATE: u32 = 16;
const HEADS: u32 = 2;
const MELS: u32 = 80;
const FREQUENCIES: u32 = 201;

/// Kinds of numbers in the file.
const F32: u32 = 0;
const F16: u32 = 1;

struct Writer {
    file: Vec<u8>,
    state: u64,
}

impl Writer {
    fn numbers(&mut self, numbers: &[u32]) {
        self.file.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    }

    /// splitmix64.
    fn random(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z ^ (z >> 31)
    }

    fn tensor(&mut self, name: &str, kind: u32, dimensions: &[u32]) {
        self.numbers(&[dimensions.len() as u32, name.len() as u32, kind]);
        self.numbers(dimensions);
        self.file.extend(name.bytes());
        for _ in 0..dimensions.iter().product::<u32>() {
            let random = self.random();
            if kind == F16 {
                // Sign and fraction by chance, the exponent of 1/16.
                let bits = (random as u16 & 0x83FF) | (11 << 10);
                self.file.extend(bits.to_le_bytes());
            } else {
                let value = (random % 2000) as f32 / 10_000.0 - 0.1;
                self.file.extend(value.to_le_bytes());
            }
        }
    }

    fn weight_and_bias(&mut self, name: &str, dimensions: &[u32]) {
        self.tensor(&format!("{name}.weight"), F16, dimensions);
        self.tensor(&format!("{name}.bias"), F32, &dimensions[1..]);
    }

    fn norm(&mut self, name: &str) {
        self.tensor(&format!("{name}.weight"), F32, &[STATE]);
        self.tensor(&format!("{name}.bias"), F32, &[STATE]);
    }

    fn attention(&mut self, block: &str, name: &str) {
        self.norm(&format!("{block}.{name}_ln"));
        self.weight_and_bias(&format!("{block}.{name}.query"), &[STATE, STATE]);
        self.tensor(&format!("{block}.{name}.key.weight"), F16, &[STATE, STATE]);
        self.weight_and_bias(&format!("{block}.{name}.value"), &[STATE, STATE]);
        self.weight_and_bias(&format!("{block}.{name}.out"), &[STATE, STATE]);
    }

    fn block(&mut self, block: &str) {
        self.norm(&format!("{block}.mlp_ln"));
        self.weight_and_bias(&format!("{block}.mlp.0"), &[STATE, 4 * STATE]);
        self.weight_and_bias(&format!("{block}.mlp.2"), &[4 * STATE, STATE]);
        self.attention(block, "attn");
    }

    fn convolution(&mut self, name: &str, from: u32) {
        self.tensor(&format!("{name}.weight"), F16, &[3, from, STATE]);
        self.tensor(&format!("{name}.bias"), F32, &[1, STATE]);
    }
}

/// The file.
pub(crate) fn model() -> Vec<u8> {
    let mut to = Writer { file: Vec::new(), state: 7 };
    to.numbers(&[0x6767_6D6C, VOCABULARY, AUDIO_CONTEXT, STATE, HEADS, 1, TEXT_CONTEXT, STATE, HEADS, 1, MELS, F16]);
    to.numbers(&[MELS, FREQUENCIES]);
    for _ in 0..MELS * FREQUENCIES {
        let value = (to.random() % 100) as f32 / 5000.0;
        to.file.extend(value.to_le_bytes());
    }
    to.numbers(&[256]);
    for byte in 0..=255_u8 {
        to.numbers(&[1]);
        to.file.push(byte);
    }
    to.tensor("encoder.positional_embedding", F32, &[STATE, AUDIO_CONTEXT]);
    to.convolution("encoder.conv1", MELS);
    to.convolution("encoder.conv2", STATE);
    to.norm("encoder.ln_post");
    to.block("encoder.blocks.0");
    to.tensor("decoder.positional_embedding", F32, &[STATE, TEXT_CONTEXT]);
    to.tensor("decoder.token_embedding.weight", F16, &[STATE, VOCABULARY]);
    to.norm("decoder.ln");
    to.block("decoder.blocks.0");
    to.attention("decoder.blocks.0", "cross_attn");
    to.file
}
