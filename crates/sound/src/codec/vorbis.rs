//! Whether the setup header of Vorbis asks for sane memory. Its codebooks declare tables of up to 2^40 values
//! in a few bytes, and the decoder allocates what is declared; libvorbis refuses what is refused here.

/// Whether every codebook of a setup header has a table of at most 2^24 values.
pub(crate) fn is_sane(setup: &[u8]) -> bool {
    setup.strip_prefix(b"\x05vorbis").is_some_and(|body| codebooks(&mut Bits { bytes: body, at: 0 }).is_some())
}

fn codebooks(bits: &mut Bits<'_>) -> Option<()> {
    // The tables of all codebooks together.
    let mut values = 0u64;
    for _ in 0..=bits.read(8)? {
        values += codebook(bits)?;
        (values <= 1 << 24).then_some(())?;
    }
    Some(())
}

/// Passes over one codebook (Vorbis I, 3.2.1) and gives the size of its table.
fn codebook(bits: &mut Bits<'_>) -> Option<u64> {
    (bits.read(24)? == 0x0056_4342).then_some(())?;
    let (dimensions, entries) = (bits.read(16)?, bits.read(24)?);
    (width(dimensions) + width(entries) <= 24).then_some(())?;
    lengths(bits, entries)?;
    let values = match bits.read(4)? {
        0 => return Some(u64::from(entries)),
        1 => lattice(entries, dimensions)?,
        2 => entries.checked_mul(dimensions)?,
        _ => return None,
    };
    bits.skip(64)?;
    let each = u64::from(bits.read(4)? + 1);
    bits.skip(1 + u64::from(values) * each)?;
    Some(u64::from(entries) * u64::from(dimensions.max(1)))
}

fn lengths(bits: &mut Bits<'_>, entries: u32) -> Option<()> {
    if bits.read(1)? == 1 {
        bits.skip(5)?;
        let mut entry = 0;
        // Every length may have no entries at most 32 times: there are no longer codes.
        for _ in 0..=32 {
            entry += bits.read(width(entries - entry))?;
            (entry <= entries).then_some(())?;
            if entry == entries {
                return Some(());
            }
        }
        return None;
    }
    if bits.read(1)? == 0 {
        return bits.skip(5 * u64::from(entries));
    }
    for _ in 0..entries {
        if bits.read(1)? == 1 {
            bits.skip(5)?;
        }
    }
    Some(())
}

/// The largest number whose power of `dimensions` is at most `entries`.
fn lattice(entries: u32, dimensions: u32) -> Option<u32> {
    (dimensions > 0).then_some(())?;
    let fits = |side: u32| side.checked_pow(dimensions).is_some_and(|power| power <= entries);
    let mut side = f64::from(entries).powf(1.0 / f64::from(dimensions)) as u32;
    while !fits(side) && side > 0 {
        side -= 1;
    }
    while fits(side + 1) && side < entries {
        side += 1;
    }
    Some(side)
}

/// The bits that a number takes.
fn width(number: u32) -> u32 {
    u32::BITS - number.leading_zeros()
}

/// Bits from the lowest of each byte.
struct Bits<'a> {
    bytes: &'a [u8],
    at: u64,
}

impl Bits<'_> {
    fn read(&mut self, count: u32) -> Option<u32> {
        let mut value = 0;
        for place in 0..count {
            let byte = self.bytes.get(usize::try_from(self.at / 8).ok()?)?;
            value |= u32::from(byte >> (self.at % 8) & 1) << place;
            self.at += 1;
        }
        Some(value)
    }

    fn skip(&mut self, count: u64) -> Option<()> {
        self.at = self.at.checked_add(count)?;
        (self.at <= self.bytes.len() as u64 * 8).then_some(())
    }
}
